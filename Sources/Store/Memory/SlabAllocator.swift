// Blocks of a few to some thousand bytes, without a header each: an extent is a slab of blocks of one size.
//
//     slab      ┌────────┬─────┬─────┬─────┬─ … ─┬─────┬╌╌╌╌╌╌╌╌╌┐
//     64 KiB    │ header │block│free │block│     │block│ never    │
//               │  64 B  │     │  │  │     │     │     │ used yet │
//               └────────┴─────┴──┼──┴─────┴─ … ─┴─────┴╌╌╌╌╌╌╌╌╌┘
//                  freeHead ──────┘  (a free block's first two bytes name the next)
//
// A class keeps a list of its slabs that have room. A slab that empties goes back to the pool at once, where any class
// or the table can have it. One handle refers to each block, so that blocks can be moved.

import Bytes

/// Names a block: its region's number, then 19 bits for its offset there in units of 4 bytes. 0 is no block.
struct BlockHandle: Equatable, BitwiseCopyable {
  let rawValue: UInt64

  @inline(__always) var region: Int { Int(truncatingIfNeeded: rawValue &>> 19) }
  @inline(__always) var offset: Int { Int(truncatingIfNeeded: rawValue & 0x7_FFFF) &<< 2 }
  @inline(__always) var extent: ExtentID {
    ExtentID(rawValue: UInt32(truncatingIfNeeded: rawValue &>> 14))
  }
}

/// Where blocks lie, apart from the allocator, which is too large to be passed along.
struct BlockPlaces {
  let regions: UnsafeMutablePointer<UnsafeMutableRawPointer?>

  @inline(__always)
  func address(of block: BlockHandle) -> UnsafeMutableRawPointer {
    regions[block.region].unsafelyUnwrapped + block.offset
  }
}

/// The first 64 bytes of a slab.
struct SlabHeader {
  static let bytes = 64

  var sizeClass: UInt16
  /// Blocks that the slab has room for, and blocks in use.
  var capacity: UInt16
  var liveCount: UInt16
  /// Offset in units of 4 bytes of the first free block that was used before; 0 if there is none.
  var freeHead: UInt16
  /// Offset in units of 4 bytes of the first block that was never used.
  var untouched: UInt16
  /// Neighbours in the class's list of slabs with room: extent + 1, or 0.
  var next: UInt32
  var previous: UInt32
}

/// Blocks of the size classes.
struct SlabAllocator: ~Copyable {
  var pool: ExtentPool
  /// By class, the first slab with room: extent + 1, or 0.
  private var slabsWithRoom: UnsafeMutablePointer<UInt32>

  init(pages: PageSource) {
    pool = ExtentPool(pages: pages)
    slabsWithRoom = .allocate(capacity: SizeClass.count)
    slabsWithRoom.initialize(repeating: 0, count: SizeClass.count)
  }

  deinit { slabsWithRoom.deallocate() }

  @inline(__always)
  func address(of block: BlockHandle) -> UnsafeMutableRawPointer { places.address(of: block) }

  /// Where blocks lie; valid until the next change.
  @inline(__always)
  var places: BlockPlaces { BlockPlaces(regions: pool.regions) }

  @inline(__always)
  func header(of extent: ExtentID) -> UnsafeMutablePointer<SlabHeader> {
    pool.address(of: extent).assumingMemoryBound(to: SlabHeader.self)
  }

  /// Takes a block of a class, its content unspecified; nil if there is no memory. O(1).
  mutating func allocate(sizeClass: Int) -> BlockHandle? {
    if slabsWithRoom[sizeClass] == 0, !addSlab(sizeClass) { return nil }
    let extent = ExtentID(rawValue: slabsWithRoom[sizeClass] &- 1)
    let slab = header(of: extent)
    let base = UnsafeMutableRawPointer(slab)
    let unit: UInt16
    if slab.pointee.freeHead != 0 {
      unit = slab.pointee.freeHead
      slab.pointee.freeHead = base.load(fromByteOffset: Int(unit) << 2, as: UInt16.self)
    } else {
      unit = slab.pointee.untouched
      slab.pointee.untouched &+= UInt16(truncatingIfNeeded: SizeClass.blockBytes(sizeClass) &>> 2)
    }
    slab.pointee.liveCount &+= 1
    if slab.pointee.liveCount == slab.pointee.capacity { unlink(extent, slab) }
    return BlockHandle(rawValue: UInt64(extent.rawValue) &<< 14 | UInt64(unit))
  }

  /// Gives a block back. O(1).
  mutating func release(_ block: BlockHandle) {
    let extent = block.extent
    let slab = header(of: extent)
    let unit = UInt16(truncatingIfNeeded: block.rawValue & 0x3FFF)
    UnsafeMutableRawPointer(slab).storeBytes(of: slab.pointee.freeHead, toByteOffset: Int(unit) << 2, as: UInt16.self)
    slab.pointee.freeHead = unit
    if slab.pointee.liveCount == slab.pointee.capacity { link(extent, slab) }
    slab.pointee.liveCount &-= 1
    if slab.pointee.liveCount == 0 {
      unlink(extent, slab)
      pool.release(extent)
    }
  }

  private mutating func addSlab(_ sizeClass: Int) -> Bool {
    guard let extent = pool.allocate() else { return false }
    let slab = header(of: extent)
    let blockBytes = SizeClass.blockBytes(sizeClass)
    slab.initialize(
      to: SlabHeader(
        sizeClass: UInt16(sizeClass), capacity: UInt16((StoreLimits.extentBytes - SlabHeader.bytes) / blockBytes),
        liveCount: 0, freeHead: 0, untouched: UInt16(SlabHeader.bytes >> 2), next: 0, previous: 0))
    link(extent, slab)
    return true
  }

  private mutating func link(_ extent: ExtentID, _ slab: UnsafeMutablePointer<SlabHeader>) {
    let sizeClass = Int(slab.pointee.sizeClass)
    let first = slabsWithRoom[sizeClass]
    slab.pointee.next = first
    slab.pointee.previous = 0
    if first != 0 { header(of: ExtentID(rawValue: first - 1)).pointee.previous = extent.rawValue + 1 }
    slabsWithRoom[sizeClass] = extent.rawValue + 1
  }

  private mutating func unlink(_ extent: ExtentID, _ slab: UnsafeMutablePointer<SlabHeader>) {
    let next = slab.pointee.next
    let previous = slab.pointee.previous
    if previous == 0 {
      slabsWithRoom[Int(slab.pointee.sizeClass)] = next
    } else {
      header(of: ExtentID(rawValue: previous - 1)).pointee.next = next
    }
    if next != 0 { header(of: ExtentID(rawValue: next - 1)).pointee.previous = previous }
  }
}
