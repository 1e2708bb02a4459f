// Changing values where they are.

extension Keyspace {
  /// Makes the value of `key` so long; what is added is zero. An absent key is created; an old one keeps its expiry.
  ///
  /// In place if the block allows, and nobody holds the value. A large value that outgrows its block gets one with room
  /// for a quarter more, so that appending is amortised O(1) a byte.
  public mutating func resizeValue(
    of key: Span<UInt8>, hash: UInt64, to count: Int, now: Int64
  ) throws(StoreError) {
    precondition(count >= 0, "a length is not negative")
    guard count <= StoreLimits.valueBytesMax else { throw .outOfMemory }
    if let error = key.withUnsafeBytes({ resize($0, hash, count, now) }) { throw error }
  }

  /// Lends the value of `key` to be changed in place; nil if it is not there.
  ///
  /// Nobody may hold it: `resizeValue`, to the length that it has if to no other, makes sure of that.
  public mutating func withMutableValue<Result>(
    of key: Span<UInt8>, hash: UInt64, now: Int64, _ body: (inout MutableSpan<UInt8>) -> Result
  ) -> Result? {
    guard let entry = liveEntry(key, hash, now) else { return nil }
    precondition(!isHeld(entry), "a value is copied before it is changed while it is held")
    entry.markModified()
    var span = MutableSpan(_unsafeElements: entry.value.assumingMemoryBound(to: UInt8.self))
    return body(&span)
  }

  private mutating func resize(
    _ key: UnsafeRawBufferPointer, _ hash: UInt64, _ count: Int, _ now: Int64
  ) -> StoreError? {
    let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    guard let place = current.table.find(key, hash, current.memory) else {
      switch insert(key, hash, nothing, valueCount: count, deadline: .never, now) {
      case .stored: break
      case .refused(let error): return error
      }
      markModified(key, hash)
      return nil
    }
    let entry = place.entry
    guard entry.isLive(at: now) else {
      if let error = replace(place, hash, nothing, valueCount: count, deadline: .never, now) { return error }
      markModified(key, hash)
      return nil
    }
    if fitsInPlace(entry, count) {
      entry.setValueCount(count)
      entry.markModified()
      return nil
    }
    // Room to grow is asked for first, but nothing is refused for want of it.
    let slack = count > entry.value.count ? count / 4 : 0
    var error = move(place, hash, count, slack: slack, now)
    if error != nil, slack > 0 { error = move(place, hash, count, slack: 0, now) }
    if error == nil { markModified(key, hash) }
    return error
  }

  /// Whether somebody reads a large value as it is.
  func isHeld(_ entry: Entry) -> Bool { entry.isLarge && current.outside.isHeld(entry.outside) }

  /// Whether a value of so many bytes is to stay in its block: because it fits, leaves no more than half unused, and
  /// nobody holds it as it is.
  private func fitsInPlace(_ entry: Entry, _ count: Int) -> Bool {
    guard !isHeld(entry) else { return false }
    let size = EntrySize(keyCount: entry.key.count, valueCount: count, hasExpiry: entry.hasExpiry)
    let old = entry.size
    guard old.isLarge else { return size == old }
    return size.isLarge && size.outsideBytes <= old.outsideBytes && size.outsideBytes >= old.outsideBytes / 2
  }

  /// Copies a value to a block where it has room for `count` bytes.
  private mutating func move(
    _ place: TableSlot, _ hash: UInt64, _ count: Int, slack: Int, _ now: Int64
  ) -> StoreError? {
    let entry = place.entry
    let size = EntrySize(keyCount: entry.key.count, valueCount: count, hasExpiry: entry.hasExpiry, slack: slack)
    guard entry.isLarge, size.isLarge else {
      return replace(
        place, hash, UnsafeRawBufferPointer(entry.value), valueCount: count, deadline: entry.deadline, slack: slack, now
      )
    }
    let more = size.outsideBytes - entry.outsideBytes
    guard more <= 0 || hasRoom(for: more) else { return .memoryLimitReached }
    return current.replaceOutside(of: entry, valueCount: count, byteCount: size.outsideBytes) ? nil : .outOfMemory
  }

  private func markModified(_ key: UnsafeRawBufferPointer, _ hash: UInt64) {
    current.table.find(key, hash, current.memory)?.entry.markModified()
  }
}
