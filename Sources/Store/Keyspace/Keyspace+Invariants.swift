import Bytes

extension Keyspace {
  /// Ends the process with a message if anything about the keyspace does not add up.
  ///
  /// For tests: O(keys), and as much memory again. It looks at every entry for its bucket, its tag, its block and its
  /// place in the wheel, and counts keys, bytes, blocks, slabs and extents anew.
  public func checkInvariants() {
    let recount = Recount.check(current, seed)
    var volatile = recount.volatile
    var entryBlocks: Set<UInt>? = recount.outside
    precondition(volatile.count == wheel.count, "\(volatile.count) keys have an expiry, \(wheel.count) are counted")
    wheel.check(current.memory) { handle in
      precondition(volatile.remove(handle.rawValue) != nil, "the wheel names each entry with an expiry once")
    }
    var walkers = walks.current
    for old in detached {
      precondition(walkers & old.walkers == 0, "a walk is over one set of keys")
      walkers |= old.walkers
      if old.isWhole {
        entryBlocks?.formUnion(Recount.check(old.generation, seed).outside)
      } else {
        entryBlocks = nil
      }
    }
    precondition(walkers == walks.inUse, "each walk is over some set of keys")
    held.check(entryBlocks: entryBlocks)
  }
}

/// What a generation holds, counted anew.
private struct Recount {
  private var keys = 0
  private var entryBytes: UInt64 = 0
  private var outsideBytes = 0
  private var overflow = 0
  /// By extent's number, the blocks that something refers to.
  private var blocks: [UInt32: Set<UInt64>] = [:]
  /// The blocks of entries with an expiry.
  private(set) var volatile: Set<UInt64> = []
  /// The addresses of large entries' blocks outside.
  private(set) var outside: Set<UInt> = []

  /// Checks a generation.
  static func check(_ generation: borrowing Generation, _ seed: HashSeed) -> Recount {
    let table = generation.table.bucketCount
    var recount = Recount()
    for index in 0..<table { recount.addChain(index, generation, seed) }
    precondition(recount.keys == generation.count, "\(recount.keys) keys are found, \(generation.count) are counted")
    precondition(
      recount.entryBytes == generation.entryBytes,
      "entries take \(recount.entryBytes) bytes, \(generation.entryBytes) are counted")
    precondition(recount.outsideBytes == generation.outside.bytes, "large blocks' bytes are counted right")
    precondition(recount.overflow == generation.table.overflowCount, "overflow buckets are counted right")
    let slabs = recount.checkSlabs(generation)
    precondition(
      generation.memory.pool.usedExtentCount == slabs + generation.table.segmentCount - 1,
      "each extent in use is a slab or a segment")
    generation.memory.pool.checkSpares()
    precondition(
      generation.table.segmentCount * HashTable.bucketsPerSegment >= table, "each bucket lies in a segment")
    return recount
  }

  private mutating func add(_ block: BlockHandle) {
    let isNew = blocks[block.extent.rawValue, default: []].insert(block.rawValue).inserted
    precondition(isNew, "one pointer refers to each block")
  }

  private mutating func addChain(_ index: Int, _ generation: borrowing Generation, _ seed: HashSeed) {
    var bucket = generation.table.bucket(index)
    while true {
      let occupied = bucket.occupiedCount
      for slot in 0..<Bucket.slotCount {
        precondition((bucket.tag(at: slot) != 0) == (slot < occupied), "a bucket fills from its first slot")
      }
      for slot in 0..<occupied { addEntry(bucket, slot, index, generation, seed) }
      guard let link = bucket.link else { return }
      precondition(occupied == Bucket.slotCount, "only a chain's last bucket has empty slots")
      add(link)
      overflow += 1
      bucket = Bucket(base: generation.memory.address(of: link))
      precondition(bucket.occupiedCount > 0, "an overflow bucket is not empty")
    }
  }

  private mutating func addEntry(
    _ bucket: Bucket, _ slot: Int, _ index: Int, _ generation: borrowing Generation, _ seed: HashSeed
  ) {
    let handle = bucket.handle(at: slot)
    let entry = generation.entry(handle)
    let hash = seed.hash(Span(_unsafeElements: entry.key.assumingMemoryBound(to: UInt8.self)))
    precondition(bucket.tag(at: slot) == Bucket.tag(hash), "a tag is its key's")
    precondition(generation.table.bucketIndex(hash) == index, "a key lies in its bucket")
    add(handle)
    keys += 1
    if entry.hasExpiry { volatile.insert(handle.rawValue) }
    let size = entry.size
    precondition(
      generation.memory.header(of: handle.extent).pointee.sizeClass == size.sizeClass, "a block is of its entry's size")
    if size.isLarge {
      let keyOutside = EntrySize.isKeyOutside(entry.key.count) ? entry.key.count : 0
      let needed = Entry.outsideHeaderBytes + keyOutside + entry.value.count
      precondition(needed <= size.outsideBytes, "a large entry fits its block outside")
      precondition(outside.insert(UInt(bitPattern: entry.outside)).inserted, "one entry refers to each block outside")
    }
    entryBytes += UInt64(size.bytes)
    outsideBytes += size.outsideBytes
  }

  /// Checks each slab that holds a block that is referred to, and returns how many there are.
  private func checkSlabs(_ generation: borrowing Generation) -> Int {
    for (extent, blocks) in blocks {
      let slab = generation.memory.header(of: ExtentID(rawValue: extent)).pointee
      let blockBytes = SizeClass.blockBytes(Int(slab.sizeClass))
      precondition(Int(slab.liveCount) == blocks.count, "a slab counts the blocks in use")
      let used = (Int(slab.untouched) * 4 - SlabHeader.bytes) / blockBytes
      var free = 0
      var unit = slab.freeHead
      while unit != 0 {
        free += 1
        precondition(free <= Int(slab.capacity), "a list of free blocks ends")
        unit = generation.memory.pool.address(of: ExtentID(rawValue: extent))
          .load(fromByteOffset: Int(unit) << 2, as: UInt16.self)
      }
      precondition(used == blocks.count + free, "a block is in use, or in the list of free ones")
    }
    return blocks.count
  }
}
