// Memory in extents of 64 KiB, cut from regions of 2 MiB.
//
//     region    ┌──────┬──────┬──────┬─ … ─┬──────┐     32 extents, a bit each in the region's free mask
//               │ slab │ slab │table │     │ free │
//               └──────┴──────┴──────┴─ … ─┴──────┘
//
// Extents are taken from the lowest region that has a free one, so that high regions empty out and can be given back.
// Giving one back takes the kernel 0.2 ms, which a removal should not have to wait for: regions that are wholly free
// are spare, and linked through their first bytes, until `giveBackSpare` is called between requests.

import Bytes

/// Names an extent: its region's number, then 5 bits for its place there.
struct ExtentID: Equatable, BitwiseCopyable {
  let rawValue: UInt32

  @inline(__always) var region: Int { Int(rawValue >> 5) }
  @inline(__always) var place: Int { Int(rawValue & 31) }
}

/// All memory of a store but its large values; gives everything back when it goes.
struct ExtentPool: ~Copyable {
  private let pages: PageSource
  /// By region's number; nil where there is none.
  private(set) var regions: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  /// By region's number; a bit set is a free extent.
  private var freeMasks: UnsafeMutablePointer<UInt32>
  private var capacity = 64
  private var regionCount = 0
  /// No region below this number has a free extent.
  private var lowestFree = 0
  /// No number below this one is without a region.
  private var lowestHole = 0
  private var heldRegionCount = 0
  private(set) var spareRegionCount = 0
  /// The first of the list of spare regions: its number + 1, or 0.
  private var firstSpare = 0

  init(pages: PageSource) {
    self.pages = pages
    regions = .allocate(capacity: capacity)
    regions.initialize(repeating: nil, count: capacity)
    freeMasks = .allocate(capacity: capacity)
    freeMasks.initialize(repeating: 0, count: capacity)
  }

  deinit {
    for region in 0..<regionCount {
      if let block = regions[region] { pages.release(block, StoreLimits.regionBytes) }
    }
    regions.deallocate()
    freeMasks.deallocate()
  }

  /// Bytes of all regions.
  var heldBytes: Int { heldRegionCount * StoreLimits.regionBytes }

  /// Extents in use; O(regions).
  var usedExtentCount: Int {
    (0..<regionCount).reduce(0) { $0 + (regions[$1] == nil ? 0 : 32 - freeMasks[$1].nonzeroBitCount) }
  }

  @inline(__always)
  func address(of extent: ExtentID) -> UnsafeMutableRawPointer {
    regions[extent.region].unsafelyUnwrapped + extent.place * StoreLimits.extentBytes
  }

  /// Takes an extent, its content unspecified; nil if there is no memory.
  mutating func allocate() -> ExtentID? {
    while lowestFree < regionCount, freeMasks[lowestFree] == 0 { lowestFree += 1 }
    if lowestFree == regionCount, !addRegion() { return nil }
    if freeMasks[lowestFree] == UInt32.max { unlinkSpare(lowestFree) }
    let place = freeMasks[lowestFree].trailingZeroBitCount
    freeMasks[lowestFree] &= ~(1 << UInt32(place))
    if freeMasks[lowestFree] == 0, let region = regions[lowestFree] {
      pages.noteFull(region, StoreLimits.regionBytes)
    }
    return ExtentID(rawValue: UInt32(lowestFree << 5 | place))
  }

  /// Takes an extent back.
  mutating func release(_ extent: ExtentID) {
    let region = extent.region
    let bit: UInt32 = 1 << UInt32(extent.place)
    precondition(freeMasks[region] & bit == 0, "an extent is released once")
    freeMasks[region] |= bit
    lowestFree = min(lowestFree, region)
    if freeMasks[region] == UInt32.max { linkSpare(region) }
  }

  /// Gives back a region that is wholly free, unless only those that are to be kept are left; returns whether it did.
  mutating func giveBackSpare() -> Bool {
    guard spareRegionCount > StoreLimits.spareRegionsMax else { return false }
    let region = firstSpare - 1
    unlinkSpare(region)
    pages.release(regions[region].unsafelyUnwrapped, StoreLimits.regionBytes)
    regions[region] = nil
    freeMasks[region] = 0
    lowestHole = min(lowestHole, region)
    heldRegionCount -= 1
    return true
  }

  // MARK: - Spare regions

  /// The links of a spare region, to be read and written only while it is one: numbers + 1, or 0.
  private func links(_ region: Int) -> UnsafeMutablePointer<(next: Int, previous: Int)> {
    regions[region].unsafelyUnwrapped.assumingMemoryBound(to: (next: Int, previous: Int).self)
  }

  private mutating func linkSpare(_ region: Int) {
    links(region).pointee = (next: firstSpare, previous: 0)
    if firstSpare != 0 { links(firstSpare - 1).pointee.previous = region + 1 }
    firstSpare = region + 1
    spareRegionCount += 1
  }

  private mutating func unlinkSpare(_ region: Int) {
    let (next, previous) = links(region).pointee
    if next != 0 { links(next - 1).pointee.previous = previous }
    if previous == 0 { firstSpare = next } else { links(previous - 1).pointee.next = next }
    spareRegionCount -= 1
  }

  /// Ends the process if the spare regions are not those that are wholly free. For tests.
  func checkSpares() {
    var listed = 0
    var next = firstSpare
    while next != 0 {
      precondition(freeMasks[next - 1] == UInt32.max, "a spare region is wholly free")
      listed += 1
      precondition(listed <= regionCount, "the list of spare regions ends")
      next = links(next - 1).pointee.next
    }
    let free = (0..<regionCount).count { regions[$0] != nil && freeMasks[$0] == UInt32.max }
    precondition(listed == free && listed == spareRegionCount, "each wholly free region is spare")
  }

  // MARK: - Regions

  /// Gives back the regions with the highest numbers, at most so many, whatever is in them; returns how many are left.
  ///
  /// Nothing else may be done with the pool from then on.
  mutating func dismantle(regions limit: Int) -> Int {
    var rest = limit
    while rest > 0, regionCount > 0 {
      regionCount -= 1
      guard let block = regions[regionCount] else { continue }
      pages.release(block, StoreLimits.regionBytes)
      regions[regionCount] = nil
      heldRegionCount -= 1
      rest -= 1
    }
    return heldRegionCount
  }

  /// Adds a region under the lowest number without one, and points `lowestFree` to it.
  private mutating func addRegion() -> Bool {
    while lowestHole < regionCount, regions[lowestHole] != nil { lowestHole += 1 }
    let number = lowestHole
    guard number < StoreLimits.regionsMax,
      let block = pages.allocate(StoreLimits.regionBytes, StoreLimits.regionBytes)
    else { return false }
    if number == capacity { growDirectory() }
    regions[number] = block
    freeMasks[number] = UInt32.max
    regionCount = max(regionCount, number + 1)
    heldRegionCount += 1
    linkSpare(number)
    lowestFree = number
    return true
  }

  private mutating func growDirectory() {
    let wider = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: capacity * 2)
    wider.initialize(repeating: nil, count: capacity * 2)
    wider.update(from: regions, count: capacity)
    let widerMasks = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity * 2)
    widerMasks.initialize(repeating: 0, count: capacity * 2)
    widerMasks.update(from: freeMasks, count: capacity)
    regions.deallocate()
    freeMasks.deallocate()
    regions = wider
    freeMasks = widerMasks
    capacity *= 2
  }
}
