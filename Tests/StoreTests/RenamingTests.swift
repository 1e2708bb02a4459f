import Bytes
import Testing

@testable import Store

@Suite struct RenamingTests {
  private static let keys = [[1], Array(repeating: 2, count: 300), Array(repeating: 3, count: 9_000)] as [[UInt8]]

  @Test(arguments: keys, keys)
  func `a value takes its expiry along to its new key`(old: [UInt8], new: [UInt8]) throws {
    guard old != new else { return }
    for count in [0, 20, 300, 8_100, 100_000] {
      for expiry in [ExpiryChange.clear, .at(500)] {
        for isThere in [false, true] {
          let keyspace = Subject()
          let value = Array(repeating: UInt8(7), count: count)
          try keyspace.put(old, value, expiry)
          if isThere { try keyspace.put(new, Array(repeating: 8, count: 50_000), .at(100)) }
          #expect(try keyspace.rename(old, new))
          #expect(keyspace.get(new) == value && keyspace.get(old) == nil && keyspace.count == 1)
          #expect(keyspace.expiry(new) == (expiry == .clear ? .never : .at(500)))
          keyspace.checkInvariants()
        }
      }
    }
  }

  @Test func `a large value changes its key without moving, however full memory is`() throws {
    let source = Counter()
    let keyspace = Subject(pages: source.pages, memoryLimitBytes: 1_500_000)
    try keyspace.put([1], Array(repeating: 7, count: 1_000_000))
    let held = source.heldBytes
    #expect(try keyspace.rename([1], [2]))
    #expect(source.heldBytes == held)
    #expect(throws: StoreError.memoryLimitReached) {
      try keyspace.put([3], Array(repeating: 7, count: 1_000_000))
    }
    #expect(try keyspace.rename([1], [2]) == false)
    #expect(keyspace.get([2])?.count == 1_000_000)
    keyspace.checkInvariants()
  }

  @Test func `a walk reports the keys of its start, renamed or not`() throws {
    let keyspace = Subject()
    for number in 0..<2_000 { try keyspace.put(key(number), Array(repeating: 1, count: number % 2 == 0 ? 10 : 9_000)) }
    let walk = try keyspace.beginWalk()
    for number in 0..<2_000 { #expect(try keyspace.rename(key(number), key(number + 1_000_000))) }
    let keys = try #require(keyspace.finishWalk(walk))
    #expect(Set(keys) == Set((0..<2_000).map { key($0) }) && keys.count == 2_000)
    keyspace.endWalk(walk)
    keyspace.checkInvariants()
  }

  @Test func `what was changed in place stays known as that`() throws {
    let keyspace = Subject()
    for count in [10, 10_000] {
      try keyspace.put([1], [])
      try keyspace.resize([1], count)
      #expect(try keyspace.rename([1], [2]))
      #expect(keyspace.isModified([2]))
    }
  }
}
