import Bytes

extension Keyspace {
  /// Ends the process with a message if anything about the keyspace does not add up.
  ///
  /// For tests: O(keys), and as much memory again. It looks at every entry for its bucket, its tag and its block, and
  /// counts keys, bytes, blocks, slabs and extents anew.
  public func checkInvariants() {
    var recount = Recount()
    for index in 0..<table.bucketCount { checkChain(index, &recount) }
    precondition(recount.keys == count, "\(recount.keys) keys are found, \(count) are counted")
    precondition(
      recount.entryBytes == entryBytes, "entries take \(recount.entryBytes) bytes, \(entryBytes) are counted")
    precondition(recount.outsideBytes == outsideBytes, "large blocks' bytes are counted right")
    precondition(recount.overflow == table.overflowCount, "overflow buckets are counted right")
    let slabs = checkSlabs(recount)
    precondition(
      memory.pool.usedExtentCount == slabs + table.segmentCount, "each extent in use is a slab or a segment")
    precondition(
      table.segmentCount * HashTable.bucketsPerSegment >= table.bucketCount, "each bucket lies in a segment")
  }

  private struct Recount {
    var keys = 0
    var entryBytes: UInt64 = 0
    var outsideBytes = 0
    var overflow = 0
    /// By extent's number, the blocks that something refers to.
    var blocks: [UInt32: Set<UInt64>] = [:]

    mutating func add(_ block: BlockHandle) {
      let isNew = blocks[block.extent.rawValue, default: []].insert(block.rawValue).inserted
      precondition(isNew, "one pointer refers to each block")
    }
  }

  private func checkChain(_ index: Int, _ recount: inout Recount) {
    var bucket = table.bucket(index)
    while true {
      let occupied = bucket.occupiedCount
      for slot in 0..<Bucket.slotCount {
        precondition((bucket.tag(at: slot) != 0) == (slot < occupied), "a bucket fills from its first slot")
      }
      for slot in 0..<occupied { checkEntry(bucket, slot, index, &recount) }
      guard let link = bucket.link else { return }
      precondition(occupied == Bucket.slotCount, "only a chain's last bucket has empty slots")
      recount.add(link)
      recount.overflow += 1
      bucket = Bucket(base: memory.address(of: link))
      precondition(bucket.occupiedCount > 0, "an overflow bucket is not empty")
    }
  }

  private func checkEntry(_ bucket: Bucket, _ slot: Int, _ index: Int, _ recount: inout Recount) {
    let handle = bucket.handle(at: slot)
    let entry = Entry(base: memory.address(of: handle))
    let hash = seed.hash(Span(_unsafeElements: entry.key.assumingMemoryBound(to: UInt8.self)))
    precondition(bucket.tag(at: slot) == Bucket.tag(hash), "a tag is its key's")
    precondition(table.bucketIndex(hash) == index, "a key lies in its bucket")
    recount.add(handle)
    recount.keys += 1
    let sizeClass = SizeClass.index(
      for: Entry.blockBytes(keyCount: entry.key.count, valueCount: entry.value.count))
    precondition(memory.header(of: handle.extent).pointee.sizeClass == sizeClass, "a block is of its entry's size")
    recount.entryBytes += UInt64(SizeClass.blockBytes(sizeClass) + entry.outsideBytes)
    recount.outsideBytes += entry.outsideBytes
  }

  /// Checks each slab that holds a block that is referred to, and returns how many there are.
  private func checkSlabs(_ recount: Recount) -> Int {
    for (extent, blocks) in recount.blocks {
      let slab = memory.header(of: ExtentID(rawValue: extent)).pointee
      let blockBytes = SizeClass.blockBytes(Int(slab.sizeClass))
      precondition(Int(slab.liveCount) == blocks.count, "a slab counts the blocks in use")
      let used = (Int(slab.untouched) * 4 - SlabHeader.bytes) / blockBytes
      var free = 0
      var unit = slab.freeHead
      while unit != 0 {
        free += 1
        precondition(free <= Int(slab.capacity), "a list of free blocks ends")
        unit = memory.pool.address(of: ExtentID(rawValue: extent)).load(fromByteOffset: Int(unit) << 2, as: UInt16.self)
      }
      precondition(used == blocks.count + free, "a block is in use, or in the list of free ones")
    }
    return recount.blocks.count
  }
}
