import Bytes
import TestSupport
import Testing

@testable import Store

@Suite struct ScanTests {
  private struct Scan {
    var cursor: UInt64 = 0
    /// Keys that have been there since it began.
    var expected: Set<Int>
    var seen: Set<[UInt8]> = []
  }

  @Test(arguments: 0..<6)
  func `a scan reports each key that is there all the time, whatever comes and goes`(round: Int) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let keyspace = Subject()
    var present: Set<Int> = []
    let range: UInt64 = 20_000
    var scans: [Scan] = []
    var finished = 0
    for step in 0..<30_000 {
      // The table grows by some thousand buckets and shrinks again, in every round at another pace.
      let grows = step / (3_000 + round * 500) % 2 == 0
      for _ in 0..<4 {
        let number = Int(random.next() % range)
        if random.next() % 8 < (grows ? 7 : 1) {
          try keyspace.put(key(number), [1])
          present.insert(number)
        } else if present.remove(number) != nil {
          keyspace.delete(key(number))
          for index in scans.indices { scans[index].expected.remove(number) }
        }
      }
      if scans.count < 3, random.next() % 200 == 0 { scans.append(Scan(expected: present)) }
      guard !scans.isEmpty, random.next() % 4 == 0 else { continue }
      let index = Int(random.next() % UInt64(scans.count))
      let (cursor, keys) = keyspace.scan(scans[index].cursor, count: 1 + Int(random.next() % 60))
      scans[index].seen.formUnion(keys)
      scans[index].cursor = cursor
      guard cursor == 0 else { continue }
      let scan = scans.remove(at: index)
      finished += 1
      #expect(scan.expected.allSatisfy { scan.seen.contains(key($0)) }, "seed \(seed)")
    }
    #expect(finished > 10, "seed \(seed)")
  }

  @Test func `a scan of keys that stay reports each once, about as many a step as it was asked for`() throws {
    let keyspace = Subject()
    for number in 0..<20_000 { try keyspace.put(key(number), [1]) }
    var cursor: UInt64 = 0
    var keys: [[UInt8]] = []
    repeat {
      let step = keyspace.scan(cursor, count: 50)
      #expect(step.keys.count < 50 + 60)
      keys += step.keys
      cursor = step.cursor
    } while cursor != 0
    #expect(keys.count == 20_000)
    #expect(Set(keys).count == 20_000)
  }

  @Test func `a scan of few or no keys ends at once and any number may be a cursor`() throws {
    let keyspace = Subject()
    #expect(keyspace.scan(0, count: 10).cursor == 0)
    #expect(keyspace.scan(.max, count: .max).cursor == 0)
    for number in 0..<9 { try keyspace.put(key(number), [1]) }
    let step = keyspace.scan(0, count: 10)
    #expect(step.cursor == 0 && step.keys.count == 9)
    for cursor in [1, 77, 1 << 40, UInt64.max - 1] { _ = keyspace.scan(cursor, count: .min) }
  }

  @Test func `a scan of a table that has emptied takes many short steps`() throws {
    let keyspace = Subject()
    for number in 0..<100_000 { try keyspace.put(key(number), [1], .at(number == 0 ? 10_000 : 100)) }
    keyspace.now = 200
    var cursor: UInt64 = 0
    var steps = 0
    var keys: [[UInt8]] = []
    repeat {
      let step = keyspace.scan(cursor, count: 10)
      keys += step.keys
      cursor = step.cursor
      steps += 1
    } while cursor != 0
    #expect(keys == [key(0)])
    #expect(steps > 5)
  }

  @Test func `a random key may be any and is never one that has expired`() throws {
    let keyspace = Subject()
    var random = SeededGenerator(seed: 1)
    #expect(keyspace.randomKey(3) == nil)
    for number in 0..<200 { try keyspace.put(key(number), [1], number % 2 == 0 ? .clear : .at(10)) }
    keyspace.now = 10
    var seen: Set<[UInt8]> = []
    for _ in 0..<5_000 { seen.insert(try #require(keyspace.randomKey(random.next()))) }
    #expect(seen == Set((0..<100).map { key($0 * 2) }))
    for number in 0..<199 { keyspace.delete(key(number)) }
    #expect(keyspace.randomKey(5) == nil)
    try keyspace.put(key(5), [])
    for _ in 0..<20 { #expect(keyspace.randomKey(random.next()) == key(5)) }
  }
}
