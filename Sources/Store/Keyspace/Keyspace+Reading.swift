extension Keyspace {
  /// The value of `key`, or nil; lent until the next change.
  @_lifetime(borrow self)
  public func value(of key: Span<UInt8>, hash: UInt64, now: Int64) -> Span<UInt8>? {
    guard let entry = liveEntry(key, hash, now) else { return nil }
    let bytes = UnsafeRawBufferPointer(entry.value).assumingMemoryBound(to: UInt8.self)
    return _overrideLifetime(Span(_unsafeElements: bytes), borrowing: self)
  }

  /// Whether `key` is there.
  public func contains(_ key: Span<UInt8>, hash: UInt64, now: Int64) -> Bool { liveEntry(key, hash, now) != nil }

  /// When `key` expires; nil if it is not there.
  public func expiry(of key: Span<UInt8>, hash: UInt64, now: Int64) -> Expiry? {
    liveEntry(key, hash, now)?.deadline.expiry
  }

  /// Whether the value of `key` was changed in place since it was stored.
  public func isModifiedInPlace(_ key: Span<UInt8>, hash: UInt64, now: Int64) -> Bool {
    liveEntry(key, hash, now)?.isModified ?? false
  }

  /// Bytes of memory that `key` takes, with its share of a well filled table; nil if it is not there.
  public func memoryBytes(of key: Span<UInt8>, hash: UInt64, now: Int64) -> Int? {
    liveEntry(key, hash, now).map { $0.size.bytes + Bucket.bytes * 2 / StoreLimits.keysPerTwoBucketsMax + 1 }
  }

  /// Asks the processor for the bucket that a key of this hash lives in.
  public func prefetchBucket(_ hash: UInt64) {
    prefetch(current.table.bucket(current.table.bucketIndex(hash)).base)
  }

  /// Asks the processor for the entry that a key of this hash most likely has; its bucket should be there by now.
  public func prefetchEntry(_ hash: UInt64) {
    guard let handle = current.table.firstCandidate(hash) else { return }
    let address = UnsafeRawPointer(current.memory.address(of: handle))
    prefetch(address)
    // Most entries that are longer than what is left of their first line end in the next.
    prefetch(address + 48)
  }

  @inline(__always)
  func liveEntry(_ key: Span<UInt8>, _ hash: UInt64, _ now: Int64) -> Entry? {
    let place = key.withUnsafeBytes { current.table.find($0, hash, current.memory) }
    guard let place, place.entry.isLive(at: now) else { return nil }
    return place.entry
  }
}
