// All keys and values: a hash table of handles to entries, the memory that both lie in, and the walks that are under
// way. Only one thread may touch it.

public import Bytes

/// A set of keys with a value each.
public struct Keyspace: ~Copyable {
  var memory: SlabAllocator
  var table: HashTable
  var walks: Walks
  let seed: HashSeed
  let pages: PageSource
  private let memoryLimitBytes: UInt64
  /// How many keys there are.
  public private(set) var count = 0
  var entryBytes: UInt64 = 0
  /// Bytes of large entries' blocks, a part of `entryBytes`.
  var outsideBytes = 0

  /// Creates an empty keyspace, which takes one region (2 MiB) of memory.
  ///
  /// - Parameters:
  ///   - seed: the secret of its hash function.
  ///   - pages: where its memory comes from.
  ///   - memoryLimitBytes: what entries and table may use; nil for no bound.
  public init(seed: HashSeed, pages: PageSource, memoryLimitBytes: UInt64? = nil) throws(StoreError) {
    try self.init(
      seed: seed, pages: pages, memoryLimitBytes: memoryLimitBytes,
      capturedBytesMax: StoreLimits.capturedBytesMax)
  }

  /// Creates a keyspace whose walks are lost once so many bytes had to be kept for them.
  init(
    seed: HashSeed, pages: PageSource, memoryLimitBytes: UInt64?, capturedBytesMax: Int
  ) throws(StoreError) {
    var memory = SlabAllocator(pages: pages)
    guard let table = HashTable(&memory) else { throw .outOfMemory }
    self.memory = memory
    self.table = table
    self.seed = seed
    self.pages = pages
    self.memoryLimitBytes = memoryLimitBytes ?? .max
    walks = Walks(capturedBytesMax: capturedBytesMax)
  }

  deinit {
    guard outsideBytes > 0 else { return }
    for index in 0..<table.bucketCount {
      table.forEachHandle(index, memory) { handle in releaseOutside(Entry(base: memory.address(of: handle))) }
    }
  }

  /// What the keyspace's memory goes to.
  public var memoryUse: MemoryUse {
    MemoryUse(
      entryBytes: entryBytes, tableBytes: UInt64(table.bytes),
      heldBytes: UInt64(memory.pool.heldBytes + outsideBytes))
  }

  // MARK: - Reading

  /// The hash of a key, which every other call wants beside it.
  public func hash(_ key: Span<UInt8>) -> UInt64 { seed.hash(key) }

  /// Asks the processor for the bucket that a key of this hash lives in.
  public func prefetchBucket(_ hash: UInt64) { prefetch(table.bucket(table.bucketIndex(hash)).base) }

  /// The value of `key`, or nil; lent until the next change.
  @_lifetime(borrow self)
  public func value(of key: Span<UInt8>, hash: UInt64) -> Span<UInt8>? {
    let place = key.withUnsafeBytes { table.find($0, hash, memory) }
    guard let place else { return nil }
    let bytes = place.entry.value.assumingMemoryBound(to: UInt8.self)
    return _overrideLifetime(Span(_unsafeElements: bytes), borrowing: self)
  }

  /// Whether `key` is there.
  public func contains(_ key: Span<UInt8>, hash: UInt64) -> Bool {
    key.withUnsafeBytes { table.find($0, hash, memory) != nil }
  }

  // MARK: - Changing

  /// Stores `value` under `key`; returns whether the key is new.
  ///
  /// In place if the new entry fits the old one's size of block. A failure leaves everything as it was.
  @discardableResult
  public mutating func set(
    _ key: Span<UInt8>, hash: UInt64, value: Span<UInt8>
  ) throws(StoreError) -> Bool {
    let outcome = key.withUnsafeBytes { keyBytes in
      value.withUnsafeBytes { store(keyBytes, hash, $0) }
    }
    switch outcome {
    case .stored(let isNew): return isNew
    case .refused(let error): throw error
    }
  }

  private enum StoreOutcome {
    case stored(isNew: Bool)
    case refused(StoreError)
  }

  private mutating func store(
    _ key: UnsafeRawBufferPointer, _ hash: UInt64, _ value: UnsafeRawBufferPointer
  ) -> StoreOutcome {
    let newClass = SizeClass.index(for: Entry.blockBytes(keyCount: key.count, valueCount: value.count))
    let newOutside = Entry.outsideBytes(keyCount: key.count, valueCount: value.count)
    let newBytes = SizeClass.blockBytes(newClass) &+ newOutside
    guard let place = table.find(key, hash, memory) else {
      guard hasRoom(for: newBytes) else { return .refused(.memoryLimitReached) }
      captureForWalks(bucket: table.bucketIndex(hash))
      guard let handle = makeEntry(key, value, newClass, newOutside) else { return .refused(.outOfMemory) }
      guard table.insert(handle, hash, &memory) else {
        dropEntry(handle)
        return .refused(.outOfMemory)
      }
      count += 1
      growIfCrowded()
      return .stored(isNew: true)
    }
    let oldClass = SizeClass.index(
      for: Entry.blockBytes(keyCount: key.count, valueCount: place.entry.value.count))
    if newOutside == 0, !place.entry.isLarge, oldClass == newClass {
      place.entry.fill(key: key, value: value)
      return .stored(isNew: false)
    }
    let oldBytes = SizeClass.blockBytes(oldClass) + place.entry.outsideBytes
    guard newBytes <= oldBytes || hasRoom(for: newBytes - oldBytes) else { return .refused(.memoryLimitReached) }
    guard let handle = makeEntry(key, value, newClass, newOutside) else { return .refused(.outOfMemory) }
    let old = place.bucket.handle(at: place.index)
    place.bucket.set(place.index, handle: handle)
    dropEntry(old)
    return .stored(isNew: false)
  }

  /// Removes `key`; returns whether it was there.
  public mutating func remove(_ key: Span<UInt8>, hash: UInt64) -> Bool {
    guard let place = key.withUnsafeBytes({ table.find($0, hash, memory) }) else { return false }
    captureForWalks(bucket: table.bucketIndex(hash))
    let handle = place.bucket.handle(at: place.index)
    table.remove(place, hash, &memory)
    dropEntry(handle)
    count -= 1
    shrinkIfSparse()
    return true
  }

  // MARK: - Size

  private func hasRoom(for more: Int) -> Bool {
    entryBytes + UInt64(table.bytes) + UInt64(more) <= memoryLimitBytes
  }

  private mutating func growIfCrowded() {
    guard count * 2 > table.bucketCount * StoreLimits.keysPerTwoBucketsMax else { return }
    captureForWalks(bucket: table.split)
    table.grow(&memory, seed: seed)
  }

  private mutating func shrinkIfSparse() {
    guard count * 4 < table.bucketCount * StoreLimits.keysPerTwoBucketsMax, let next = table.nextToMerge else { return }
    captureForWalks(bucket: next.stays)
    captureForWalks(bucket: next.goes)
    table.shrink(&memory)
  }

  // MARK: - Entries

  private mutating func makeEntry(
    _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ sizeClass: Int, _ outside: Int
  ) -> BlockHandle? {
    guard let handle = memory.allocate(sizeClass: sizeClass) else { return nil }
    let entry = Entry(base: memory.address(of: handle))
    if outside == 0 {
      entry.fill(key: key, value: value)
    } else {
      guard let block = pages.allocate(outside, 16) else {
        memory.release(handle)
        return nil
      }
      entry.fill(key: key, value: value, outside: block)
      outsideBytes += outside
    }
    entryBytes += UInt64(SizeClass.blockBytes(sizeClass) + outside)
    return handle
  }

  private mutating func dropEntry(_ handle: BlockHandle) {
    let entry = Entry(base: memory.address(of: handle))
    let outside = entry.outsideBytes
    let blockBytes = Entry.blockBytes(keyCount: entry.key.count, valueCount: entry.value.count)
    entryBytes -= UInt64(SizeClass.blockBytes(SizeClass.index(for: blockBytes)) + outside)
    if outside > 0 {
      outsideBytes -= outside
      releaseOutside(entry)
    }
    memory.release(handle)
  }

  private func releaseOutside(_ entry: Entry) {
    if entry.isLarge { pages.release(entry.outside, entry.outsideBytes) }
  }
}
