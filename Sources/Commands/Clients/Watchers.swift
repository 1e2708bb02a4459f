// WATCH: which clients want to know whether a key has changed. Keys are told apart by their hashes: two keys of one
// hash would only make a transaction fail that need not have.

import Bytes
import Store

/// A key that a client watches.
struct WatchedKey {
  let key: [UInt8]
  /// Whether the key was there when the watch began, so that its expiry is a change.
  let existed: Bool
}

/// By a key's hash, the clients that watch it.
struct Watchers {
  private var slots: [UInt64: [Int]] = [:]

  /// Whether anybody watches anything.
  @inline(__always) var isInUse: Bool { !slots.isEmpty }

  mutating func add(_ hash: UInt64, _ slot: Int) { slots[hash, default: []].append(slot) }

  mutating func remove(_ hash: UInt64, _ slot: Int) {
    guard var rest = slots[hash], let index = rest.firstIndex(of: slot) else { return }
    rest.remove(at: index)
    slots[hash] = rest.isEmpty ? nil : rest
  }

  func slots(of hash: UInt64) -> [Int] { slots[hash] ?? [] }
}

extension CommandExecutor {
  mutating func touchWatched(_ hash: UInt64) {
    for slot in watchers.slots(of: hash) { clients[slot].flags.insert(.watchedKeyChanged) }
  }

  /// Notes that an expired key is gone: no change to those who watch it since it had expired.
  mutating func touchExpired(_ hash: UInt64) {
    for slot in watchers.slots(of: hash) where clients.details(of: slot).watches[hash]?.existed == true {
      clients[slot].flags.insert(.watchedKeyChanged)
    }
  }

  /// Touches every watched key that is there.
  mutating func touchAllWatched() {
    for slot in 0..<clients.touchedCount where clients[slot].flags.contains(.watches) {
      for (hash, watch) in clients.details(of: slot).watches
      where keyspace.contains(watch.key.span, hash: hash, now: now) {
        clients[slot].flags.insert(.watchedKeyChanged)
      }
    }
  }

  mutating func watch(_ key: Span<UInt8>) {
    let hash = keyspace.hash(key)
    let watch = WatchedKey(key: key.copied, existed: keyspace.contains(key, hash: hash, now: now))
    let isNew = clients.withDetails(of: current) { details in
      guard details.watches[hash] == nil else { return false }
      details.watches[hash] = watch
      return true
    }
    guard isNew else { return }
    clients[current].flags.insert(.watches)
    watchers.add(hash, current)
  }

  /// Ends all watches of a client.
  mutating func forgetWatches(of slot: Int) {
    clients[slot].flags.remove(.watchedKeyChanged)
    guard clients[slot].flags.contains(.watches) else { return }
    clients[slot].flags.remove(.watches)
    for hash in clients.details(of: slot).watches.keys { watchers.remove(hash, slot) }
    clients.withDetails(of: slot) { $0.watches = [:] }
  }

  /// Whether a key that the client watches has changed or expired.
  func hasWatchedKeyChanged(_ slot: Int) -> Bool {
    let flags = clients[slot].flags
    if flags.contains(.watchedKeyChanged) { return true }
    guard flags.contains(.watches) else { return false }
    return clients.details(of: slot).watches.contains {
      $1.existed && !keyspace.contains($1.key.span, hash: $0, now: now)
    }
  }
}
