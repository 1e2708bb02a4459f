import Bytes
import TestSupport
import Testing
import Wire

/// Lines that are taken the short way, held against the same ones taken the general way.
@Suite struct OrdinaryLineTests {
  /// What becomes of lines that come behind one that opens the connection: all at once, so the short way where they
  /// are ordinary; and cut before each line feed, so that each was searched before and goes the general way.
  private static func bothWays(_ input: [UInt8], limits: WireLimits = WireLimits()) -> (
    short: [Parsed], general: [Parsed]
  ) {
    var short = LineDriver(limits: limits)
    var general = LineDriver(limits: limits)
    for opening in "PING\n".utf8 {
      short.receive([opening])
      general.receive([opening])
    }
    short.receive(input)
    for part in input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
      general.receive(part)
      general.receive([UInt8(ascii: "\n")])
      // Nothing is read of a connection that is refused.
      if case .refused = general.parsed.last { return (short.parsed, general.parsed) }
    }
    if let last = input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).last {
      general.receive(last)
    }
    return (short.parsed, general.parsed)
  }

  @Test(arguments: [
    "GET key:000000000042\n", "GET a\n", "PING\n", "a\n", "PUT k v\n", "put k  two  words \n", "PuT k v\r\n",
    "GET k\r\n",
    "PUT k \r\n", "PUT k \n", "PUT k\n", "PUT k v\rw\n", "PUT k v\r\r\n", "GET k\r\r\n", "GET k \n", " GET k\n",
    "GET  k\n",
    "GET\tk\n", "GET k\tl\n", "GET \"a b\"\n", "PUT k \"a b\"\n", "PUT k a\"b\n", "GET a\"b\n", "GET é\u{7F}\n",
    "PUT ké \u{0}\u{1F}é\n", "GET \u{0}\n", "\n", "\r\n", "Host: a\n", "HGET k f\n", "host:\n", "SET k v EX 10\n",
    "PUTS a b c\n",
    "PU a b c\n", "XPUT a b c\n", "PUT \"a\" b c\n", "PUT k v", "GET k", "GET k\r", "",
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20\n", "\"", "PUT k \"a\\q\"\nGET k\n",
  ])
  func `an unusual line is what it always was`(_ line: String) {
    for count in [1, 2, 3, 16, 17, 40] {
      let lines = String(repeating: line, count: count)
      for input in [lines, "GET k\n" + lines, lines + "GET k\n", "GET k\n" + lines + "PUT k v w\nGET k"] {
        let (short, general) = Self.bothWays(Array(input.utf8))
        #expect(short == general, "\(input.debugDescription)")
      }
    }
  }

  @Test(arguments: Array(490...530))
  func `a line of any length near the bound is what it always was`(_ length: Int) {
    let text = String(repeating: "x", count: length)
    for line in ["PUT k \(text)\n", "GET \(text)\r\n", "\(text)\n", "PUT \(text) v\n", "GET \(text) \(text)\n"] {
      let (short, general) = Self.bothWays(Array((line + line).utf8))
      #expect(short == general)
      #expect(short.count == 3)
    }
  }

  @Test func `low limits are kept`() {
    var limits = WireLimits()
    limits.lineBytesMax = 10
    limits.argumentsMax = 2
    let (short, general) = Self.bothWays(Array("GET k\nGET 3456789\nA b c d\nGET 34567\n".utf8), limits: limits)
    #expect(short == general)
    #expect(short.filter { if case .fault = $0 { true } else { false } }.count == 2)
  }

  @Test func `lines of any bytes are what they always were`() {
    let seed = UInt64.random(in: 0 ... .max)
    var generator = SeededGenerator(seed: seed)
    let pieces = [
      "GET", "PUT", "put", " ", " ", " ", "\n", "\n", "\r\n", "\r", "\t", "\"", "\\", "k", "key:0042", "é", "\u{0}",
      "H",
      "a rather longer word", "x",
    ].map { Array($0.utf8) }
    for _ in 0..<2000 {
      let input = (0..<Int.random(in: 0...60, using: &generator)).flatMap { _ in
        pieces[Int.random(in: 0..<pieces.count, using: &generator)]
      }
      let (short, general) = Self.bothWays(input)
      #expect(short == general, "seed \(seed), \(String(decoding: input, as: UTF8.self).debugDescription)")
    }
  }
}
