import Bytes
import TestSupport
import Testing
import Wire

@Suite struct RESPLimitTests {
  @Test(arguments: [-1, 0, 1], [3, 12, 1_200])
  func `there are at most as many arguments as allowed`(excess: Int, most: Int) {
    var limits = WireLimits()
    limits.argumentsMax = most
    let words = Array(repeating: [UInt8(97)], count: most + excess)
    #expect(parseRESP(multibulk(words), limits: limits) == [excess > 0 ? .fault(.invalidCount) : .request(words)])
    let line = Array(String(repeating: "a ", count: most + excess).utf8) + [10]
    #expect(parseRESP(line, limits: limits) == [excess > 0 ? .fault(.invalidCount) : .request(words)])
  }

  @Test(arguments: [-1, 0, 1])
  func `a million arguments are allowed`(excess: Int) {
    let announced = parseRESP("*\(1024 * 1024 + excess)\r\n")
    #expect(announced == (excess > 0 ? [.fault(.invalidCount)] : []))
  }

  @Test(arguments: [-1, 0, 1], [5, 50, 5_000])
  func `an argument is at most as long as allowed`(excess: Int, most: Int) {
    var limits = WireLimits()
    limits.bulkBytesMax = most
    let words = [[UInt8(65)], Array(repeating: UInt8(97), count: most + excess)]
    let expected: RESPParsed = excess > 0 ? .fault(.invalidLength) : .request(words)
    #expect(parseRESP(multibulk(words), limits: limits) == [expected])
  }

  @Test(arguments: [-1, 0, 1])
  func `half a gigabyte is allowed and refused beyond by its length alone`(excess: Int) {
    let announced = parseRESP("*1\r\n$\(512 * 1024 * 1024 + excess)\r\n")
    #expect(announced == (excess > 0 ? [.fault(.invalidLength)] : []))
  }

  @Test(arguments: [-1, 0, 1])
  func `a request is at most as long as allowed`(excess: Int) {
    let words = [Array("SET".utf8), [107], Array(repeating: UInt8(120), count: 40)]
    let bytes = multibulk(words)
    var limits = WireLimits()
    limits.requestBytesMax = bytes.count - excess
    let expected: RESPParsed = excess > 0 ? .fault(.requestTooLong(limit: limits.requestBytesMax)) : .request(words)
    #expect(parseRESP(bytes, limits: limits) == [expected])
    #expect(parseRESP(bytes + bytes, limits: limits).first == expected)
  }

  @Test(arguments: [-1, 0, 1])
  func `a client that has not authenticated may send ten arguments`(excess: Int) {
    let words = Array(repeating: [UInt8(97)], count: 10 + excess)
    let expected: RESPParsed = excess > 0 ? .fault(.unauthenticatedCount) : .request(words)
    #expect(parseRESP(multibulk(words), isAuthenticated: false) == [expected])
    #expect(parseRESP("*-3\r\nPING\r\n", isAuthenticated: false) == [.words("PING")])
  }

  @Test(arguments: [-1, 0, 1])
  func `a client that has not authenticated may send arguments of 16 kilobytes`(excess: Int) {
    let words = [[UInt8(97)], Array(repeating: UInt8(97), count: 16_384 + excess)]
    let expected: RESPParsed = excess > 0 ? .fault(.unauthenticatedLength) : .request(words)
    #expect(parseRESP(multibulk(words), isAuthenticated: false) == [expected])
  }

  @Test(
    arguments: [-1, 0, 1], [("*", RESPFault.countLineTooLong), ("*1\r\n$", .lengthLineTooLong), ("", .inlineTooLong)])
  func `a line that does not end is refused beyond 64 kilobytes`(excess: Int, kind: (start: String, fault: RESPFault)) {
    let tagCount = kind.start.isEmpty ? 0 : 1
    let line = kind.start + String(repeating: "1", count: 65_536 - tagCount + excess)
    #expect(parseRESP(line) == (excess > 0 ? [.fault(kind.fault)] : []))
    var driver = RESPDriver()
    for byte in line.utf8 { driver.receive([byte]) }
    #expect(driver.parsed == (excess > 0 ? [.fault(kind.fault)] : []))
  }

  @Test(arguments: [-1, 0, 1])
  func `a typed request is at most 64 kilobytes long`(excess: Int) {
    let word = String(repeating: "x", count: 65_536 + excess)
    let expected: RESPParsed = excess > 0 ? .fault(.inlineTooLong) : .words(word)
    #expect(parseRESP(word + "\n") == [expected])
  }

  @Test func `what is only announced is not kept`() {
    for input in ["*1048576\r\n", "*1048576\r\n$3\r\nSET\r\n$536870912\r\n", "*2\r\n$536870912\r\nabc"] {
      var driver = RESPDriver()
      driver.receive(Array(input.utf8))
      #expect(driver.parsed == [])
      #expect(driver.keptCount == input.utf8.count)
    }
  }
}
