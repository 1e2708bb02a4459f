import Bytes
import TestSupport
import Testing

@testable import Store

@Suite struct WalkTests {
  @Test(arguments: 0..<40)
  func `a walk reports exactly the keys of its start whatever changes meanwhile`(round: Int) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let keyspace = Subject()
    let range = 1 + Int(random.next() % 30_000)
    var present: Set<Int> = []
    for _ in 0..<Int(random.next() % 30_000) {
      let number = Int(random.next() % UInt64(range))
      try keyspace.put(key(number), [1])
      present.insert(number)
    }
    var walks: [(id: WalkID, expected: Set<Int>, seen: [[UInt8]])] = []
    // Rounds differ in what prevails, so that the table grows, shrinks, or stays as it is.
    let deletesOfTen = UInt64(round % 10)
    for _ in 0..<40_000 {
      let number = Int(random.next() % UInt64(range * 2))
      if random.next() % 10 < deletesOfTen {
        keyspace.delete(key(number))
        present.remove(number)
      } else {
        try keyspace.put(key(number), Array(repeating: 2, count: Int(random.next() % 40)))
        present.insert(number)
      }
      if walks.count < 4, random.next() % 2_000 == 0 {
        let id = try keyspace.beginWalk()
        #expect(keyspace.keyspace.walkKeyCount(id) == present.count)
        walks.append((id, present, []))
      }
      if !walks.isEmpty, random.next() % 50 == 0 {
        let index = Int(random.next() % UInt64(walks.count))
        let (progress, seen) = keyspace.stepWalk(walks[index].id, buckets: Int(random.next() % 30), bytes: 500)
        walks[index].seen += seen
        if progress == .finished { check(walks.remove(at: index), keyspace, seed) }
      }
    }
    for var walk in walks {
      walk.seen += try #require(keyspace.finishWalk(walk.id))
      check(walk, keyspace, seed)
    }
    keyspace.checkInvariants()
  }

  private func check(
    _ walk: (id: WalkID, expected: Set<Int>, seen: [[UInt8]]), _ keyspace: Subject, _ seed: UInt64
  ) {
    keyspace.endWalk(walk.id)
    #expect(walk.seen.count == walk.expected.count, "seed \(seed)")
    #expect(Set(walk.seen) == Set(walk.expected.map(key)), "seed \(seed)")
  }

  @Test func `a walk that is not stepped is lost once too much is kept for it and others go on`() throws {
    let keyspace = Subject(capturedBytesMax: 10_000)
    for number in 0..<5_000 { try keyspace.put(key(number), []) }
    let slow = try keyspace.beginWalk()
    for number in 0..<300 { keyspace.delete(key(number)) }
    let quick = try keyspace.beginWalk()
    let seen = keyspace.stepWalk(quick, buckets: .max, bytes: .max).1.count
    for number in 300..<5_000 { keyspace.delete(key(number)) }
    #expect(seen == 4_700)
    #expect(keyspace.finishWalk(slow) == nil)
    #expect(keyspace.finishWalk(quick) == [])
    keyspace.endWalk(slow)
    keyspace.endWalk(quick)
    keyspace.checkInvariants()
  }

  @Test func `there is an end to how many walks there can be and places are used again`() throws {
    let keyspace = Subject()
    try keyspace.put(key(1), [])
    var walks: [WalkID] = []
    for _ in 0..<StoreLimits.walksMax { walks.append(try keyspace.beginWalk()) }
    #expect(throws: StoreError.tooManyWalks) { _ = try keyspace.beginWalk() }
    keyspace.endWalk(walks[10])
    let again = try keyspace.beginWalk()
    #expect(again != walks[10])
    #expect(keyspace.finishWalk(again)?.count == 1)
  }

  @Test func `a new value under an old key costs a walk nothing`() throws {
    let keyspace = Subject(capturedBytesMax: 0)
    for number in 0..<1_000 { try keyspace.put(key(number), [1]) }
    let walk = try keyspace.beginWalk()
    for number in 0..<1_000 { try keyspace.put(key(number), Array(repeating: 2, count: 500)) }
    #expect(keyspace.finishWalk(walk)?.count == 1_000)
  }
}
