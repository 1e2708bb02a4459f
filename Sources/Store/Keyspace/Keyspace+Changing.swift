// Storing and removing. Every function checks for room and takes all memory that it needs before it changes anything,
// so that a failure leaves everything as it was.

extension Keyspace {
  /// Stores `value` under `key`; returns whether the key is new, which it is too if an old one has expired.
  ///
  /// In place if the new entry fits the old one's block.
  @discardableResult
  public mutating func set(
    _ key: Span<UInt8>, hash: UInt64, value: Span<UInt8>, expiry: ExpiryChange = .clear, now: Int64
  ) throws(StoreError) -> Bool {
    if case .clear = expiry, let entry = key.withUnsafeBytes({ current.table.findPlain($0, hash, current.memory) }),
      entry.plainValue.count == value.count
    {
      value.withUnsafeBytes { entry.setPlainValue($0) }
      return false
    }
    return try setElsewhere(key, hash, value, expiry, now)
  }

  /// The same, wherever and whatever the key's entry is.
  @inline(never)
  private mutating func setElsewhere(
    _ key: Span<UInt8>, _ hash: UInt64, _ value: Span<UInt8>, _ expiry: ExpiryChange, _ now: Int64
  ) throws(StoreError) -> Bool {
    let outcome = key.withUnsafeBytes { key in
      value.withUnsafeBytes { store(key, hash, $0, expiry, now) }
    }
    switch outcome {
    case .stored(let isNew): return isNew
    case .refused(let error): throw error
    }
  }

  /// Removes `key`; returns whether it was there. One that has expired is removed too, but was not there.
  public mutating func remove(_ key: Span<UInt8>, hash: UInt64, now: Int64) -> Bool {
    guard let place = key.withUnsafeBytes({ current.table.find($0, hash, current.memory) }) else { return false }
    let wasLive = place.entry.isLive(at: now)
    remove(place, hash)
    return wasLive
  }

  /// Removes an entry; the block outside of a large one too, unless another entry has it already.
  mutating func remove(_ place: TableSlot, _ hash: UInt64, keepsOutside: Bool = false) {
    captureForWalks(bucket: current.table.bucketIndex(hash))
    let handle = place.bucket.handle(at: place.index)
    if place.entry.hasExpiry { wheel.remove(handle, current.memory) }
    current.table.remove(place, hash, &current.memory)
    if keepsOutside {
      current.dropBlock(handle, place.entry.size.sizeClass)
    } else {
      current.dropEntry(handle)
    }
    current.count -= 1
    shrinkIfSparse()
  }

  // MARK: - Storing

  enum StoreOutcome {
    case stored(isNew: Bool)
    case refused(StoreError)
  }

  mutating func store(
    _ key: UnsafeRawBufferPointer, _ hash: UInt64, _ value: UnsafeRawBufferPointer, _ expiry: ExpiryChange,
    _ now: Int64
  ) -> StoreOutcome {
    guard let place = current.table.find(key, hash, current.memory) else {
      return insert(key, hash, value, valueCount: value.count, deadline: Deadline(ofNewKey: expiry), now)
    }
    let entry = place.entry
    if case .clear = expiry, entry.isPlain, entry.hasRoom(forPlain: value.count) {
      entry.setPlainValue(value)
      return .stored(isNew: false)
    }
    let wasLive = entry.isLive(at: now)
    let deadline: Deadline
    switch expiry {
    case .clear: deadline = .never
    case .keep: deadline = wasLive ? entry.deadline : .never
    case .at(let time): deadline = Deadline(clamping: time)
    }
    if let error = replace(place, hash, value, valueCount: value.count, deadline: deadline, now) {
      return .refused(error)
    }
    return .stored(isNew: !wasLive)
  }

  /// Adds a key that is not there.
  mutating func insert(
    _ key: UnsafeRawBufferPointer, _ hash: UInt64, _ value: UnsafeRawBufferPointer, valueCount: Int,
    deadline: Deadline, _ now: Int64
  ) -> StoreOutcome {
    let size = EntrySize(keyCount: key.count, valueCount: valueCount, hasExpiry: deadline != .never)
    guard hasRoom(for: size.bytes) else { return .refused(.memoryLimitReached) }
    captureForWalks(bucket: current.table.bucketIndex(hash))
    guard
      let handle = current.makeEntry(key, value, valueCount: valueCount, deadline: deadline, size: size)
    else { return .refused(.outOfMemory) }
    guard current.table.insert(handle, hash, &current.memory) else {
      current.dropEntry(handle)
      return .refused(.outOfMemory)
    }
    if deadline != .never { wheel.insert(handle, now: now, current.memory) }
    current.count += 1
    growIfCrowded()
    return .stored(isNew: true)
  }

  /// Gives a key a new value and a new deadline; returns why it could not.
  ///
  /// The value may be a part of the old one. In place if the entry's block is as large as the new one would be, and
  /// nobody holds it: fresh memory for a large value costs the kernel as much as the copying.
  mutating func replace(
    _ place: TableSlot, _ hash: UInt64, _ value: UnsafeRawBufferPointer, valueCount: Int, deadline: Deadline,
    slack: Int = 0, _ now: Int64
  ) -> StoreError? {
    let entry = place.entry
    let key = entry.key
    let oldSize = entry.size
    let newSize = EntrySize(
      keyCount: key.count, valueCount: valueCount, hasExpiry: deadline != .never, slack: slack)
    let isInPlace = newSize == oldSize && entry.hasExpiry == (deadline != .never) && !isHeld(entry)
    guard isInPlace || newSize.bytes <= oldSize.bytes || hasRoom(for: newSize.bytes - oldSize.bytes) else {
      return .memoryLimitReached
    }
    let old = place.bucket.handle(at: place.index)
    guard !isInPlace else {
      guard entry.deadline != deadline else {
        entry.refill(value: value, valueCount: valueCount, deadline: deadline)
        return nil
      }
      captureForWalks(hash, from: entry.deadline, to: deadline)
      wheel.remove(old, current.memory)
      entry.refill(value: value, valueCount: valueCount, deadline: deadline)
      wheel.insert(old, now: now, current.memory)
      return nil
    }
    guard let new = current.makeEntry(key, value, valueCount: valueCount, deadline: deadline, size: newSize) else {
      return .outOfMemory
    }
    exchange(place, hash, for: new, now)
    current.dropEntry(old)
    return nil
  }

  /// Hangs a new entry of the same key into the place of an old one, which is the caller's from then on.
  mutating func exchange(_ place: TableSlot, _ hash: UInt64, for new: BlockHandle, _ now: Int64) {
    let deadline = current.entry(new).deadline
    captureForWalks(hash, from: place.entry.deadline, to: deadline)
    if place.entry.hasExpiry { wheel.remove(place.bucket.handle(at: place.index), current.memory) }
    place.bucket.set(place.index, handle: new)
    if deadline != .never { wheel.insert(new, now: now, current.memory) }
  }
}
