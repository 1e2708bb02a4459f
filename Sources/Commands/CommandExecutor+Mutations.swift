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
    if log.isOn { recordSet(key, hash, value, expiry) }
    return isNew
  }

  /// Removes a key; returns whether it was there.
  @inline(__always)
  mutating func remove(_ key: Span<UInt8>, _ hash: UInt64) -> Bool {
    let count = keyspace.count
    let existed = keyspace.remove(key, hash: hash, now: now)
    if existed { changed(hash) }
    if log.isOn, keyspace.count != count { recordRemoval(key, hash, wasVisible: existed) }
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
      if log.isOn { recordRenaming(key, hash, to: newKey, newHash) }
    }
    return existed
  }

  /// Sets or clears a key's expiry; returns whether the key is there.
  mutating func setExpiry(_ key: Span<UInt8>, _ hash: UInt64, _ expiry: Expiry) throws(StoreError) -> Bool {
    let exists = try keyspace.setExpiry(of: key, hash: hash, to: expiry, now: now)
    if exists { changed(hash) }
    if exists, log.isOn { recordExpiry(key, hash) }
    return exists
  }

  /// Makes a key's value `count` bytes long, zero-filled where it grows, and lends it to be changed within `part`.
  mutating func change(
    _ key: Span<UInt8>, _ hash: UInt64, count: Int, part: Range<Int>, isChange: Bool = true,
    _ body: (inout MutableSpan<UInt8>) -> Void
  ) throws(StoreError) {
    let isNew = log.isOn && !keyspace.contains(key, hash: hash, now: now)
    try keyspace.resizeValue(of: key, hash: hash, to: count, now: now)
    _ = keyspace.withMutableValue(of: key, hash: hash, now: now, body)
    guard isChange else { return }
    changed(hash)
    if log.isOn { recordPatch(key, hash, part, isNew: isNew) }
  }

  /// Removes all keys.
  mutating func removeAll() {
    if watchers.isInUse { touchAllWatched() }
    keyspace.removeAll()
    if log.isOn { recordFlush() }
  }

  /// Removes keys whose time has come, with at most `limit` units of work.
  public mutating func removeExpired(limit: Int) {
    guard keyspace.volatileCount > 0 else { return }
    var count: UInt64 = 0
    var hashes: [UInt64] = []
    let seed = keyspace.seed
    let areWatched = watchers.isInUse
    let now = now
    Self.removeExpired(from: &keyspace, now: now, limit: limit, log: &log) { key in
      if areWatched { hashes.append(seed.hash(key)) }
      count += 1
    }
    for hash in hashes { touchExpired(hash) }
    statistics.expiredKeys += count
  }

  private static func removeExpired(
    from keyspace: inout Keyspace, now: Int64, limit: Int, log: inout MutationLog, _ report: (Span<UInt8>) -> Void
  ) {
    _ = keyspace.removeExpired(now: now, limit: limit) { key in
      if log.isOn { log.delete(key, isUrgent: false, now: now) }
      report(key)
    }
  }

  /// Notes that what a key of this hash holds has changed.
  @inline(__always)
  mutating func changed(_ hash: UInt64) {
    if watchers.isInUse { touchWatched(hash) }
  }
}
