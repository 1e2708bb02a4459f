import Bytes
import TestSupport
import Testing

@testable import Store

@Suite struct KeyspaceTests {
  @Test func `a million random operations agree with a dictionary`() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let keyspace = Subject()
    var model: [Int: Int] = [:]
    func value(_ length: Int, _ number: Int) -> [UInt8] {
      Array(repeating: UInt8(truncatingIfNeeded: number), count: length)
    }
    for step in 0..<1_000_000 {
      // The keys in use drift from few to many and back, so that the table grows and shrinks.
      let range = step % 500_000 < 250_000 ? 60_000 : 3_000
      let number = Int(random.next() % UInt64(range))
      switch random.next() % 8 {
      case 0..<4:
        let length = random.next() % 1024 == 0 ? 20_000 : Int(random.next() % 120)
        let isNew = try keyspace.put(key(number), value(length, number))
        #expect(isNew == (model[number] == nil), "seed \(seed), step \(step)")
        model[number] = length
      case 4..<6:
        #expect(
          keyspace.delete(key(number)) == (model.removeValue(forKey: number) != nil), "seed \(seed), step \(step)")
      default:
        #expect(keyspace.get(key(number)) == model[number].map { value($0, number) }, "seed \(seed), step \(step)")
      }
      if step % 250_000 == 0 { keyspace.checkInvariants() }
    }
    keyspace.checkInvariants()
    #expect(keyspace.count == model.count, "seed \(seed)")
    for (number, length) in model { #expect(keyspace.get(key(number)) == value(length, number), "seed \(seed)") }
  }

  @Test func `the table grows and shrinks one bucket at a time with its keys in place`() throws {
    let keyspace = Subject()
    let smallest = keyspace.bucketCount
    let emptyUse = keyspace.memoryUse
    for number in 0..<50_000 {
      let before = keyspace.bucketCount
      try keyspace.put(key(number), [1, 2, 3])
      #expect(keyspace.bucketCount - before <= 1)
    }
    keyspace.checkInvariants()
    #expect(keyspace.bucketCount > 7_000)
    for number in 0..<50_000 { #expect(keyspace.get(key(number)) == [1, 2, 3]) }
    for number in 0..<50_000 {
      let before = keyspace.bucketCount
      #expect(keyspace.delete(key(number)))
      #expect(before - keyspace.bucketCount <= 1)
      if number % 10_000 == 0 { keyspace.checkInvariants() }
    }
    #expect(keyspace.bucketCount == smallest)
    while keyspace.reclaim() {}
    #expect(keyspace.memoryUse.entryBytes == 0)
    #expect(keyspace.memoryUse.heldBytes == emptyUse.heldBytes + UInt64(StoreLimits.regionBytes))
  }

  @Test func `keys whose hashes are all the same are kept apart`() throws {
    // With a seed of zeros a key of 9 to 16 bytes that begins with eight zeros hashes to 0.
    let seed = HashSeed(0, 0, 0, 0)
    func colliding(_ number: Int) -> [UInt8] {
      [0, 0, 0, 0, 0, 0, 0, 0, UInt8(number >> 8), UInt8(number & 255), 7, 7, 7, 7, 7, 7]
    }
    let keyspace = Subject(seed: seed)
    #expect(seed.hash(colliding(1).span) == seed.hash(colliding(700).span))
    for number in 0..<1_000 { try keyspace.put(colliding(number), [UInt8(number & 255)]) }
    for number in 0..<20_000 { try keyspace.put(key(number), []) }
    keyspace.checkInvariants()
    let walk = try keyspace.beginWalk()
    for number in 0..<1_000 where number % 2 == 0 { #expect(keyspace.delete(colliding(number))) }
    for number in 0..<20_000 { #expect(keyspace.delete(key(number))) }
    keyspace.checkInvariants()
    for number in 0..<1_000 {
      #expect(keyspace.get(colliding(number)) == (number % 2 == 0 ? nil : [UInt8(number & 255)]))
    }
    let walked = try #require(keyspace.finishWalk(walk))
    #expect(Set(walked).count == 21_000)
    #expect(walked.count == 21_000)
  }

  @Test(arguments: [0, 1, 4, 7, 8, 15, 16, 17, 63, 64, 65, 255, 256, 300, 8_170, 8_171, 8_172, 8_173, 70_000])
  func `values and keys of every size come back`(length: Int) throws {
    let keyspace = Subject()
    let long = Array(repeating: UInt8(0xAB), count: length)
    try keyspace.put(long + [1], long)
    try keyspace.put(long + [2], long + [9])
    #expect(keyspace.get(long + [1]) == long)
    #expect(keyspace.get(long + [2]) == long + [9])
    #expect(keyspace.get(long) == nil)
    keyspace.checkInvariants()
    try keyspace.put(long + [1], [])
    #expect(keyspace.get(long + [1]) == [])
    try keyspace.put(long + [1], long + long)
    #expect(keyspace.get(long + [1]) == long + long)
    keyspace.checkInvariants()
    #expect(keyspace.delete(long + [1]) && keyspace.delete(long + [2]))
    #expect(keyspace.memoryUse.entryBytes == 0)
  }

  @Test func `an empty key is a key`() throws {
    let keyspace = Subject()
    try keyspace.put([], [1])
    #expect(keyspace.get([]) == [1])
    #expect(keyspace.delete([]))
  }

  @Test func `a value of the same size of block is overwritten in place`() throws {
    let keyspace = Subject()
    try keyspace.put(key(1), Array(repeating: 1, count: 30))
    let before = keyspace.memoryUse
    try keyspace.put(key(1), Array(repeating: 2, count: 32))
    #expect(keyspace.memoryUse == before)
    #expect(keyspace.get(key(1)) == Array(repeating: 2, count: 32))
    keyspace.checkInvariants()
  }
}
