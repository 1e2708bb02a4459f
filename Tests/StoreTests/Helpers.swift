import Bytes
import Synchronization
import TestSupport

@testable import Store

let testSeed = HashSeed(0x1234_5678_9ABC_DEF1, 0x0FED_CBA9_8765_4321, 0x1357_9BDF_0246_8ACF, 0xA5A5_5A5A_C3C3_3C3C)

/// A keyspace that tests call with arrays; a class, so that expectations can hold it.
final class Subject {
  var keyspace: Keyspace
  /// What time it is for every call.
  var now: Int64 = 0

  init(
    seed: HashSeed = testSeed, pages: PageSource = .heap, memoryLimitBytes: UInt64? = nil,
    capturedBytesMax: Int = StoreLimits.capturedBytesMax
  ) {
    keyspace = Keyspace(
      seed: seed, pages: pages, memoryLimitBytes: memoryLimitBytes, capturedBytesMax: capturedBytesMax)
  }

  var count: Int { keyspace.count }
  var bucketCount: Int { keyspace.current.table.bucketCount }
  var memoryUse: MemoryUse { keyspace.memoryUse }
  func checkInvariants() { keyspace.checkInvariants() }

  @discardableResult
  func put(_ key: [UInt8], _ value: [UInt8], _ expiry: ExpiryChange = .clear) throws(StoreError) -> Bool {
    let hash = keyspace.hash(key.span)
    return try keyspace.set(key.span, hash: hash, value: value.span, expiry: expiry, now: now)
  }

  func get(_ key: [UInt8]) -> [UInt8]? { Self.get(key, keyspace, now) }

  private static func get(_ key: [UInt8], _ keyspace: borrowing Keyspace, _ now: Int64) -> [UInt8]? {
    guard let value = keyspace.value(of: key.span, hash: keyspace.hash(key.span), now: now) else { return nil }
    return value.copied
  }

  @discardableResult
  func delete(_ key: [UInt8]) -> Bool {
    let hash = keyspace.hash(key.span)
    return keyspace.remove(key.span, hash: hash, now: now)
  }

  func expiry(_ key: [UInt8]) -> Expiry? { keyspace.expiry(of: key.span, hash: keyspace.hash(key.span), now: now) }

  func contains(_ key: [UInt8]) -> Bool { keyspace.contains(key.span, hash: keyspace.hash(key.span), now: now) }

  func memoryBytes(_ key: [UInt8]) -> Int? {
    keyspace.memoryBytes(of: key.span, hash: keyspace.hash(key.span), now: now)
  }

  func isModified(_ key: [UInt8]) -> Bool {
    keyspace.isModifiedInPlace(key.span, hash: keyspace.hash(key.span), now: now)
  }

  func randomKey(_ random: UInt64) -> [UInt8]? {
    var found: [UInt8]?
    let isThere = keyspace.randomKey(random, now: now) { found = $0.copied }
    return isThere ? found : nil
  }

  func scan(_ cursor: UInt64, count: Int) -> (cursor: UInt64, keys: [[UInt8]]) {
    var keys: [[UInt8]] = []
    let next = keyspace.scan(cursor: cursor, count: count, now: now) { keys.append($0.copied) }
    return (next, keys)
  }

  func nextWork() -> Int64? { keyspace.nextExpiryWork(now: now) }

  @discardableResult
  func expire(_ key: [UInt8], _ expiry: Expiry) throws(StoreError) -> Bool {
    let hash = keyspace.hash(key.span)
    return try keyspace.setExpiry(of: key.span, hash: hash, to: expiry, now: now)
  }

  func resize(_ key: [UInt8], _ count: Int) throws(StoreError) {
    let hash = keyspace.hash(key.span)
    try keyspace.resizeValue(of: key.span, hash: hash, to: count, now: now)
  }

  /// Makes every byte of a value another; returns whether the key is there.
  func fill(_ key: [UInt8], _ byte: UInt8) -> Bool {
    let hash = keyspace.hash(key.span)
    return keyspace.withMutableValue(of: key.span, hash: hash, now: now) { value in
      for index in 0..<value.count { value[index] = byte }
      return true
    } ?? false
  }

  /// Removes some of what has expired; returns the units that it took, and the keys.
  func removeExpired(limit: Int) -> (units: Int, keys: [[UInt8]]) {
    var keys: [[UInt8]] = []
    let units = keyspace.removeExpired(now: now, limit: limit) { keys.append($0.copied) }
    return (units, keys)
  }

  /// Gives a value another key.
  func rename(_ key: [UInt8], _ newKey: [UInt8]) throws(StoreError) -> Bool {
    let hash = keyspace.hash(key.span)
    let newHash = keyspace.hash(newKey.span)
    return try keyspace.rename(key.span, hash: hash, to: newKey.span, newHash: newHash, now: now)
  }

  func hold(_ key: [UInt8]) -> HeldValue? {
    keyspace.holdValue(of: key.span, hash: keyspace.hash(key.span), now: now)
  }

  func value(of held: HeldValue) -> [UInt8] { Self.value(of: held, keyspace) }

  private static func value(of held: HeldValue, _ keyspace: borrowing Keyspace) -> [UInt8] {
    keyspace.value(of: held).copied
  }

  func letGo(_ held: HeldValue) { keyspace.letGo(held) }

  func reclaim(units: Int = 1) -> Bool { keyspace.reclaim(units: units) }

  func beginWalk() throws(StoreError) -> WalkID { try keyspace.beginWalk(now: now) }
  func endWalk(_ id: WalkID) { keyspace.endWalk(id) }

  /// One step of a walk, and the keys that it reported.
  func stepWalk(_ id: WalkID, buckets: Int, bytes: Int) -> (WalkProgress, [[UInt8]]) {
    var keys: [[UInt8]] = []
    let progress = keyspace.stepWalk(id, buckets: buckets, bytes: bytes) { keys.append($0.copied) }
    return (progress, keys)
  }

  /// Runs a walk to its end, and returns its keys; nil if it was lost.
  func finishWalk(_ id: WalkID) -> [[UInt8]]? {
    var keys: [[UInt8]] = []
    while true {
      let (progress, more) = stepWalk(id, buckets: 100, bytes: 1 << 20)
      keys += more
      switch progress {
      case .more: continue
      case .finished: return keys
      case .lost: return nil
      }
    }
  }
}

/// The 16 bytes of a numbered key.
func key(_ number: Int) -> [UInt8] {
  var digits = Array("key:000000000000".utf8)
  var rest = number
  var index = 15
  while rest > 0 {
    digits[index] = UInt8(ascii: "0") + UInt8(rest % 10)
    rest /= 10
    index -= 1
  }
  return digits
}

/// A source of memory that counts what it is asked for, and what of it is held.
final class Counter: Sendable {
  private let allocations = Mutex(0)
  private let held = Mutex(0)

  /// How many blocks were asked for.
  var count: Int { allocations.withLock { $0 } }

  /// How many bytes have not been given back.
  var heldBytes: Int { held.withLock { $0 } }

  /// A source whose blocks can be made shorter.
  var shrinkingPages: PageSource {
    let pages = pages
    return PageSource(
      allocate: pages.allocate, release: pages.release,
      shorten: { [self] _, byteCount, newCount in held.withLock { $0 -= byteCount - newCount } })
  }

  var pages: PageSource {
    PageSource(
      allocate: { [self] byteCount, alignment in
        allocations.withLock { $0 += 1 }
        held.withLock { $0 += byteCount }
        return PageSource.heap.allocate(byteCount, alignment)
      },
      release: { [self] block, byteCount in
        held.withLock { $0 -= byteCount }
        PageSource.heap.release(block, byteCount)
      })
  }
}
