import Bytes
import TestSupport
import Testing
import Wire

@Suite struct LineParserTests {
  @Test(arguments: [
    ("GET k\n", request("GET", "k")),
    ("get k\r\n", request("get", "k")),
    ("  GET \t k \n", request("GET", "k")),
    ("DELETE k\n", request("DELETE", "k")),
    ("LIST\n", request("LIST")),
    ("LIST a*\n", request("LIST", "a*")),
    ("PING\n", request("PING")),
    ("HELP put\n", request("HELP", "put")),
    ("SET k v EX 10\n", request("SET", "k", "v", "EX", "10")),
    ("MGET a b \"c d\"\n", request("MGET", "a", "b", "c d")),
    ("PUT k v\n", request("PUT", "k", "v")),
    ("put k hello  world \n", request("put", "k", "hello  world ")),
    ("PUT k  two\n", request("PUT", "k", " two")),
    ("PUT\tk\tv\tw\n", request("PUT", "k", "v\tw")),
    ("PUT k say \"hi\"\n", request("PUT", "k", "say \"hi\"")),
    ("PUT k \"\"\n", request("PUT", "k", "")),
    ("PUT k \"a b\"\r\n", request("PUT", "k", "a b")),
    ("PUT \"a b\" c\n", request("PUT", "a b", "c")),
    ("PUT k\n", request("PUT", "k")),
    ("PUT k \n", request("PUT", "k")),
    ("PUT k   \n", request("PUT", "k", "  ")),
    ("PUT k a\rb\r\n", request("PUT", "k", "a\rb")),
    ("GET ab\"c\n", request("GET", "ab\"c")),
    ("GET \"\"\n", request("GET", "")),
    (#"GET "\"\\\n\r\t\x41\x7e""# + "\n", request("GET", "\"\\\n\r\tA~")),
    ("GET k\r\r\n", request("GET", "k\r")),
  ])
  func `each form of request is split into its words`(line: String, expected: Parsed) {
    #expect(parse(line) == [expected])
  }

  @Test(arguments: [
    ("GET \"abc\n", LineFault.unclosedQuote),
    ("GET \"abc\\\n", .unclosedQuote),
    ("GET \"abc\\\"\n", .unclosedQuote),
    ("GET \"a\\q\"\n", .badEscape(UInt8(ascii: "q"))),
    ("GET \"\\x4\"\n", .badEscape(UInt8(ascii: "x"))),
    ("GET \"\\x4g\"\n", .badEscape(UInt8(ascii: "x"))),
    ("GET \"a\"b\n", .textAfterQuote),
    ("PUT k \"a\" \n", .textAfterQuotedValue),
    ("PUT k \"a\" b\n", .textAfterQuotedValue),
    ("PUT k \"a\n", .unclosedQuote),
  ])
  func `a line that is no request is a fault and the next line is read`(line: String, fault: LineFault) {
    #expect(parse(line + "PING\n") == [.fault(fault), request("PING")])
  }

  @Test(arguments: ["\n", "\r\n", "   \n", "\t\r\n", "\n\n\r\n"])
  func `an empty line is ignored`(line: String) {
    #expect(parse(line + "PING\n") == [request("PING")])
  }

  @Test func `a line without its newline is never executed`() {
    #expect(parse("PUT k half") == [])
    #expect(parse("PING\nPUT k half\r") == [request("PING")])
  }

  @Test func `bytes that are no text pass through`() {
    #expect(
      parse([0x47, 0x45, 0x54, 0x20, 0x00, 0xFF, 0x0D, 0x80, 0x0A]) == [
        .request([[0x47, 0x45, 0x54], [0, 0xFF, 13, 0x80]])
      ])
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\r\n", Refusal.http),
    ("PUT /k HTTP/1.0\r\n", .http),
    ("DELETE /k http/1.1\n", .http),
    ("\r\nPOST /x?y HTTP/1.1 \r\n", .http),
    ("Host: example.org\r\n", .http),
    ("\u{16}\u{03}\u{01}", .tls),
  ])
  func `another protocol is refused at its opening`(opening: String, refusal: Refusal) {
    #expect(parse(opening + "PUT k v\n") == [.refused(refusal)])
  }

  @Test func `the Redis protocol is refused where only lines are spoken`() {
    var driver = LineDriver()
    driver.refusesRESP = true
    driver.receive(Array("*1\r\n$4\r\nPING\r\n".utf8))
    #expect(driver.parsed == [.refused(.resp)])
    #expect(parse("*1\r\n") == [request("*1")])
    #expect(Dialect.opening(with: UInt8(ascii: "*")) == .resp2)
    #expect(Dialect.opening(with: UInt8(ascii: "$")) == .line)
  }

  @Test func `what looks like another protocol later is a line like others`() {
    #expect(
      parse("PING\nPUT k HTTP/1.1\nPUT k a HTTP/1.1\n*1\n\u{16}\u{03}\n") == [
        request("PING"), request("PUT", "k", "HTTP/1.1"), request("PUT", "k", "a HTTP/1.1"), request("*1"),
        request("\u{16}\u{03}"),
      ])
    #expect(parse("PING\nhOsT: x\n") == [request("PING"), .refused(.http)])
  }

  @Test func `a lone first byte of a TLS hello waits for the second`() {
    var driver = LineDriver()
    driver.receive([0x16])
    #expect(driver.parsed == [])
    driver.receive([0x03])
    #expect(driver.parsed == [.refused(.tls)])
  }

  // MARK: - Limits

  @Test(arguments: ["\n", "\r\n"], [-1, 0, 1])
  func `the longest line has exactly the allowed length`(end: String, excess: Int) {
    var limits = WireLimits()
    limits.lineBytesMax = 100
    let name = String(repeating: "k", count: 100 + excess - 4)
    let expected: Parsed = excess > 0 ? .fault(.lineTooLong(limit: 100)) : request("GET", name)
    #expect(parse("GET \(name)\(end)PING\n", limits: limits) == [expected, request("PING")])
  }

  @Test func `a line far too long is refused before it is kept and passed over to its end`() {
    var limits = WireLimits()
    limits.lineBytesMax = 100
    var driver = LineDriver(limits: limits)
    for _ in 0..<1000 {
      driver.receive(Array(repeating: UInt8(ascii: "x"), count: 10))
      #expect(driver.keptCount <= 101)
    }
    driver.receive(Array("yy\nPING\n".utf8))
    #expect(driver.parsed == [.fault(.lineTooLong(limit: 100)), request("PING")])
  }

  @Test(arguments: [-1, 0, 1])
  func `there are at most as many arguments as allowed`(excess: Int) {
    var limits = WireLimits()
    limits.argumentsMax = 10
    let words = Array(repeating: "a", count: 10 + excess)
    let expected: Parsed =
      excess > 0
      ? .fault(.tooManyArguments(limit: 10)) : .request([Array("MGET".utf8)] + words.map { Array($0.utf8) })
    #expect(parse("MGET \(words.joined(separator: " "))\nPING\n", limits: limits) == [expected, request("PING")])
  }

  // MARK: - Arrival in parts

  /// Good lines, bad lines and what lies between, with a small limit on lines.
  private static let corpus: [UInt8] =
    Array(
      """
      PING\nPUT greeting hello world \r\nGET greeting\n\n  \t\nPUT k "a \\x00\\n b"\nGET "a\\q"\nGET "open\n\
      LIST\r\nPUT \u{e9} \u{1F600}\nMGET a b c d e f g h\n
      """.utf8) + Array(repeating: UInt8(ascii: "z"), count: 90) + Array("\nDELETE k\r\n".utf8)
    + [0, 1, 2, 0xFF, 10] + Array("GET \"a\"b\nPUT k \"x\" \nQUIT\n".utf8) + Array("PUT never finished".utf8)

  private static var corpusLimits: WireLimits {
    var limits = WireLimits()
    limits.lineBytesMax = 60
    limits.argumentsMax = 7
    return limits
  }

  @Test func `bytes that come one by one give the same as all at once`() {
    let whole = parse(Self.corpus, limits: Self.corpusLimits)
    #expect(whole.count == 15)
    var driver = LineDriver(limits: Self.corpusLimits)
    for byte in Self.corpus { driver.receive([byte]) }
    #expect(driver.parsed == whole)
  }

  @Test func `bytes cut at any point give the same as all at once`() {
    let whole = parse(Self.corpus, limits: Self.corpusLimits)
    for cut in 0...Self.corpus.count {
      var driver = LineDriver(limits: Self.corpusLimits)
      driver.receive(Self.corpus[..<cut])
      driver.receive(Self.corpus[cut...])
      #expect(driver.parsed == whole, "cut at \(cut)")
    }
  }

  @Test func `bytes cut at random give the same as all at once`() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let whole = parse(Self.corpus, limits: Self.corpusLimits)
    for _ in 0..<300 {
      var driver = LineDriver(limits: Self.corpusLimits)
      var start = 0
      while start < Self.corpus.count {
        let end = min(start + 1 + Int(random.next() % 40), Self.corpus.count)
        driver.receive(Self.corpus[start..<end])
        start = end
      }
      #expect(driver.parsed == whole, "seed \(seed)")
    }
  }

  @Test func `random bytes never end in anything but requests faults and refusals`() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let alphabet = Array("PUTGET \t\"\\xn0a\r\n\n*:".utf8) + [0, 0x16, 0x03, 0xFF]
    for _ in 0..<2_000 {
      let bytes = (0..<Int(random.next() % 80)).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
      var whole = LineDriver(limits: Self.corpusLimits)
      whole.receive(bytes)
      var single = LineDriver(limits: Self.corpusLimits)
      for byte in bytes where single.parsed.last.map({ if case .refused = $0 { false } else { true } }) ?? true {
        single.receive([byte])
      }
      #expect(single.parsed == whole.parsed, "seed \(seed), bytes \(bytes)")
    }
  }
}
