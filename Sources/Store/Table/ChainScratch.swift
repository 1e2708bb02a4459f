/// Where the entries of a bucket's chain are put down while buckets are split or merged.
///
/// The chain's overflow buckets are used again: splitting n entries never needs more of them than there were, so it
/// cannot fail for lack of memory.
struct ChainScratch {
  private struct Item {
    let tag: UInt8
    let handle: BlockHandle
    var goes = false
  }

  private var items: [Item] = []
  private var spare: [BlockHandle] = []

  /// Adds an overflow bucket to those that `put` may use.
  mutating func addSpare(_ block: BlockHandle) { spare.append(block) }

  /// Takes up the entries and the overflow buckets of a chain.
  mutating func take(_ first: Bucket, _ memory: borrowing SlabAllocator) {
    var bucket = first
    while true {
      for slot in 0..<bucket.occupiedCount {
        items.append(Item(tag: bucket.tag(at: slot), handle: bucket.handle(at: slot)))
      }
      guard let link = bucket.link else { return }
      spare.append(link)
      bucket = Bucket(base: memory.address(of: link))
    }
  }

  /// Marks the entries that go to another bucket, as `goes` decides by their key.
  mutating func mark(_ memory: borrowing SlabAllocator, goes: (UnsafeRawBufferPointer) -> Bool) {
    for item in items { prefetch(memory.address(of: item.handle)) }
    for index in items.indices { items[index].goes = goes(Entry(base: memory.address(of: items[index].handle)).key) }
  }

  /// Lays a bucket's chain out anew with the entries that go, or with those that do not.
  mutating func put(goes: Bool, into first: Bucket, _ memory: borrowing SlabAllocator) {
    var bucket = first
    bucket.clear()
    var slot = 0
    for item in items where item.goes == goes {
      if slot == Bucket.slotCount {
        guard let overflow = spare.popLast() else { preconditionFailure("a chain's buckets suffice for its entries") }
        bucket.setLink(overflow)
        bucket = Bucket(base: memory.address(of: overflow))
        bucket.clear()
        slot = 0
      }
      bucket.set(slot, tag: item.tag, handle: item.handle)
      slot += 1
    }
  }

  /// Forgets the entries, and frees the overflow buckets that are left over; returns how many those are.
  mutating func finish(_ memory: inout SlabAllocator) -> Int {
    let leftOver = spare.count
    for block in spare { memory.release(block) }
    spare.removeAll(keepingCapacity: true)
    items.removeAll(keepingCapacity: true)
    return leftOver
  }
}
