import Bytes
import TestSupport
import Testing

@testable import Store

/// A dictionary that does what a keyspace is to do.
private struct Model {
  struct Item {
    var value: [UInt8]
    var deadline: Int64?
  }

  var items: [Int: Item] = [:]
  var now: Int64 = 0

  func live(_ number: Int) -> Item? {
    guard let item = items[number], item.deadline.map({ $0 > now }) ?? true else { return nil }
    return item
  }

  func expiry(_ number: Int) -> Expiry? { live(number).map { $0.deadline.map { .at($0) } ?? .never } }

  mutating func removeExpired() { items = items.filter { live($0.key) != nil } }
}

@Suite struct ExpiryModelTests {
  @Test func `a million random operations with expiry agree with a dictionary`() throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let keyspace = Subject()
    var model = Model()
    for step in 0..<1_000_000 {
      if step % 64 == 0 { keyspace.now += Int64(random.next() % 400) }
      if step % 100_000 == 99_999 { keyspace.now += Int64(random.next() % 100_000_000) }
      model.now = keyspace.now
      let range: UInt64 = step % 400_000 < 200_000 ? 30_000 : 2_000
      try act(keyspace, &model, Int(random.next() % range), &random, "seed \(seed), step \(step)")
      if step % 200_000 == 0 { keyspace.checkInvariants() }
    }
    keyspace.checkInvariants()
    // When a tick has just begun, all that has expired is due.
    keyspace.now = (keyspace.now + 63) / 64 * 64
    model.now = keyspace.now
    model.removeExpired()
    while keyspace.removeExpired(limit: 1_000).units == 1_000 {}
    keyspace.checkInvariants()
    #expect(keyspace.count == model.items.count, "seed \(seed)")
    for (number, item) in model.items { #expect(keyspace.get(key(number)) == item.value, "seed \(seed)") }
  }

  private func act(
    _ keyspace: Subject, _ model: inout Model, _ number: Int, _ random: inout SeededGenerator, _ place: String
  ) throws {
    let name = key(number)
    let length = random.next() % 512 == 0 ? 8_000 + Int(random.next() % 4_000) : Int(random.next() % 120)
    let value = Array(repeating: UInt8(truncatingIfNeeded: random.next()), count: length)
    let deadline = keyspace.now + Int64(random.next() % (random.next() % 4 == 0 ? 10_000_000 : 5_000))
    let old = model.live(number)
    switch random.next() % 32 {
    case 0..<8:
      #expect(try keyspace.put(name, value) == (old == nil), "\(place)")
      model.items[number] = .init(value: value)
    case 8..<13:
      #expect(try keyspace.put(name, value, .at(deadline)) == (old == nil), "\(place)")
      model.items[number] = .init(value: value, deadline: deadline)
    case 13..<16:
      #expect(try keyspace.put(name, value, .keep) == (old == nil), "\(place)")
      model.items[number] = .init(value: value, deadline: old?.deadline)
    case 16..<19:
      #expect(try keyspace.expire(name, .at(deadline)) == (old != nil), "\(place)")
      if old != nil { model.items[number]?.deadline = deadline }
    case 19..<20:
      #expect(try keyspace.expire(name, .never) == (old != nil), "\(place)")
      if old != nil { model.items[number]?.deadline = nil }
    case 20..<23:
      #expect(keyspace.delete(name) == (old != nil), "\(place)")
      model.items[number] = nil
    case 23..<25:
      try keyspace.resize(name, length)
      var resized = old ?? .init(value: [])
      resized.value = Array((resized.value + Array(repeating: 0, count: length)).prefix(length))
      model.items[number] = resized
      #expect(keyspace.get(name) == resized.value, "\(place)")
    case 25:
      #expect(keyspace.fill(name, 7) == (old != nil), "\(place)")
      if let old { model.items[number]?.value = old.value.map { _ in 7 } }
    case 26:
      for gone in keyspace.removeExpired(limit: Int(random.next() % 40)).keys {
        let number = Int(String(decoding: gone.dropFirst(4), as: UTF8.self))!
        #expect(model.live(number) == nil, "\(place)")
        model.items[number] = nil
      }
    case 27 where random.next() % 4_000 == 0:
      keyspace.keyspace.removeAll()
      model.items = [:]
    case 27: _ = keyspace.keyspace.reclaim(units: 1)
    default:
      #expect(keyspace.get(name) == old?.value, "\(place)")
      #expect(keyspace.expiry(name) == model.expiry(number), "\(place)")
    }
  }
}
