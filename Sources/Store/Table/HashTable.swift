// Linear hashing (Litwin, Linear Hashing: A New Tool for File and Table Addressing, VLDB 1980): a table that grows and
// shrinks by one bucket at a time, so that no insert ever waits for a rehash.
//
//     buckets    0 … split−1 │ split … mask │ mask+1 … mask+split
//                already     │ not yet      │ the other halves of
//                split       │              │ those that were
//
// A key lives in bucket `hash & mask`, or, if that one has been split in this round, in `hash & (2·mask + 1)`. Growing
// splits bucket `split` in two; when all of a round are split, the mask takes one more bit. Shrinking is the same
// backwards. The unsplit buckets of a round hold twice as much as the split ones: what does not fit a bucket's ten
// slots goes to overflow buckets chained behind it. A chain is compact: only its last bucket has empty slots.
//
// Buckets lie in segments of 1024, an extent each, found through a directory: growing moves nothing but one bucket. The
// first segment is the table's own, so that an empty table can be had whatever the state of memory.

import Bytes

/// Where an entry hangs in the table; valid until the next change.
struct TableSlot {
  let bucket: Bucket
  let index: Int
  let entry: Entry
}

/// The buckets and how to find a key's; the blocks that they name are the caller's.
struct HashTable: ~Copyable {
  static let bucketsPerSegment = StoreLimits.extentBytes / Bucket.bytes
  static let firstSegmentBytes = StoreLimits.extentBytes

  private var segments: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private var segmentExtents: UnsafeMutablePointer<ExtentID>
  private var directoryCapacity = 16
  private(set) var segmentCount = 1
  private(set) var mask = UInt64(bucketsPerSegment - 1)
  /// Buckets split in this round; also the one that `grow` splits next.
  private(set) var split = 0
  private(set) var overflowCount = 0
  private var scratch = ChainScratch()

  /// Creates a table of one segment.
  init() {
    segments = .allocate(capacity: directoryCapacity)
    segmentExtents = .allocate(capacity: directoryCapacity)
    segmentExtents.initialize(repeating: ExtentID(rawValue: 0), count: 1)
    let first = UnsafeMutableRawPointer.allocate(byteCount: Self.firstSegmentBytes, alignment: Bucket.bytes)
    first.initializeMemory(as: UInt8.self, repeating: 0, count: Self.firstSegmentBytes)
    segments.initialize(to: first)
  }

  deinit {
    segments[0].deallocate()
    segments.deallocate()
    segmentExtents.deallocate()
  }

  /// How many buckets there are, overflow buckets not counted.
  @inline(__always)
  var bucketCount: Int { Int(truncatingIfNeeded: mask) &+ 1 &+ split }

  /// Bytes of segments, overflow buckets and directory.
  var bytes: Int {
    segmentCount * StoreLimits.extentBytes + overflowCount * Bucket.bytes
      + directoryCapacity * (MemoryLayout<UnsafeMutableRawPointer>.stride + MemoryLayout<ExtentID>.stride)
  }

  /// The number of the bucket in which a key of this hash lives.
  @inline(__always)
  func bucketIndex(_ hash: UInt64) -> Int {
    let index = Int(truncatingIfNeeded: hash & mask)
    return index < split ? Int(truncatingIfNeeded: hash & (mask &<< 1 | 1)) : index
  }

  @inline(__always)
  func bucket(_ index: Int) -> Bucket {
    let segment = segments[index &>> 10]
    return Bucket(base: segment + (index & (Self.bucketsPerSegment &- 1)) &* Bucket.bytes)
  }

  /// Finds the entry of `key`; two cache misses if it is there and the table is cold.
  @inline(__always)
  func find(_ key: UnsafeRawBufferPointer, _ hash: UInt64, _ memory: borrowing SlabAllocator) -> TableSlot? {
    Self.findAnywhere(bucket(bucketIndex(hash)), key, Bucket.tag(hash), memory.places)
  }

  /// The entry of `key` if it is the first one with the right tag, is plain, and has a short key, as nearly all are:
  /// told without a call.
  @inline(__always)
  func findPlain(_ key: UnsafeRawBufferPointer, _ hash: UInt64, _ memory: borrowing SlabAllocator) -> Entry? {
    let bucket = bucket(bucketIndex(hash))
    guard let slot = bucket.firstMatch(Bucket.tag(hash)) else { return nil }
    let entry = Entry(base: memory.address(of: bucket.handle(at: slot)))
    return entry.isPlain(withShortKey: key) ? entry : nil
  }

  /// Finds the entry of `key` in a bucket or those that are chained behind it.
  @inline(never)
  private static func findAnywhere(
    _ first: Bucket, _ key: UnsafeRawBufferPointer, _ tag: UInt8, _ places: BlockPlaces
  ) -> TableSlot? {
    var bucket = first
    while true {
      var matches = bucket.lowMatches(tag)
      while matches != 0 {
        let slot = matches.trailingZeroBitCount &>> 3
        let entry = Entry(base: places.address(of: bucket.handle(at: slot)))
        if entry.hasKey(key) { return TableSlot(bucket: bucket, index: slot, entry: entry) }
        matches &= matches &- 1
      }
      matches = bucket.highMatches(tag)
      while matches != 0 {
        let slot = 8 &+ matches.trailingZeroBitCount &>> 3
        let entry = Entry(base: places.address(of: bucket.handle(at: slot)))
        if entry.hasKey(key) { return TableSlot(bucket: bucket, index: slot, entry: entry) }
        matches &= matches &- 1
      }
      guard let link = bucket.link else { return nil }
      bucket = Bucket(base: places.address(of: link))
    }
  }

  /// Finds the entry that lies in a block; it has to be there.
  func find(_ handle: BlockHandle, _ hash: UInt64, _ memory: borrowing SlabAllocator) -> TableSlot {
    var bucket = bucket(bucketIndex(hash))
    while true {
      for slot in 0..<bucket.occupiedCount where bucket.handle(at: slot) == handle {
        return TableSlot(bucket: bucket, index: slot, entry: Entry(base: memory.address(of: handle)))
      }
      guard let link = bucket.link else { preconditionFailure("an entry hangs in its bucket") }
      bucket = Bucket(base: memory.address(of: link))
    }
  }

  /// Hangs a new entry in; false if there is no memory for an overflow bucket.
  mutating func insert(_ handle: BlockHandle, _ hash: UInt64, _ memory: inout SlabAllocator) -> Bool {
    var bucket = bucket(bucketIndex(hash))
    while true {
      if let slot = bucket.emptySlot {
        bucket.set(slot, tag: Bucket.tag(hash), handle: handle)
        return true
      }
      if let link = bucket.link {
        bucket = Bucket(base: memory.address(of: link))
      } else {
        guard let overflow = memory.allocate(sizeClass: Self.overflowClass) else { return false }
        overflowCount += 1
        bucket.setLink(overflow)
        bucket = Bucket(base: memory.address(of: overflow))
        bucket.clear()
      }
    }
  }

  /// Takes an entry out; its place is filled by the last of the chain, and an overflow bucket that empties is freed.
  mutating func remove(_ place: TableSlot, _ hash: UInt64, _ memory: inout SlabAllocator) {
    var before: Bucket?
    var last = bucket(bucketIndex(hash))
    while let link = last.link {
      before = last
      last = Bucket(base: memory.address(of: link))
    }
    let lastSlot = last.occupiedCount - 1
    place.bucket.set(place.index, tag: last.tag(at: lastSlot), handle: last.handle(at: lastSlot))
    last.empty(lastSlot)
    if lastSlot == 0, let before, let link = before.link {
      before.setLink(nil)
      memory.release(link)
      overflowCount -= 1
    }
  }

  private static let overflowClass = SizeClass.index(for: Bucket.bytes)

  // MARK: - Growing and shrinking

  /// The two buckets that `shrink` would merge: the one that stays, and the last one. Nil at the smallest size.
  var nextToMerge: (stays: Int, goes: Int)? {
    guard bucketCount > Self.bucketsPerSegment else { return nil }
    let goes = bucketCount - 1
    return (split == 0 ? goes - (Int(mask) + 1) / 2 : split - 1, goes)
  }

  /// Splits one bucket; does nothing if there is no memory for a new segment. O(keys of the bucket).
  mutating func grow(_ memory: inout SlabAllocator, seed: HashSeed) {
    let added = bucketCount
    if added / Self.bucketsPerSegment == segmentCount, !addSegment(&memory) { return }
    let bit = mask + 1
    scratch.take(bucket(split), memory)
    scratch.mark(memory) { key in
      seed.hash(Span(_unsafeElements: key.assumingMemoryBound(to: UInt8.self))) & bit != 0
    }
    scratch.put(goes: false, into: bucket(split), memory)
    scratch.put(goes: true, into: bucket(added), memory)
    overflowCount -= scratch.finish(&memory)
    split += 1
    if split == Int(bit) {
      mask = mask << 1 | 1
      split = 0
    }
  }

  /// Merges the last bucket into the one that it was split from; does nothing if there is no memory for an overflow
  /// bucket. O(keys of both).
  mutating func shrink(_ memory: inout SlabAllocator) {
    guard let (stays, goes) = nextToMerge else { return }
    let kept = chain(stays, memory)
    let moved = chain(goes, memory)
    let needed = (kept.entries + moved.entries + Bucket.slotCount - 1) / Bucket.slotCount - 1
    if needed > kept.overflow + moved.overflow {
      guard let extra = memory.allocate(sizeClass: Self.overflowClass) else { return }
      overflowCount += 1
      scratch.addSpare(extra)
    }
    scratch.take(bucket(stays), memory)
    scratch.take(bucket(goes), memory)
    scratch.put(goes: false, into: bucket(stays), memory)
    overflowCount -= scratch.finish(&memory)
    if split == 0 {
      mask >>= 1
      split = Int(mask) + 1
    }
    split -= 1
    if bucketCount % Self.bucketsPerSegment == 0 { removeSegment(&memory) }
  }

  /// How many entries and overflow buckets a bucket's chain has.
  private func chain(_ index: Int, _ memory: borrowing SlabAllocator) -> (entries: Int, overflow: Int) {
    var bucket = bucket(index)
    var entries = bucket.occupiedCount
    var overflow = 0
    while let link = bucket.link {
      bucket = Bucket(base: memory.address(of: link))
      entries += bucket.occupiedCount
      overflow += 1
    }
    return (entries, overflow)
  }

  private mutating func addSegment(_ memory: inout SlabAllocator) -> Bool {
    guard let extent = memory.pool.allocate() else { return false }
    if segmentCount == directoryCapacity { growDirectory() }
    let segment = memory.pool.address(of: extent)
    segment.initializeMemory(as: UInt8.self, repeating: 0, count: StoreLimits.extentBytes)
    segments[segmentCount] = segment
    segmentExtents[segmentCount] = extent
    segmentCount += 1
    return true
  }

  private mutating func removeSegment(_ memory: inout SlabAllocator) {
    segmentCount -= 1
    memory.pool.release(segmentExtents[segmentCount])
  }

  private mutating func growDirectory() {
    let wider = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(capacity: directoryCapacity * 2)
    wider.update(from: segments, count: segmentCount)
    let widerExtents = UnsafeMutablePointer<ExtentID>.allocate(capacity: directoryCapacity * 2)
    widerExtents.update(from: segmentExtents, count: segmentCount)
    segments.deallocate()
    segmentExtents.deallocate()
    segments = wider
    segmentExtents = widerExtents
    directoryCapacity *= 2
  }
}
