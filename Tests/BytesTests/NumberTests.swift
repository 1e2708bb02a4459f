import Bytes
import TestSupport
import Testing

@Suite struct NumberTests {
  @Test(arguments: [
    ("0", Int64(0)), ("1", 1), ("-1", -1), ("10", 10), ("9223372036854775807", .max), ("-9223372036854775808", .min),
    ("9223372036854775806", .max - 1), ("-9223372036854775807", .min + 1),
    ("1000000000000000000", 1_000_000_000_000_000_000),
  ])
  func `each number has one spelling`(text: String, number: Int64) {
    #expect(Array(text.utf8).span.integer == number)
  }

  @Test(arguments: [
    "", "-", "+", "-0", "+1", "00", "01", "-01", " 1", "1 ", "\t1", "1\n", "1.0", "1e3", "0x1", "1\0",
    "9223372036854775808",
    "-9223372036854775809", "18446744073709551615", "18446744073709551616", "92233720368547758070",
    "99999999999999999999", "100000000000000000000", "--1", "-a", "a", "1a", "/", ":", "١",
  ])
  func `what redis-server does not take for a number is none`(text: String) {
    #expect(Array(text.utf8).span.integer == nil)
  }

  @Test func `every number is read back as it was written`() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<10_000 {
      let number = Int64(bitPattern: random.next()) >> Int64(random.next() % 64)
      #expect(Array(String(number).utf8).span.integer == number, "seed \(seed)")
    }
  }

  /// What redis-server 7.0.15 answers to `SCAN text`; nil where that is `ERR invalid cursor`.
  private static let cursors: [(text: String, cursor: UInt64?)] = [
    ("0", 0), ("5", 5), ("+5", 5), ("-1", .max), ("", 0), ("00", 0), ("007", 7), ("-0", 0), ("5\0", 5), ("5\0a", 5),
    ("\u{0}5", 0), ("18446744073709551615", .max), ("-18446744073709551615", 1),
    ("-9223372036854775808", 1 << 63), ("00000000000000000000000000001", 1),
    ("18446744073709551616", nil), ("-18446744073709551616", nil), ("99999999999999999999999", nil), ("abc", nil),
    (" 5", nil), ("5 ", nil), ("\t5", nil), ("\u{0B}5", nil), ("0x10", nil), ("--1", nil), ("+-1", nil), ("5a", nil),
    ("1.5", nil), ("1e3", nil), ("+", nil), ("-", nil), ("-\0", nil),
  ]

  @Test(arguments: cursors)
  func `a cursor is read as redis-server reads it`(text: String, cursor: UInt64?) {
    #expect(Array(text.utf8).span.cursor == cursor)
  }

  @Test func `a word is read only where all of it is`() {
    let bytes: [UInt8] = Array(1...9)
    #expect(bytes.span.word(at: 0) == 0x0807_0605_0403_0201)
    #expect(bytes.span.word(at: 1) == 0x0908_0706_0504_0302)
    for index in [-1, 2, 9, 10, .max, .min] { #expect(bytes.span.word(at: index) == nil) }
    #expect(bytes.span.halfword(at: 7) == 0x0908)
    for index in [-1, 8, 9, .max, .min] { #expect(bytes.span.halfword(at: index) == nil) }
    #expect([UInt8](repeating: 0, count: 7).span.word(at: 0) == nil)
    #expect([UInt8]().span.halfword(at: 0) == nil)
  }
}
