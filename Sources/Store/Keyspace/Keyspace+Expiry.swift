extension Keyspace {
  /// How many keys have an expiry, those that have expired and not been removed yet among them.
  public var volatileCount: Int { wheel.count }

  /// For how much longer keys with an expiry live on average, in milliseconds; 0 if there are none.
  public func meanTimeToLive(now: Int64) -> Int64 { wheel.count == 0 ? 0 : max(0, wheel.meanDeadline - now) }

  /// Changes when `key` expires; returns whether it is there.
  @discardableResult
  public mutating func setExpiry(
    of key: Span<UInt8>, hash: UInt64, to expiry: Expiry, now: Int64
  ) throws(StoreError) -> Bool {
    guard let place = key.withUnsafeBytes({ current.table.find($0, hash, current.memory) }),
      place.entry.isLive(at: now)
    else { return false }
    if let error = setDeadline(place, hash, Deadline(expiry), now) { throw error }
    return true
  }

  private mutating func setDeadline(
    _ place: TableSlot, _ hash: UInt64, _ deadline: Deadline, _ now: Int64
  ) -> StoreError? {
    let entry = place.entry
    let wasModified = entry.isModified
    guard entry.hasExpiry != (deadline != .never) else {
      guard entry.deadline != deadline else { return nil }
      captureForWalks(hash, from: entry.deadline, to: deadline)
      let handle = place.bucket.handle(at: place.index)
      wheel.remove(handle, current.memory)
      entry.setDeadline(deadline)
      wheel.insert(handle, now: now, current.memory)
      return nil
    }
    if entry.isLarge {
      let old = place.bucket.handle(at: place.index)
      let oldSize = entry.size
      let newSize = EntrySize(
        keyCount: entry.key.count, hasExpiry: deadline != .never, outsideBytes: oldSize.outsideBytes)
      let more = newSize.bytes - oldSize.bytes
      guard more <= 0 || hasRoom(for: more) else { return .memoryLimitReached }
      guard let new = current.remakeLargeEntry(entry, key: entry.key, deadline: deadline) else { return .outOfMemory }
      exchange(place, hash, for: new, now)
      current.dropBlock(old, oldSize.sizeClass)
    } else {
      let value = UnsafeRawBufferPointer(entry.value)
      if let error = replace(place, hash, value, valueCount: value.count, deadline: deadline, now) { return error }
    }
    if wasModified { current.entry(place.bucket.handle(at: place.index)).markModified() }
    return nil
  }

  /// Removes keys whose time has come; `report` is lent each one before it goes.
  ///
  /// A key that is removed, or moved within the wheel, takes a unit of work; stops after `limit` units. Returns how
  /// many it took.
  public mutating func removeExpired(now: Int64, limit: Int, _ report: (Span<UInt8>) -> Void) -> Int {
    var units = limit
    while let handle = wheel.next(dueBy: now, units: &units, current.memory) {
      let key = Span(_unsafeElements: current.entry(handle).key.assumingMemoryBound(to: UInt8.self))
      report(key)
      let hash = seed.hash(key)
      remove(current.table.find(handle, hash, current.memory), hash)
      units -= 1
    }
    return limit - units
  }

  /// When `removeExpired` has something to do next, in milliseconds since 1970; nil if no key has an expiry.
  ///
  /// A key that has expired may have to wait for up to a tick of the wheel, 64 ms.
  public func nextExpiryWork(now: Int64) -> Int64? { wheel.nextWork().map { max($0, now) } }
}
