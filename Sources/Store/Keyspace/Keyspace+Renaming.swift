// Giving a value another key. A large value's block changes hands as it is; a small one is copied, which is cheaper
// than anything else.

import Bytes

extension Keyspace {
  /// Gives the value of `key`, with its expiry, another key, whose own value goes; returns whether `key` is there.
  ///
  /// Both keys are different. O(1) for large values with keys below 8 KiB, else O(length).
  public mutating func rename(
    _ key: Span<UInt8>, hash: UInt64, to newKey: Span<UInt8>, newHash: UInt64, now: Int64
  ) throws(StoreError) -> Bool {
    guard let entry = liveEntry(key, hash, now) else { return false }
    let wasModified = entry.isModified
    let error = newKey.withUnsafeBytes { newKey in
      let canMove = entry.isLarge && !EntrySize.isKeyOutside(key.count) && !EntrySize.isKeyOutside(newKey.count)
      return canMove ? share(entry, with: newKey, newHash, now) : copy(entry, to: newKey, newHash, now)
    }
    if let error { throw error }
    if wasModified { liveEntry(newKey, newHash, now)?.markModified() }
    // The table may have been changed, and may be again.
    if let place = key.withUnsafeBytes({ current.table.find($0, hash, current.memory) }) {
      let sharesOutside = place.entry.isLarge && place.entry.outside == liveEntry(newKey, newHash, now)?.outside
      remove(place, hash, keepsOutside: sharesOutside)
    }
    return true
  }

  private mutating func copy(
    _ entry: Entry, to newKey: UnsafeRawBufferPointer, _ newHash: UInt64, _ now: Int64
  ) -> StoreError? {
    let expiry: ExpiryChange = if case .at(let time) = entry.deadline.expiry { .at(time) } else { .clear }
    switch store(newKey, newHash, UnsafeRawBufferPointer(entry.value), expiry, now) {
    case .stored: return nil
    case .refused(let error): return error
    }
  }

  /// Makes a second entry, of another key, for the block outside of a large one; the first has to be removed, and to
  /// leave the block alone.
  private mutating func share(
    _ entry: Entry, with newKey: UnsafeRawBufferPointer, _ newHash: UInt64, _ now: Int64
  ) -> StoreError? {
    let deadline = entry.deadline
    let newSize = EntrySize(keyCount: newKey.count, hasExpiry: entry.hasExpiry, outsideBytes: entry.outsideBytes)
    let more = newSize.bytes - entry.size.bytes
    guard more <= 0 || hasRoom(for: more) else { return .memoryLimitReached }
    guard let new = current.remakeLargeEntry(entry, key: newKey, deadline: deadline) else { return .outOfMemory }
    if let place = current.table.find(newKey, newHash, current.memory) {
      let old = place.bucket.handle(at: place.index)
      exchange(place, newHash, for: new, now)
      current.dropEntry(old)
      return nil
    }
    captureForWalks(bucket: current.table.bucketIndex(newHash))
    guard current.table.insert(new, newHash, &current.memory) else {
      current.dropBlock(new, newSize.sizeClass)
      return .outOfMemory
    }
    if deadline != .never { wheel.insert(new, now: now, current.memory) }
    current.count += 1
    growIfCrowded()
    return nil
  }
}
