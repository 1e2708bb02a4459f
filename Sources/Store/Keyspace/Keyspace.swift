// All keys and values: a hash table of handles to entries with the memory that both lie in, the wheel that orders the
// keys that expire, and the walks that are under way. Only one thread may touch it. It knows no clock: `now` is always
// an argument, in milliseconds since 1970. A key whose deadline is at or before `now` is not there for its caller,
// whether its memory has come back or not.

public import Bytes

/// A set of keys with a value each, and a time to expire for some.
public struct Keyspace: ~Copyable {
  /// The keys of now.
  var current: Generation
  /// Those of before `removeAll`, as long as their memory has not gone back; oldest first.
  var detached: [DetachedGeneration] = []
  var wheel = ExpiryWheel()
  var walks: Walks
  /// The secret of its hash function.
  public let seed: HashSeed
  private let pages: PageSource
  /// Large values that are read by replies, or are going back, whatever became of their keys.
  let held: HeldBlocks
  private let inPlace = LentInPlace()
  /// What entries and table may use, in bytes; nil: no bound. What they use already may be more.
  public var memoryLimitBytes: UInt64? {
    get { usedBytesMax == .max ? nil : usedBytesMax }
    set { usedBytesMax = newValue ?? .max }
  }
  private var usedBytesMax: UInt64

  /// Creates an empty keyspace.
  ///
  /// - Parameters:
  ///   - seed: the secret of its hash function.
  ///   - pages: where its memory comes from.
  ///   - memoryLimitBytes: what entries and table may use; nil for no bound.
  public init(seed: HashSeed, pages: PageSource, memoryLimitBytes: UInt64? = nil) throws(StoreError) {
    self.init(
      seed: seed, pages: pages, memoryLimitBytes: memoryLimitBytes,
      capturedBytesMax: StoreLimits.capturedBytesMax)
  }

  /// Creates a keyspace whose walks are lost once so many bytes had to be kept for them.
  init(seed: HashSeed, pages: PageSource, memoryLimitBytes: UInt64?, capturedBytesMax: Int) {
    held = HeldBlocks(pages: pages)
    current = Generation(pages: pages, held: held)
    self.seed = seed
    self.pages = pages
    usedBytesMax = memoryLimitBytes ?? .max
    walks = Walks(capturedBytesMax: capturedBytesMax)
  }

  /// How many keys there are, those that have expired and not been removed yet among them.
  public var count: Int { current.count }

  /// What the keyspace's memory goes to.
  public var memoryUse: MemoryUse {
    let heldBytes = detached.reduce(current.heldBytes + held.droppedBytes) { $0 + $1.generation.heldBytes }
    return MemoryUse(
      entryBytes: current.entryBytes, tableBytes: UInt64(current.table.bytes), heldBytes: UInt64(heldBytes))
  }

  /// The hash of a key, which every other call wants beside it.
  @inlinable @inline(__always)
  public func hash(_ key: Span<UInt8>) -> UInt64 { seed.hash(key) }

  // MARK: - Size

  /// Whether so many bytes more stay within the limit.
  public func hasRoom(for more: Int) -> Bool { current.usedBytes + UInt64(more) <= usedBytesMax }

  /// Bytes that the entry of a new key takes, the table's share left out.
  public static func entryBytes(keyCount: Int, valueCount: Int) -> Int {
    EntrySize(keyCount: keyCount, valueCount: valueCount, hasExpiry: false).bytes
  }

  /// Splits a bucket if there are too many keys for the table.
  mutating func growIfCrowded() {
    guard current.count * 2 > current.table.bucketCount * StoreLimits.keysPerTwoBucketsMax else { return }
    captureForWalks(bucket: current.table.split)
    current.table.grow(&current.memory, seed: seed)
  }

  /// Merges two buckets if there are too few keys for the table.
  mutating func shrinkIfSparse() {
    guard current.count * 4 < current.table.bucketCount * StoreLimits.keysPerTwoBucketsMax,
      let next = current.table.nextToMerge
    else { return }
    captureForWalks(bucket: next.stays)
    captureForWalks(bucket: next.goes)
    current.table.shrink(&current.memory)
  }

  // MARK: - Emptying

  /// Removes all keys at once; O(1).
  ///
  /// Their memory goes back by and by, with `reclaim`. Walks that are under way go on over the keys that they walk.
  public mutating func removeAll() {
    guard count > 0 else { return }
    var old = Generation(pages: pages, held: held)
    swap(&current, &old)
    detached.append(DetachedGeneration(old, walkers: walks.detach()))
    wheel = ExpiryWheel()
  }

  /// Gives memory back that is not needed any more, about two MiB a unit: that of the largest values, of keys that
  /// `removeAll` removed, and regions that emptied. Returns whether there is more that can be given back now.
  ///
  /// What a walk is under way over can be given back when that has ended.
  public mutating func reclaim(units: Int) -> Bool {
    var rest = units
    while rest > 0, held.giveBackSome() { rest -= 1 }
    var index = 0
    while index < detached.count {
      if detached[index].walkers != 0 {
        index += 1
      } else if rest > 0, !detached[index].reclaim(units: &rest) {
        detached.remove(at: index)
      } else {
        return true
      }
    }
    while rest > 0, current.memory.pool.giveBackSpare() { rest -= 1 }
    return held.isGivingBack || current.memory.pool.spareRegionCount > StoreLimits.spareRegionsMax
  }
}
