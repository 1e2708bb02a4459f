// All keys between one emptying of the keyspace and the next: their table, and the memory that it and the entries lie
// in. Nothing in it refers to anything outside, so that it can be set aside as a whole, and its regions given back
// without a look at what is in them.

import Bytes

/// A table of keys and the memory that it lives in.
struct Generation: ~Copyable {
  var memory: SlabAllocator
  var table: HashTable
  var outside: OutsideBlocks
  /// How many keys there are.
  var count = 0
  private(set) var entryBytes: UInt64 = 0

  /// Creates an empty one, which takes no region yet.
  init(pages: PageSource, held: HeldBlocks) {
    memory = SlabAllocator(pages: pages)
    table = HashTable()
    outside = OutsideBlocks(pages: pages, held: held)
  }

  deinit {
    guard outside.bytes > 0 else { return }
    var outside = outside
    for bucket in 0..<table.bucketCount {
      table.forEachHandle(bucket, memory) { handle in
        let entry = Entry(base: memory.address(of: handle))
        if entry.isLarge { outside.release(entry.outside, entry.outsideBytes) }
      }
    }
  }

  /// What entries and table use.
  var usedBytes: UInt64 { entryBytes + UInt64(table.bytes) }

  /// All memory that is held, free blocks and extents included.
  var heldBytes: Int { memory.pool.heldBytes + outside.bytes + HashTable.firstSegmentBytes }

  @inline(__always)
  func entry(_ handle: BlockHandle) -> Entry { Entry(base: memory.address(of: handle)) }

  // MARK: - Entries

  /// Makes an entry whose value is zero from the end of `value` to its own; nil if there is no memory.
  mutating func makeEntry(
    _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, valueCount: Int, deadline: Deadline, size: EntrySize
  ) -> BlockHandle? {
    guard let handle = memory.allocate(sizeClass: size.sizeClass) else { return nil }
    let entry = entry(handle)
    if !size.isLarge {
      entry.fill(key: key, value: value, valueCount: valueCount, deadline: deadline)
    } else {
      guard let block = outside.allocate(size.outsideBytes) else {
        memory.release(handle)
        return nil
      }
      Entry.fillOutside(block, size.outsideBytes, key: key, value: value, valueCount: valueCount)
      entry.fill(key: key, outside: block, deadline: deadline)
    }
    entryBytes += UInt64(size.bytes)
    return handle
  }

  /// Makes an entry with another key or deadline for the outside block of a large one; nil if there is no memory.
  ///
  /// Both keys lie in the slabs, or they are the same. The old entry is to be dropped with `dropBlock`.
  mutating func remakeLargeEntry(
    _ old: Entry, key: UnsafeRawBufferPointer, deadline: Deadline
  ) -> BlockHandle? {
    let size = EntrySize(keyCount: key.count, hasExpiry: deadline != .never, outsideBytes: old.outsideBytes)
    guard let handle = memory.allocate(sizeClass: size.sizeClass) else { return nil }
    entry(handle).fill(key: key, outside: old.outside, deadline: deadline)
    entryBytes += UInt64(SizeClass.blockBytes(size.sizeClass))
    return handle
  }

  /// Gives a large entry a longer block outside, its value zero from the end of the old one; false if there is no
  /// memory.
  mutating func replaceOutside(of entry: Entry, valueCount: Int, byteCount: Int) -> Bool {
    guard let block = outside.allocate(byteCount) else { return false }
    Entry.fillOutside(
      block, byteCount, key: entry.key, value: UnsafeRawBufferPointer(entry.value), valueCount: valueCount)
    let old = entry.outsideBytes
    outside.release(entry.outside, old)
    entry.setOutside(block)
    entryBytes = entryBytes + UInt64(byteCount) - UInt64(old)
    return true
  }

  /// Gives back all that an entry takes.
  mutating func dropEntry(_ handle: BlockHandle) {
    let entry = entry(handle)
    let size = entry.size
    if size.isLarge {
      entryBytes -= UInt64(size.outsideBytes)
      outside.release(entry.outside, size.outsideBytes)
    }
    dropBlock(handle, size.sizeClass)
  }

  /// Gives back an entry's block in its slab.
  mutating func dropBlock(_ handle: BlockHandle, _ sizeClass: Int) {
    entryBytes -= UInt64(SizeClass.blockBytes(sizeClass))
    memory.release(handle)
  }

  /// Gives back the large values of a bucket until the budget of bytes is spent, and leaves empty ones; returns whether
  /// that was all of them.
  mutating func releaseOutside(bucket: Int, _ budget: inout Int) -> Bool {
    table.prefetchEntries(bucket, memory)
    var isDone = true
    table.forEachHandle(bucket, memory) { handle in
      let entry = Entry(base: memory.address(of: handle))
      guard entry.isLarge else { return }
      guard budget > 0 else {
        isDone = false
        return
      }
      let bytes = entry.outsideBytes
      outside.release(entry.outside, bytes)
      entry.fill(
        key: UnsafeRawBufferPointer(start: nil, count: 0), value: UnsafeRawBufferPointer(start: nil, count: 0),
        valueCount: 0, deadline: .never)
      budget -= bytes
    }
    return isDone
  }
}
