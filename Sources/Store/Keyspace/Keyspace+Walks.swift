import Bytes

extension Keyspace {
  /// Begins a walk over the keys that are there at `now`; it has to be ended.
  ///
  /// While it is under way, a change to a bucket that it has not visited copies that bucket's keys for it.
  public mutating func beginWalk(now: Int64) throws(StoreError) -> WalkID {
    let expired = wheel.dueCount(by: now, entriesMax: StoreLimits.walkExpiredMax, current.memory)
    let walk = SnapshotWalk(
      bucketCount: current.table.bucketCount, keyCount: expired.map { count - $0 }, now: now,
      capturedBytesMax: walks.capturedBytesMax)
    guard let id = walks.begin(walk) else { throw .tooManyWalks }
    return id
  }

  /// How many more walks can begin now.
  public var freeWalkCount: Int { StoreLimits.walksMax - walks.inUse.nonzeroBitCount }

  /// Ends a walk, whether it has finished or not.
  public mutating func endWalk(_ id: WalkID) {
    if !walks.isCurrent(id) { walked(by: id)?.walkers &= ~id.bit }
    walks.end(id)
  }

  /// How many keys a walk reports in all; nil if more keys had expired and not been removed at its start than could be
  /// counted.
  public func walkKeyCount(_ id: WalkID) -> Int? { walks.with(id) { $0.keyCount } }

  /// Reports some more keys: visits at most `buckets` buckets, and stops soon after `bytes` bytes of keys.
  ///
  /// A key is lent for the length of the call.
  public mutating func stepWalk(
    _ id: WalkID, buckets: Int, bytes: Int, _ report: (Span<UInt8>) -> Void
  ) -> WalkProgress {
    if walks.isCurrent(id) {
      return walks.with(id) { Self.step(&$0, current, buckets: buckets, bytes: bytes, report) }
    }
    guard let walked = walked(by: id) else { preconditionFailure("what a walk is under way over is kept") }
    return walks.with(id) { Self.step(&$0, walked.generation, buckets: buckets, bytes: bytes, report) }
  }

  private func walked(by id: WalkID) -> DetachedGeneration? { detached.first { $0.walkers & id.bit != 0 } }

  private static func step(
    _ walk: inout SnapshotWalk, _ generation: borrowing Generation, buckets: Int, bytes: Int,
    _ report: (Span<UInt8>) -> Void
  ) -> WalkProgress {
    if walk.isLost { return .lost }
    var budget = bytes - walk.drain(bytes: bytes, report)
    var visits = buckets
    while walk.next < walk.end, visits > 0, budget > 0 {
      let bucket = walk.next
      if walk.isAhead(bucket) {
        generation.table.prefetchEntries(bucket, generation.memory)
        generation.table.forEachHandle(bucket, generation.memory) { handle in
          let entry = Entry(base: generation.memory.address(of: handle))
          guard entry.isLive(at: walk.now) else { return }
          report(Span(_unsafeElements: entry.key.assumingMemoryBound(to: UInt8.self)))
          walk.reportedCount += 1
          budget -= entry.key.count
        }
      }
      walk.next += 1
      visits -= 1
    }
    guard walk.next == walk.end, walk.isDrained else { return .more }
    precondition(
      walk.reportedCount == walk.keyCount ?? walk.reportedCount, "a walk reports each key of its start once")
    return .finished
  }

  // MARK: - Capturing

  /// Gives a bucket's keys to each walk that has yet to visit it, because they are about to change.
  @inline(__always)
  mutating func captureForWalks(bucket: Int) {
    if walks.current != 0 { captureForEachWalk(bucket) { _ in true } }
  }

  /// Gives the keys of a hash's bucket to each walk that has yet to visit it, and for which one of these would come or
  /// go because its deadline is about to change.
  @inline(__always)
  mutating func captureForWalks(_ hash: UInt64, from old: Deadline, to new: Deadline) {
    guard walks.current != 0, old != new else { return }
    captureForEachWalk(current.table.bucketIndex(hash)) { old.isAhead(of: $0) != new.isAhead(of: $0) }
  }

  private func captureForEachWalk(_ bucket: Int, where isConcerned: (_ now: Int64) -> Bool) {
    var rest = walks.current
    while rest != 0 {
      let place = rest.trailingZeroBitCount
      rest &= rest - 1
      walks.with(place: place) { walk in
        guard walk.isAhead(bucket), isConcerned(walk.now) else { return }
        walk.mark(bucket)
        current.table.forEachHandle(bucket, current.memory) { handle in
          let entry = current.entry(handle)
          if entry.isLive(at: walk.now) { walk.capture(entry.key) }
        }
      }
    }
  }
}
