import Bytes
import TestSupport
import Testing

@testable import Store

@Suite struct WalkTests {
  private struct Walk {
    let id: WalkID
    /// Keys that were live at its start.
    let expected: Set<Int>
    var seen: [[UInt8]] = []
  }

  /// Numbered keys with the deadlines that they have, and the walks over them.
  private struct Scene {
    let keyspace = Subject()
    var deadlines: [Int: Int64] = [:]
    var walks: [Walk] = []
    var random: SeededGenerator

    var live: Set<Int> { Set(deadlines.filter { $0.value > keyspace.now }.keys) }

    mutating func put(_ number: Int, expires: Bool) throws {
      let value = Array(repeating: UInt8(2), count: Int(random.next() % 40))
      if expires {
        // Some are in the past at once.
        let deadline = keyspace.now + Int64(random.next() % 3_000) - 100
        try keyspace.put(key(number), value, .at(deadline))
        deadlines[number] = max(0, deadline)
      } else {
        try keyspace.put(key(number), value)
        deadlines[number] = .max
      }
    }

    mutating func removeExpired() {
      for gone in keyspace.removeExpired(limit: 20).keys {
        deadlines[Int(String(decoding: gone.dropFirst(4), as: UTF8.self))!] = nil
      }
    }

    mutating func begin() throws {
      let live = live
      let id = try keyspace.beginWalk()
      if let count = keyspace.keyspace.walkKeyCount(id) { #expect(count == live.count) }
      walks.append(Walk(id: id, expected: live))
    }

    func check(_ walk: Walk, _ seed: UInt64) {
      keyspace.endWalk(walk.id)
      #expect(walk.seen.count == walk.expected.count, "seed \(seed)")
      #expect(Set(walk.seen) == Set(walk.expected.map(key)), "seed \(seed)")
    }
  }

  @Test(arguments: 0..<40)
  func `a walk reports exactly the keys of its start whatever changes meanwhile`(round: Int) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var scene = Scene(random: SeededGenerator(seed: seed))
    let range = 1 + scene.random.next() % 20_000
    // Rounds differ in what prevails, so that the table grows, shrinks, or stays as it is; in half of them keys expire.
    let deletesOfTen = UInt64(round % 10)
    let expires = round >= 20
    for _ in 0..<Int(scene.random.next() % 20_000) {
      try scene.put(Int(scene.random.next() % range), expires: expires && scene.random.next() % 2 == 0)
    }
    for step in 0..<24_000 {
      let number = Int(scene.random.next() % (range * 2))
      if scene.random.next() % 10 < deletesOfTen {
        scene.keyspace.delete(key(number))
        scene.deadlines[number] = nil
      } else {
        try scene.put(number, expires: expires && scene.random.next() % 2 == 0)
      }
      if expires, step % 20 == 0 {
        // Now and then the clock is put back.
        scene.keyspace.now += Int64(scene.random.next() % 40) - (step % 2_000 == 0 ? 500 : 0)
        if scene.random.next() % 3 == 0 { scene.removeExpired() }
      }
      if scene.walks.count < 4, scene.random.next() % 1_200 == 0 { try scene.begin() }
      if scene.random.next() % 20_000 == 0 {
        scene.keyspace.keyspace.removeAll()
        scene.deadlines = [:]
      }
      if !scene.walks.isEmpty, scene.random.next() % 50 == 0 {
        let index = Int(scene.random.next() % UInt64(scene.walks.count))
        let buckets = Int(scene.random.next() % 30)
        let (progress, seen) = scene.keyspace.stepWalk(scene.walks[index].id, buckets: buckets, bytes: 500)
        scene.walks[index].seen += seen
        if progress == .finished { scene.check(scene.walks.remove(at: index), seed) }
      }
    }
    for var walk in scene.walks {
      walk.seen += try #require(scene.keyspace.finishWalk(walk.id))
      scene.check(walk, seed)
    }
    scene.keyspace.checkInvariants()
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

  @Test func `captured keys that have been reported are not held for long`() throws {
    let keyspace = Subject()
    for number in 0..<20_000 { try keyspace.put(key(number), []) }
    let walk = try keyspace.beginWalk()
    var seen = 0
    for number in 0..<20_000 {
      keyspace.delete(key(number))
      let (_, keys) = keyspace.stepWalk(walk, buckets: 0, bytes: 40)
      seen += keys.count
      let waiting = keyspace.keyspace.walks.with(walk) { (held: $0.heldBytes, reported: $0.reportedCount) }
      #expect(waiting.held <= 2 * (20_000 - waiting.reported) * 20)
    }
    #expect(keyspace.finishWalk(walk)?.count == 20_000 - seen)
    keyspace.endWalk(walk)
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
