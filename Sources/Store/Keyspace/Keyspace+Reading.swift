extension Keyspace {
  /// The value of `key`, or nil; lent until the next change.
  @_lifetime(borrow self)
  public func value(of key: Span<UInt8>, hash: UInt64, now: Int64) -> Span<UInt8>? {
    if let entry = key.withUnsafeBytes({ current.table.findPlain($0, hash, current.memory) }) {
      let bytes = entry.plainValue.assumingMemoryBound(to: UInt8.self)
      return _overrideLifetime(Span(_unsafeElements: bytes), borrowing: self)
    }
    return valueElsewhere(key, hash, now)
  }

  /// The value of `key`, wherever and whatever it is.
  @inline(never)
  @_lifetime(borrow self)
  private func valueElsewhere(_ key: Span<UInt8>, _ hash: UInt64, _ now: Int64) -> Span<UInt8>? {
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

  /// Asks the processor for the buckets that keys of these hashes live in, then for the entries that they most likely
  /// have: the buckets are under way together, and so are the entries.
  public func prefetch(_ hashes: Span<UInt64>) {
    withUnsafeTemporaryAllocation(of: Bucket.self, capacity: hashes.count) { buckets in
      for index in hashes.indices {
        let bucket = current.table.bucket(current.table.bucketIndex(hashes[index]))
        Store.prefetch(bucket.base)
        buckets[index] = bucket
      }
      for index in hashes.indices {
        let bucket = buckets[index]
        guard let slot = bucket.firstMatch(Bucket.tag(hashes[index])) else { continue }
        let address = UnsafeRawPointer(current.memory.address(of: bucket.handle(at: slot)))
        Store.prefetch(address)
        // Most entries that are longer than what is left of their first line end in the next.
        Store.prefetch(address + 48)
      }
    }
  }

  @inline(__always)
  func liveEntry(_ key: Span<UInt8>, _ hash: UInt64, _ now: Int64) -> Entry? {
    let place = key.withUnsafeBytes { current.table.find($0, hash, current.memory) }
    guard let place, place.entry.isLive(at: now) else { return nil }
    return place.entry
  }
}
