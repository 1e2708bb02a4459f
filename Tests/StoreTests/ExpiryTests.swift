import Bytes
import TestSupport
import Testing

@testable import Store

@Suite struct ExpiryTests {
  @Test func `a key that has expired is visible to nobody`() throws {
    let keyspace = Subject()
    func expired() throws -> [UInt8] {
      keyspace.now = 1_000
      try keyspace.put(key(1), [1, 2, 3], .at(1_100))
      #expect(keyspace.get(key(1)) == [1, 2, 3])
      #expect(keyspace.expiry(key(1)) == .at(1_100))
      keyspace.now = 1_100
      return key(1)
    }
    #expect(try keyspace.get(expired()) == nil)
    #expect(try keyspace.expiry(expired()) == nil)
    #expect(try keyspace.contains(expired()) == false)
    #expect(try keyspace.memoryBytes(expired()) == nil)
    #expect(try keyspace.isModified(expired()) == false)
    #expect(try keyspace.fill(expired(), 9) == false)
    #expect(try keyspace.expire(expired(), .never) == false)
    #expect(try keyspace.expire(expired(), .at(5_000)) == false)
    _ = try expired()
    #expect(keyspace.randomKey(7) == nil)
    #expect(keyspace.scan(0, count: 10).keys == [])
    #expect(try keyspace.delete(expired()) == false)
    #expect(keyspace.count == 0)
    #expect(try keyspace.put(expired(), [4]))
    #expect(keyspace.expiry(key(1)) == .never)
    #expect(try keyspace.put(expired(), [4], .keep))
    #expect(keyspace.expiry(key(1)) == .never)
    try keyspace.resize(expired(), 2)
    #expect(keyspace.get(key(1)) == [0, 0])
    #expect(keyspace.expiry(key(1)) == .never)
    _ = try expired()
    let walk = try keyspace.beginWalk()
    #expect(keyspace.finishWalk(walk) == [])
    #expect(keyspace.keyspace.walkKeyCount(walk) == 0)
    keyspace.checkInvariants()
  }

  @Test func `a write keeps, clears or sets the expiry`() throws {
    let keyspace = Subject()
    for length in [3, 8_160, 8_170, 8_180, 20_000] {
      let name = key(length)
      let value = Array(repeating: UInt8(3), count: length)
      try keyspace.put(name, value, .at(500))
      try keyspace.put(name, value, .keep)
      #expect(keyspace.expiry(name) == .at(500))
      try keyspace.put(name, value)
      #expect(keyspace.expiry(name) == .never)
      try keyspace.put(name, value, .keep)
      #expect(keyspace.expiry(name) == .never)
      #expect(try keyspace.expire(name, .at(600)))
      #expect(try keyspace.expire(name, .at(700)))
      #expect(keyspace.expiry(name) == .at(700))
      keyspace.checkInvariants()
      try keyspace.resize(name, length + 9)
      #expect(keyspace.expiry(name) == .at(700))
      #expect(keyspace.isModified(name))
      #expect(try keyspace.expire(name, .never))
      #expect(keyspace.expiry(name) == .never)
      #expect(keyspace.isModified(name))
      #expect(keyspace.get(name) == value + Array(repeating: 0, count: 9))
      keyspace.checkInvariants()
      try keyspace.put(name, value)
      #expect(!keyspace.isModified(name))
    }
    #expect(keyspace.keyspace.volatileCount == 0)
    #expect(keyspace.nextWork() == nil)
  }

  @Test func `deadlines at and beyond the ends of time are kept as near as can be`() throws {
    let keyspace = Subject()
    let times: [Int64] = [.min, -1, 0, 1, 1 << 47, 1 << 48, .max - 1, .max]
    for now in [0, 1, 1_700_000_000_000, 1 << 48, .max, .min, -5] as [Int64] {
      keyspace.now = now
      for (number, time) in times.enumerated() {
        try keyspace.put(key(number), [1], .at(time))
        let kept = max(0, min(time, Deadline.latestMilliseconds))
        #expect(keyspace.expiry(key(number)) == (kept > now ? .at(kept) : nil))
      }
      _ = keyspace.nextWork()
      keyspace.checkInvariants()
      while keyspace.removeExpired(limit: 3).units == 3 {}
      keyspace.checkInvariants()
    }
    keyspace.now = .max
    while keyspace.removeExpired(limit: 3).units == 3 {}
    #expect(keyspace.count == 0)
  }

  @Test func `keys go within a tick of their deadline, and work is announced in time`() throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let keyspace = Subject()
    keyspace.now = 1_700_000_000_000
    var deadlines: [[UInt8]: Int64] = [:]
    let spans: [UInt64] = [100, 20_000, 5_000_000, 2_000_000_000, 900_000_000_000]
    for round in 0..<4 {
      for number in 0..<5_000 {
        let ahead = Int64(random.next() % spans[Int(random.next() % 5)])
        try keyspace.put(key(number), [1], .at(keyspace.now + ahead))
        deadlines[key(number)] = keyspace.now + ahead
      }
      // The last round goes on until nothing is left, years later.
      while let due = keyspace.nextWork(), round == 3 || !deadlines.isEmpty && deadlines.count > 2_500 {
        #expect(due >= keyspace.now && due <= deadlines.values.min()! + 64, "seed \(seed)")
        keyspace.now = due
        var units = 0
        repeat {
          let step = keyspace.removeExpired(limit: 500)
          units = step.units
          #expect(units <= 500)
          for gone in step.keys {
            let deadline = deadlines.removeValue(forKey: gone) ?? .max
            #expect(deadline <= keyspace.now && keyspace.now - deadline <= 64, "seed \(seed)")
          }
        } while units == 500
        #expect((keyspace.nextWork() ?? .max) > keyspace.now, "seed \(seed)")
      }
      keyspace.checkInvariants()
    }
    #expect(deadlines.isEmpty && keyspace.count == 0, "seed \(seed)")
  }

  @Test func `a hundred thousand keys a second go in slices within a fifth of a second`() throws {
    let keyspace = Subject()
    let start: Int64 = 1_700_000_000_000
    keyspace.now = start
    // All of them lie in one list of level 1 at first.
    for number in 0..<200_000 { try keyspace.put(key(number), [1], .at(start + 40_000 + Int64(number / 100))) }
    var removed = 0
    while removed < 200_000 {
      keyspace.now += 5
      let step = keyspace.removeExpired(limit: 1_000)
      #expect(step.units <= 1_000)
      removed += step.keys.count
      let due = max(0, Int(keyspace.now - 200 - start - 40_000)) * 100
      #expect(removed >= min(due, 200_000))
    }
    #expect(keyspace.now - start < 42_300)
    keyspace.checkInvariants()
  }

  @Test func `a long list that is cascaded holds up no key that is due`() throws {
    let keyspace = Subject()
    let minute: Int64 = 60_000
    // Most keys expire between 150 and 200 minutes on, one every hundred milliseconds meanwhile.
    for number in 0..<100_000 {
      try keyspace.put(key(number), [1], .at(150 * minute + Int64(number) * 30))
    }
    var now: Int64 = 60 * minute
    keyspace.now = now
    while keyspace.nextWork()! <= now { _ = keyspace.removeExpired(limit: 10_000) }
    for number in 0..<5_000 { try keyspace.put(key(200_000 + number), [1], .at(now + Int64(number) * 100)) }
    for number in 0..<5_000 {
      now += 100
      keyspace.now = now
      #expect(keyspace.removeExpired(limit: 8).units <= 8)
      #expect(keyspace.count <= 100_000 + 5_000 - number)
    }
    keyspace.checkInvariants()
  }

  @Test func `a clock that is put back loses no key and hides none`() throws {
    let keyspace = Subject()
    keyspace.now = 10_000_000
    for number in 0..<1_000 { try keyspace.put(key(number), [1], .at(10_000_000 + Int64(number) * 50)) }
    keyspace.now = 10_020_000
    while keyspace.removeExpired(limit: 100).units == 100 {}
    keyspace.now = 5_000_000
    #expect(keyspace.get(key(999)) == [1])
    for number in 0..<500 { try keyspace.put(key(number), [2], .at(5_000_000 + Int64(number) * 50)) }
    let walk = try keyspace.beginWalk()
    #expect(keyspace.keyspace.walkKeyCount(walk) == nil || keyspace.keyspace.walkKeyCount(walk) == 999)
    keyspace.now = 4_000_000
    try keyspace.put(key(0), [3], .at(4_500_000))
    keyspace.checkInvariants()
    #expect(keyspace.nextWork()! <= keyspace.now)
    #expect(keyspace.removeExpired(limit: 100).units == 100)
    keyspace.checkInvariants()
    while keyspace.removeExpired(limit: 100).units == 100 {}
    keyspace.checkInvariants()
    #expect(keyspace.finishWalk(walk)?.count == 999)
    #expect(keyspace.count == 1_000)
    // The keys go by the new time, within a tick, and not when the old one has been reached again.
    while let due = keyspace.nextWork(), due < 6_000_000 {
      keyspace.now = due
      for gone in keyspace.removeExpired(limit: 1_000).keys { #expect(gone.lexicographicallyPrecedes(key(500))) }
    }
    #expect(keyspace.count == 500)
    keyspace.now = 20_000_000
    while keyspace.removeExpired(limit: 100).units == 100 {}
    #expect(keyspace.count == 0)
    keyspace.checkInvariants()
  }
}
