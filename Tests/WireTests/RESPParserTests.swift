import Bytes
import TestSupport
import Testing
import Wire

@Suite struct RESPParserTests {
  @Test(arguments: [
    ("*1\r\n$4\r\nPING\r\n", RESPParsed.words("PING")),
    ("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", .words("GET", "k")),
    ("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n", .words("SET", "k", "")),
    ("*1\r\n$4\r\n\r\n\r\n\r\n", .words("\r\n\r\n")),
    ("*2\r\n$3\r\nGET\r\n$12\r\nhello world!\r\n", .words("GET", "hello world!")),
    ("*12\r\n" + String(repeating: "$1\r\na\r\n", count: 12), .request(Array(repeating: [97], count: 12))),
    ("*100\r\n" + String(repeating: "$1\r\na\r\n", count: 100), .request(Array(repeating: [97], count: 100))),
    ("PING\r\n", .words("PING")),
    ("PING\n", .words("PING")),
    ("\r\n\nPING\n", .words("PING")),
  ])
  func `each form of request is split into its words`(input: String, expected: RESPParsed) {
    #expect(parseRESP(input) == [expected])
    #expect(parseRESP(input + input) == [expected, expected])
  }

  @Test(arguments: [0, 1, 2, 9, 10, 99, 100, 999, 1_000, 9_999, 10_000, 99_999, 100_000])
  func `arguments of every length come out as they went in`(length: Int) {
    let value = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let words = [Array("SET".utf8), [107], value]
    #expect(parseRESP(multibulk(words) + multibulk(words)) == [.request(words), .request(words)])
  }

  @Test(arguments: [1, 2, 9, 10, 11, 98, 99, 100, 101, 999, 1_000])
  func `any number of arguments comes out as it went in`(count: Int) {
    let words = (0..<count).map { Array("argument \($0)".utf8) }
    #expect(parseRESP(multibulk(words) + multibulk(words)) == [.request(words), .request(words)])
  }

  @Test(arguments: [
    "*0\r\n", "*-1\r\n", "*-5\r\n", "*-9223372036854775808\r\n", "\r\n", "\n", " \t\r\n", "\u{0B}\u{0C}\n",
  ])
  func `a request of nothing is ignored`(input: String) {
    #expect(parseRESP(input) == [])
    #expect(parseRESP(input + "*1\r\n$4\r\nPING\r\n" + input + "PING\r\n") == [.words("PING"), .words("PING")])
  }

  @Test(arguments: [
    "*+1\r\n", "*01\r\n", "*-0\r\n", "*\r\n", "* 1\r\n", "*1 \r\n", "*1x\r\n", "*1.\r\n", "*1048577\r\n",
    "*2147483648\r\n",
    "*9223372036854775807\r\n", "*9223372036854775808\r\n", "*-9223372036854775809\r\n", "*1\n$4\r\nPING\r\n",
    "*1\rx$4\r\nPING\r\n", "*000000000000000000000000000000001\r\n",
  ])
  func `a count that is none is refused`(input: String) {
    #expect(parseRESP(input) == [.fault(.invalidCount)])
  }

  @Test(arguments: [
    "$-1\r\n", "$+4\r\nPING\r\n", "$04\r\nPING\r\n", "$-0\r\n", "$\r\n", "$ 4\r\nPING\r\n", "$4 \r\nPING\r\n",
    "$536870913\r\n", "$9223372036854775808\r\n", "$4\rxPING\r\n", "$4\n\nPING\r\n", "$00\r\n\r\n",
  ])
  func `a length that is none is refused`(argument: String) {
    #expect(parseRESP("*1\r\n" + argument) == [.fault(.invalidLength)])
    #expect(parseRESP("*2\r\n$4\r\nECHO\r\n" + argument) == [.fault(.invalidLength)])
  }

  @Test(arguments: [
    ("PING\r\n", UInt8(ascii: "P")), ("*1\r\n", UInt8(ascii: "*")), ("\r\n", 13), (":4\r\nPING\r\n", UInt8(ascii: ":")),
  ])
  func `an argument without its length is refused`(argument: String, found: UInt8) {
    #expect(parseRESP("*1\r\n" + argument) == [.fault(.noLength(found: found))])
  }

  @Test(arguments: ["$4\r\nPINGx\r", "$4\r\nPING\n\n", "$4\r\nPING\r\r", "$0\r\nab", "$3\r\nPING\r\n"])
  func `an argument that does not end where its length says is refused`(argument: String) {
    #expect(parseRESP("*1\r\n" + argument) == [.fault(.unterminatedBulk)])
  }

  @Test(arguments: [
    "*", "*1", "*1\r", "*1\r\n", "*1\r\n$", "*1\r\n$4", "*1\r\n$4\r", "*1\r\n$4\r\n", "*1\r\n$4\r\nPIN",
    "*1\r\n$4\r\nPING", "*1\r\n$4\r\nPING\r", "*2\r\n$4\r\nPING\r\n", "PING", "PING\r",
  ])
  func `a request that is not there whole waits`(input: String) {
    #expect(parseRESP(input) == [])
  }

  @Test(arguments: [
    (RESPFault.invalidCount, "invalid multibulk length"), (.unauthenticatedCount, "unauthenticated multibulk length"),
    (.countLineTooLong, "too big mbulk count string"), (.noLength(found: 80), "expected '$', got 'P'"),
    (.noLength(found: 13), "expected '$', got ' '"), (.invalidLength, "invalid bulk length"),
    (.unauthenticatedLength, "unauthenticated bulk length"), (.lengthLineTooLong, "too big bulk count string"),
    (.unterminatedBulk, "bulk string is not followed by CRLF"), (.inlineTooLong, "too big inline request"),
    (.unbalancedQuotes, "unbalanced quotes in request"),
    (.requestTooLong(limit: 7), "request is too long: at most 7 bytes are allowed"),
  ])
  func `a fault is told as Redis tells it`(fault: RESPFault, message: String) {
    let reply = written {
      $0.dialect = .resp2
      $0.fault(fault)
    }
    #expect(reply == "-ERR Protocol error: \(message)\r\n")
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\r\n", Refusal.http), ("PUT /k HTTP/1.0\n", .http), ("\r\nPOST /x HTTP/1.1 \r\n", .http),
    ("Host: example.org\r\n", .http), ("\u{16}\u{03}\u{01}", .tls),
    ("*1\r\n$4\r\nPING\r\nHost: example.org\r\n", .http),
  ])
  func `another protocol is refused`(opening: String, refusal: Refusal) {
    #expect(parseRESP(opening).last == .fault(.foreign(refusal)))
  }

  @Test func `what looks like another protocol later is a request like others`() {
    #expect(parseRESP("PING\r\nSET k HTTP/1.1\r\n") == [.words("PING"), .words("SET", "k", "HTTP/1.1")])
    #expect(
      parseRESP("*1\r\n$4\r\nPING\r\n\u{16}\u{03} HTTP/1.1\r\n") == [
        .words("PING"), .words("\u{16}\u{03}", "HTTP/1.1"),
      ])
  }
}
