// Every change to the keyspace goes through here: whoever watches keys, and whoever records changes, sees them all.
// A change is what came of a command, in absolute terms: a key's value and expiry, a key's removal, an end of all keys.

import Bytes
import Store

extension CommandExecutor {
  /// Stores a value; returns whether the key is new.
  @inline(__always)
  @discardableResult
  mutating func set(
    _ key: Span<UInt8>, _ hash: UInt64, _ value: Span<UInt8>, expiry: ExpiryChange = .clear
  ) throws(StoreError) -> Bool {
    let isNew = try keyspace.set(key, hash: hash, value: value, expiry: expiry, now: now)
    changed(hash)
    return isNew
  }

  /// Removes a key; returns whether it was there.
  @inline(__always)
  mutating func remove(_ key: Span<UInt8>, _ hash: UInt64) -> Bool {
    let existed = keyspace.remove(key, hash: hash, now: now)
    if existed { changed(hash) }
    return existed
  }

  /// Gives a key's value, with its expiry, another key; returns whether the key is there.
  mutating func rename(
    _ key: Span<UInt8>, _ hash: UInt64, to newKey: Span<UInt8>, _ newHash: UInt64
  ) throws(StoreError) -> Bool {
    let existed = try keyspace.rename(key, hash: hash, to: newKey, newHash: newHash, now: now)
    if existed {
      changed(newHash)
      changed(hash)
    }
    return existed
  }

  /// Sets or clears a key's expiry; returns whether the key is there.
  mutating func setExpiry(_ key: Span<UInt8>, _ hash: UInt64, _ expiry: Expiry) throws(StoreError) -> Bool {
    let exists = try keyspace.setExpiry(of: key, hash: hash, to: expiry, now: now)
    if exists { changed(hash) }
    return exists
  }

  /// Makes a key's value `count` bytes long, zero-filled where it grows, and lends it to be changed.
  mutating func change(
    _ key: Span<UInt8>, _ hash: UInt64, count: Int, isChange: Bool = true,
    _ body: (inout MutableSpan<UInt8>) -> Void
  ) throws(StoreError) {
    try keyspace.resizeValue(of: key, hash: hash, to: count, now: now)
    _ = keyspace.withMutableValue(of: key, hash: hash, now: now, body)
    if isChange { changed(hash) }
  }

  /// Removes all keys.
  mutating func removeAll() {
    if watchers.isInUse { touchAllWatched() }
    keyspace.removeAll()
  }

  /// Removes keys whose time has come, with at most `limit` units of work.
  public mutating func removeExpired(limit: Int) {
    guard keyspace.volatileCount > 0 else { return }
    var count: UInt64 = 0
    if watchers.isInUse {
      var hashes: [UInt64] = []
      let seed = keyspace.seed
      _ = keyspace.removeExpired(now: now, limit: limit) { key in
        hashes.append(seed.hash(key))
        count += 1
      }
      for hash in hashes { touchExpired(hash) }
    } else {
      _ = keyspace.removeExpired(now: now, limit: limit) { _ in count += 1 }
    }
    statistics.expiredKeys += count
  }

  /// Notes that what a key of this hash holds has changed.
  @inline(__always)
  mutating func changed(_ hash: UInt64) {
    if watchers.isInUse { touchWatched(hash) }
  }
}
