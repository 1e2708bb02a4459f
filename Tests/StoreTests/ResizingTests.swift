import Bytes
import TestSupport
import Testing

@testable import Store

@Suite struct ResizingTests {
  @Test func `a value of every size grows and shrinks with what it held`() throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let keyspace = Subject()
    var value: [UInt8] = []
    for step in 0..<2_000 {
      let count = Int(random.next() % [40, 300, 9_000, 100_000][Int(random.next() % 4)])
      try keyspace.resize(key(1), count)
      value = Array((value + Array(repeating: 0, count: max(0, count - value.count))).prefix(count))
      #expect(keyspace.get(key(1)) == value, "seed \(seed), step \(step)")
      let byte = UInt8(truncatingIfNeeded: random.next())
      #expect(keyspace.fill(key(1), byte))
      value = value.map { _ in byte }
      if step % 100 == 0 {
        keyspace.checkInvariants()
        try keyspace.expire(key(1), step % 200 == 0 ? .at(1_000) : .never)
      }
    }
    #expect(keyspace.delete(key(1)))
    #expect(keyspace.memoryUse.entryBytes == 0)
  }

  @Test func `appending to a large value copies it a few times, not every time`() throws {
    let copies = Counter()
    let keyspace = Subject(pages: copies.pages)
    for count in 1...8_000 { try keyspace.resize(key(1), count * 500) }
    #expect(copies.count < 50)
    #expect(keyspace.memoryUse.entryBytes < 4_000_000 * 5 / 4 + 1_000)
    keyspace.checkInvariants()
    // Storing it anew leaves no slack.
    try keyspace.put(key(1), Array(repeating: 1, count: 4_000_000))
    #expect(keyspace.memoryUse.entryBytes < 4_000_100)
    #expect(keyspace.memoryBytes(key(1))! < 4_000_100)
  }

  @Test func `slack is given up before a write is refused`() throws {
    let keyspace = Subject(memoryLimitBytes: 1_000_000)
    try keyspace.resize(key(1), 400_000)
    try keyspace.resize(key(1), 900_000)
    #expect(keyspace.memoryUse.usedBytes <= 1_000_000)
    #expect(throws: StoreError.memoryLimitReached) { try keyspace.resize(key(1), 1_000_000) }
    #expect(throws: StoreError.memoryLimitReached) { try keyspace.resize(key(2), 1_000_000) }
    #expect(keyspace.get(key(1))?.count == 900_000)
    #expect(keyspace.get(key(2)) == nil)
    for length in [Int.max, Int.max - 8, 1 << 62, StoreLimits.valueBytesMax + 1] {
      #expect(throws: StoreError.outOfMemory) { try keyspace.resize(key(1), length) }
    }
    keyspace.checkInvariants()
  }

  @Test func `a value of 512 MiB can be stored, changed and made to expire without being copied`() throws {
    let copies = Counter()
    let keyspace = Subject(pages: copies.pages)
    try keyspace.resize(key(1), 512 << 20)
    let before = copies.count
    try keyspace.expire(key(1), .at(10))
    try keyspace.expire(key(1), .at(20))
    try keyspace.expire(key(1), .never)
    try keyspace.resize(key(1), (512 << 20) - 1)
    #expect(copies.count == before)
    #expect(keyspace.memoryUse.entryBytes > 512 << 20)
    #expect(keyspace.delete(key(1)))
    #expect(keyspace.memoryUse.entryBytes == 0)
  }

  @Test func `only a value that was changed in place is marked so`() throws {
    let keyspace = Subject()
    try keyspace.put(key(1), [1, 2])
    #expect(!keyspace.isModified(key(1)))
    #expect(keyspace.fill(key(1), 3))
    #expect(keyspace.isModified(key(1)))
    try keyspace.put(key(1), [1, 2])
    #expect(!keyspace.isModified(key(1)))
    for length in [1, 100, 10_000] {
      try keyspace.put(key(1), [1, 2])
      try keyspace.resize(key(1), length)
      #expect(keyspace.isModified(key(1)))
      try keyspace.resize(key(length + 5), length)
      #expect(keyspace.isModified(key(length + 5)))
    }
    #expect(!keyspace.isModified(key(99)))
    #expect(!keyspace.fill(key(99), 1))
  }
}
