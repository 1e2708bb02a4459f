// Whole entries in slices, for whoever writes the keyspace down: the cursor is SCAN's, and so is what it promises.

extension Keyspace {
  /// Lends some entries from a cursor on to `body`: key, value, expiry; returns the cursor to go on from, 0 at the end.
  ///
  /// It begins with 0. A key that is there all the time is reported at least once, with the value that it has then.
  /// Stops with the bucket in which it has reported `count` entries or `bytes` bytes of them.
  public func scanEntries(
    cursor: UInt64, count wanted: Int, bytes: Int, now: Int64,
    _ body: (Span<UInt8>, Span<UInt8>, Expiry) -> Void
  ) -> UInt64 {
    guard count > 0 else { return 0 }
    var rest = bytes
    return scanBuckets(cursor: cursor, count: wanted) { bucket in
      var found = 0
      current.table.forEachHandle(bucket, current.memory) { handle in
        let entry = current.entry(handle)
        guard entry.isLive(at: now) else { return }
        let value = UnsafeRawBufferPointer(entry.value)
        body(
          Span(_unsafeElements: entry.key.assumingMemoryBound(to: UInt8.self)),
          Span(_unsafeElements: value.assumingMemoryBound(to: UInt8.self)), entry.deadline.expiry)
        rest -= entry.key.count + value.count
        found += 1
      }
      return rest > 0 ? found : wanted
    }
  }
}
