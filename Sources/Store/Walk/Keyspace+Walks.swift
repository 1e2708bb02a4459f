import Bytes

extension Keyspace {
  /// Begins a walk over the keys that there are now; it has to be ended.
  ///
  /// While it is under way, a change to a bucket that it has not visited copies that bucket's keys for it.
  public mutating func beginWalk() throws(StoreError) -> WalkID {
    let walk = SnapshotWalk(
      bucketCount: table.bucketCount, keyCount: count, capturedBytesMax: walks.capturedBytesMax)
    guard let id = walks.begin(walk) else { throw .tooManyWalks }
    return id
  }

  /// Ends a walk, whether it has finished or not.
  public mutating func endWalk(_ id: WalkID) { walks.end(id) }

  /// How many keys a walk reports in all.
  public func walkKeyCount(_ id: WalkID) -> Int { walks.with(id) { $0.keyCount } }

  /// Reports some more keys: visits at most `buckets` buckets, and stops soon after `bytes` bytes of keys.
  ///
  /// A key is lent for the length of the call.
  public mutating func stepWalk(
    _ id: WalkID, buckets: Int, bytes: Int, _ report: (Span<UInt8>) -> Void
  ) -> WalkProgress {
    walks.with(id) { walk in
      if walk.isLost { return .lost }
      var budget = bytes - walk.drain(bytes: bytes, report)
      var visits = buckets
      while walk.next < walk.end, visits > 0, budget > 0 {
        let bucket = walk.next
        if walk.isAhead(bucket) {
          table.prefetchEntries(bucket, memory)
          table.forEachHandle(bucket, memory) { handle in
            let key = Entry(base: memory.address(of: handle)).key
            report(Span(_unsafeElements: key.assumingMemoryBound(to: UInt8.self)))
            walk.reportedCount += 1
            budget -= key.count
          }
        }
        walk.next += 1
        visits -= 1
      }
      guard walk.next == walk.end, walk.isDrained else { return .more }
      precondition(walk.reportedCount == walk.keyCount, "a walk reports each key of its start once")
      return .finished
    }
  }

  /// Gives a bucket's keys to each walk that has yet to visit it, because they are about to change.
  @inline(__always)
  func captureForWalks(bucket: Int) {
    if walks.inUse != 0 { captureForEachWalk(bucket) }
  }

  private func captureForEachWalk(_ bucket: Int) {
    var rest = walks.inUse
    while rest != 0 {
      let place = rest.trailingZeroBitCount
      rest &= rest - 1
      walks.with(place: place) { walk in
        guard walk.isAhead(bucket) else { return }
        walk.mark(bucket)
        table.forEachHandle(bucket, memory) { handle in walk.capture(Entry(base: memory.address(of: handle)).key) }
      }
    }
  }
}
