import TestSupport
import Testing

@testable import Commands

@Suite struct BitDataTests {
  /// The bits of a value, one by one.
  private func bits(_ value: [UInt8]) -> [Int] {
    value.flatMap { byte in (0..<8).map { Int(byte >> UInt8(7 - $0)) & 1 } }
  }

  /// Values of all lengths around words, from sparse to dense.
  private func randomValue(_ generator: inout SeededGenerator) -> [UInt8] {
    let fill: UInt8 = Bool.random(using: &generator) ? 0 : 0xFF
    var value = [UInt8](repeating: fill, count: Int.random(in: 0...200, using: &generator))
    let changes = Int.random(in: 0...3, using: &generator) * value.count / 3
    for _ in 0..<changes {
      value[Int.random(in: 0..<value.count, using: &generator)] = .random(in: 0...255, using: &generator)
    }
    return value
  }

  /// What Redis's documentation says a range means: both ends count, negative ones from behind.
  private func range(_ start: Int, _ end: Int, _ count: Int) -> Range<Int> {
    let first = max(0, start < 0 ? start + count : start)
    let last = min(count - 1, max(0, end < 0 ? end + count : end))
    return first <= last ? first..<last + 1 : 0..<0
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `BITCOUNT counts what a loop over all bits counts`(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let driver = Session()
    for _ in 0..<400 {
      let value = randomValue(&generator)
      driver.run([bytes("SET"), bytes("k"), value])
      let bits = bits(value)
      #expect(driver.integer(bytes("BITCOUNT"), bytes("k")) == bits.reduce(0, +), "seed \(seed)")
      let unit = Bool.random(using: &generator) ? "BIT" : "BYTE"
      let count = unit == "BIT" ? bits.count : value.count
      let start = Int.random(in: -count - 2...count + 2, using: &generator)
      let end = Int.random(in: -count - 2...count + 2, using: &generator)
      var part = range(start, end, count)
      if start < 0, end < 0, start > end { part = 0..<0 }
      let scale = unit == "BIT" ? 1 : 8
      let expected = bits[part.lowerBound * scale..<part.upperBound * scale].reduce(0, +)
      let found = driver.integer(bytes("BITCOUNT"), bytes("k"), bytes(start), bytes(end), bytes(unit))
      #expect(found == expected, "seed \(seed): \(value) \(start) \(end) \(unit)")
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `BITPOS finds what a loop over all bits finds`(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let driver = Session()
    for _ in 0..<400 {
      let value = randomValue(&generator)
      driver.run([bytes("SET"), bytes("k"), value])
      let bits = bits(value)
      let bit = Int.random(in: 0...1, using: &generator)
      let unit = Bool.random(using: &generator) ? "BIT" : "BYTE"
      let count = unit == "BIT" ? bits.count : value.count
      let start = Int.random(in: -count - 2...count + 2, using: &generator)
      let end = Int.random(in: -count - 2...count + 2, using: &generator)
      let part = range(start, end, count)
      let scale = unit == "BIT" ? 1 : 8
      let expected = (part.lowerBound * scale..<part.upperBound * scale).first { bits[$0] == bit } ?? -1
      let found = driver.integer(bytes("BITPOS"), bytes("k"), bytes(bit), bytes(start), bytes(end), bytes(unit))
      #expect(found == expected, "seed \(seed): \(value) \(bit) \(start) \(end) \(unit)")
    }
  }

  @Test(arguments: [1, 2] as [UInt64])
  func `BITOP combines byte by byte, and SETBIT and GETBIT agree with it`(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let driver = Session()
    let operations: [(String, (UInt8, UInt8) -> UInt8)] = [
      ("AND", { $0 & $1 }), ("OR", { $0 | $1 }), ("XOR", { $0 ^ $1 }),
    ]
    for _ in 0..<200 {
      let values = (0..<3).map { _ in randomValue(&generator) }
      for (index, value) in values.enumerated() { driver.run([bytes("SET"), bytes(index), value]) }
      let longest = values.map(\.count).max() ?? 0
      let padded = values.map { $0 + [UInt8](repeating: 0, count: longest - $0.count) }
      for (name, combine) in operations {
        let expected = (0..<longest).map { combine(combine(padded[0][$0], padded[1][$0]), padded[2][$0]) }
        let count = driver.integer(bytes("BITOP"), bytes(name), bytes("d"), bytes(0), bytes(1), bytes(2))
        #expect(count == longest, "seed \(seed)")
        #expect(driver.bulk(bytes("GET"), bytes("d")) ?? [] == expected, "seed \(seed): \(name)")
      }
      let offset = Int.random(in: 0...2000, using: &generator)
      let bit = Int.random(in: 0...1, using: &generator)
      driver.ask("SETBIT", "0", String(offset), String(bit))
      #expect(driver.integer(bytes("GETBIT"), bytes(0), bytes(offset)) == bit, "seed \(seed)")
      #expect(driver.integer(bytes("STRLEN"), bytes(0)) == max(values[0].count, offset / 8 + 1), "seed \(seed)")
    }
    driver.checkInvariants()
  }

  @Test func `no bit lies beyond the longest value`() {
    var settings = Settings()
    settings.valueBytesMax = 1024
    let driver = Session(.resp2, settings)
    #expect(driver.ask("SETBIT", "k", "8191", "1") == ":0")
    #expect(driver.ask("SETBIT", "k", "8192", "1") == "-ERR bit offset is not an integer or out of range")
    #expect(driver.ask("GETBIT", "k", "8192") == "-ERR bit offset is not an integer or out of range")
    #expect(driver.ask("STRLEN", "k") == ":1024")
  }
}
