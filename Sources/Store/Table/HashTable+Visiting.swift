extension HashTable {
  /// Calls `body` with the handle of each entry in a bucket's chain.
  @inline(__always)
  func forEachHandle(_ index: Int, _ memory: borrowing SlabAllocator, _ body: (BlockHandle) -> Void) {
    var bucket = bucket(index)
    while true {
      for slot in 0..<bucket.occupiedCount { body(bucket.handle(at: slot)) }
      guard let link = bucket.link else { return }
      bucket = Bucket(base: memory.address(of: link))
    }
  }

  /// Asks the processor for the entries of a bucket, and for the next bucket.
  func prefetchEntries(_ index: Int, _ memory: borrowing SlabAllocator) {
    if index + 1 < bucketCount { prefetch(bucket(index + 1).base) }
    forEachHandle(index, memory) { prefetch(memory.address(of: $0)) }
  }
}
