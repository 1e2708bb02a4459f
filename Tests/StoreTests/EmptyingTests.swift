import Bytes
import Synchronization
import TestSupport
import Testing

@testable import Store

@Suite struct EmptyingTests {
  @Test func `emptying takes no memory and gives all back in slices`() throws {
    let held = Mutex(0)
    let isEmpty = Mutex(false)
    let pages = PageSource(
      allocate: { byteCount, alignment in
        if isEmpty.withLock({ $0 }) { return nil }
        held.withLock { $0 += byteCount }
        return PageSource.heap.allocate(byteCount, alignment)
      },
      release: { block, byteCount in
        held.withLock { $0 -= byteCount }
        PageSource.heap.release(block, byteCount)
      })
    let keyspace = Subject(pages: pages)
    let emptyUse = keyspace.memoryUse
    for number in 0..<60_000 {
      try keyspace.put(
        key(number), Array(repeating: 1, count: number % 500 == 0 ? 30_000 : 100), number % 3 == 0 ? .at(50) : .clear)
    }
    let full = held.withLock { $0 }
    isEmpty.withLock { $0 = true }
    keyspace.keyspace.removeAll()
    #expect(held.withLock { $0 } == full)
    #expect(keyspace.count == 0 && keyspace.keyspace.volatileCount == 0 && keyspace.nextWork() == nil)
    #expect(keyspace.memoryUse.usedBytes == emptyUse.usedBytes)
    #expect(keyspace.get(key(1)) == nil)
    #expect(throws: StoreError.outOfMemory) { try keyspace.put(key(1), [1]) }
    isEmpty.withLock { $0 = false }
    for number in 0..<1_000 { try keyspace.put(key(number), [2], .at(80)) }
    keyspace.checkInvariants()
    var slices = 0
    while true {
      let before = held.withLock { $0 }
      let hasMore = keyspace.reclaim()
      #expect(before - held.withLock { $0 } <= StoreLimits.regionBytes + 30_100)
      slices += 1
      guard hasMore else { break }
      if slices == 5 { keyspace.checkInvariants() }
    }
    #expect(slices > 5)
    #expect(keyspace.get(key(7)) == [2])
    #expect(keyspace.memoryUse.heldBytes == emptyUse.heldBytes + UInt64(StoreLimits.regionBytes))
    keyspace.checkInvariants()
  }

  @Test func `all memory goes back when the keyspace goes, whatever was given back of what it held before`() throws {
    let source = Counter()
    for slices in 0..<30 {
      do {
        let keyspace = Subject(pages: source.pages)
        for round in 0..<3 {
          for number in 0..<4_000 {
            try keyspace.put(key(number), Array(repeating: 1, count: number % 500 == round ? 1_500_000 : 1_000))
          }
          keyspace.keyspace.removeAll()
        }
        for _ in 0..<slices where !keyspace.reclaim() { break }
      }
      #expect(source.heldBytes == 0)
    }
  }

  @Test func `walks go on over what was removed and over what came after`() throws {
    let keyspace = Subject()
    var walks: [(WalkID, Set<[UInt8]>, Set<[UInt8]>)] = []
    for generation in 0..<4 {
      let names = (0..<3_000).map { key(generation * 2_000 + $0) }
      for name in names { try keyspace.put(name, [1]) }
      let walk = try keyspace.beginWalk()
      let started = try keyspace.beginWalk()
      // Some of it is captured, some visited, before all is removed.
      for name in names.prefix(50) { keyspace.delete(name) }
      let seen = keyspace.stepWalk(started, buckets: 100, bytes: .max).1
      walks.append((walk, Set(names), []))
      walks.append((started, Set(names.dropFirst(0)), Set(seen)))
      keyspace.keyspace.removeAll()
      #expect(keyspace.reclaim(units: .max) == false)
      keyspace.checkInvariants()
    }
    try keyspace.put(key(9), [1])
    for (walk, names, seen) in walks.reversed() {
      let rest = try #require(keyspace.finishWalk(walk))
      #expect(rest.count + seen.count == names.count)
      #expect(seen.union(rest) == names)
      keyspace.endWalk(walk)
      while keyspace.reclaim() {}
      keyspace.checkInvariants()
    }
    let walk = try keyspace.beginWalk()
    #expect(keyspace.finishWalk(walk) == [key(9)])
    #expect(keyspace.memoryUse.heldBytes < UInt64(2 * StoreLimits.regionBytes))
  }
}
