import Bytes
import TestSupport
import Testing

@testable import Store

@Suite struct HoldingTests {
  private func large(_ byte: UInt8, _ count: Int = 20_000) -> [UInt8] { Array(repeating: byte, count: count) }

  @Test func `only a value with a block of its own is held`() throws {
    let keyspace = Subject()
    try keyspace.put([1], [2])
    #expect(keyspace.hold([1]) == nil)
    #expect(keyspace.hold([9]) == nil)
    try keyspace.put([1], large(1), .at(100))
    keyspace.now = 100
    #expect(keyspace.hold([1]) == nil)
  }

  @Test func `a held value stays as it was when its key goes or gets another`() throws {
    let source = Counter()
    let keyspace = Subject(pages: source.pages)
    for number in 0..<4 { try keyspace.put(key(number), large(UInt8(number))) }
    let held = try (0..<4).map { try #require(keyspace.hold(key($0))) }
    let before = keyspace.memoryUse
    keyspace.delete(key(0))
    try keyspace.put(key(1), large(9))
    try keyspace.put(key(2), [])
    keyspace.checkInvariants()
    #expect(keyspace.memoryUse.usedBytes < before.usedBytes - 39_000)
    #expect(keyspace.memoryUse.heldBytes == before.heldBytes + UInt64(EntrySize.outside(20_000)))
    keyspace.keyspace.removeAll()
    while keyspace.reclaim() {}
    keyspace.checkInvariants()
    #expect(keyspace.memoryUse.heldBytes >= UInt64(4 * 20_000))
    for number in 0..<4 { #expect(keyspace.value(of: held[number]) == large(UInt8(number))) }
    for value in held { keyspace.letGo(value) }
    keyspace.checkInvariants()
    #expect(source.heldBytes + HashTable.firstSegmentBytes == Int(keyspace.memoryUse.heldBytes))
  }

  @Test func `a held value is copied before it is changed in place`() throws {
    let keyspace = Subject()
    try keyspace.put([1], large(1))
    let first = try #require(keyspace.hold([1]))
    let second = try #require(keyspace.hold([1]))
    #expect(first == second)
    try keyspace.resize([1], 20_000)
    #expect(keyspace.fill([1], 2))
    let changed = try #require(keyspace.hold([1]))
    #expect(changed != first)
    try keyspace.resize([1], 15_000)
    #expect(keyspace.fill([1], 3))
    keyspace.checkInvariants()
    #expect(keyspace.value(of: first) == large(1))
    #expect(keyspace.value(of: changed) == large(2))
    #expect(keyspace.get([1]) == large(3, 15_000))
    keyspace.letGo(first)
    #expect(keyspace.value(of: second) == large(1))
    keyspace.letGo(second)
    keyspace.letGo(changed)
    keyspace.checkInvariants()
  }

  @Test func `an expiry or another key leaves a held value where it is`() throws {
    let keyspace = Subject()
    try keyspace.put([1], large(1))
    let held = try #require(keyspace.hold([1]))
    try keyspace.expire([1], .at(1_000))
    #expect(try keyspace.rename([1], [2]))
    let again = try #require(keyspace.hold([2]))
    #expect(again == held)
    keyspace.checkInvariants()
    keyspace.now = 2_000
    while keyspace.removeExpired(limit: 10).units > 0 {}
    #expect(keyspace.count == 0)
    #expect(keyspace.value(of: held) == large(1))
    keyspace.letGo(held)
    keyspace.letGo(again)
    keyspace.checkInvariants()
  }

  @Test func `all memory goes back when the keyspace goes, whatever is held`() throws {
    let source = Counter()
    do {
      let keyspace = Subject(pages: source.shrinkingPages)
      for number in 0..<6 { try keyspace.put(key(number), large(1, 5_000_000)) }
      for number in 0..<4 { _ = keyspace.hold(key(number)) }
      keyspace.delete(key(0))
      keyspace.delete(key(5))
      keyspace.keyspace.removeAll()
      for _ in 0..<3 { _ = keyspace.reclaim() }
    }
    #expect(source.heldBytes == 0)
  }

  @Test func `the memory of a huge value goes back in slices`() throws {
    let source = Counter()
    let keyspace = Subject(pages: source.shrinkingPages)
    try keyspace.put([1], large(1, 50_000_000))
    let full = source.heldBytes
    keyspace.delete([1])
    #expect(keyspace.memoryUse.usedBytes < 1_000_000)
    #expect(source.heldBytes == full)
    var slices = 0
    while keyspace.reclaim() {
      slices += 1
      #expect(source.heldBytes + HashTable.firstSegmentBytes == Int(keyspace.memoryUse.heldBytes))
      #expect(source.heldBytes >= full - slices * 2 * StoreLimits.regionBytes)
      if slices == 10 { keyspace.checkInvariants() }
    }
    #expect(slices > 20)
    #expect(source.heldBytes < full - 49_999_999)
  }

  @Test func `memory that is on its way back is there for who needs it`() throws {
    let limit = 30_000_000
    let source = Counter()
    let pages = source.shrinkingPages
    let keyspace = Subject(
      pages: PageSource(
        allocate: { source.heldBytes + $0 > limit ? nil : pages.allocate($0, $1) }, release: pages.release,
        shorten: pages.shorten))
    for _ in 0..<5 {
      try keyspace.put([1], large(1, 20_000_000))
      keyspace.delete([1])
    }
    keyspace.checkInvariants()
  }

  // MARK: - Against a model

  private struct Scene {
    let keyspace: Subject
    var model: [[UInt8]: [UInt8]] = [:]
    var held: [(HeldValue, [UInt8])] = []
    var random: SeededGenerator

    mutating func number(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

    /// Some are too long for a slab.
    mutating func anyKey() -> [UInt8] {
      let number = number(12)
      return number < 10 ? key(number) : Array(repeating: UInt8(number), count: 9_000)
    }

    mutating func anyValue() -> [UInt8] {
      let count = number(3) == 0 ? number(100) : 7_000 + number(20_000)
      return Array(repeating: UInt8(number(256)), count: count)
    }

    mutating func step() throws {
      let name = anyKey()
      switch number(9) {
      case 0, 1:
        let value = anyValue()
        try keyspace.put(name, value, number(3) == 0 ? .at(1_000) : .clear)
        model[name] = value
      case 2: #expect(keyspace.delete(name) == (model.removeValue(forKey: name) != nil))
      case 3:
        let count = anyValue().count
        let byte = UInt8(number(256))
        try keyspace.resize(name, count)
        #expect(keyspace.fill(name, byte))
        model[name] = Array(repeating: byte, count: count)
      case 4:
        try keyspace.expire(name, number(2) == 0 ? .at(1_000) : .never)
      case 5:
        let newName = anyKey()
        guard newName != name else { return }
        let isThere = try keyspace.rename(name, newName)
        #expect(isThere == (model[name] != nil))
        if let value = model.removeValue(forKey: name) { model[newName] = value }
      case 6, 7:
        if number(3) == 0, let (value, bytes) = held.popLast() {
          #expect(keyspace.value(of: value) == bytes)
          keyspace.letGo(value)
        } else if let value = keyspace.hold(name) {
          held.insert((value, model[name]!), at: number(held.count + 1))
        }
      default:
        if number(10) == 0 {
          keyspace.keyspace.removeAll()
          model = [:]
        }
        _ = keyspace.reclaim()
      }
    }
  }

  @Test(arguments: 0..<8)
  func `held values stay as they are whatever is done to their keys`(round: Int) throws {
    let seed = UInt64.random(in: 0 ... .max)
    let source = Counter()
    var scene = Scene(keyspace: Subject(pages: source.pages), random: SeededGenerator(seed: seed))
    for step in 0..<2_000 {
      try scene.step()
      if step % 20 == 0 { scene.keyspace.checkInvariants() }
    }
    for (value, bytes) in scene.held {
      #expect(scene.keyspace.value(of: value) == bytes, "seed \(seed)")
      scene.keyspace.letGo(value)
    }
    for (name, value) in scene.model { #expect(scene.keyspace.get(name) == value, "seed \(seed)") }
    #expect(scene.keyspace.count == scene.model.count, "seed \(seed)")
    scene.keyspace.checkInvariants()
    while scene.keyspace.reclaim() {}
    #expect(source.heldBytes + HashTable.firstSegmentBytes == Int(scene.keyspace.memoryUse.heldBytes))
  }
}

extension EntrySize {
  /// Bytes of the block outside of a value with a short key.
  fileprivate static func outside(_ valueCount: Int) -> Int {
    EntrySize(keyCount: 16, valueCount: valueCount, hasExpiry: false).outsideBytes
  }
}
