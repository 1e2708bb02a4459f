import Bytes
import TestSupport
import Testing
import Wire

@Suite struct RESPArrivalTests {
  /// Good requests of all kinds and what lies between.
  private static let corpus: [UInt8] =
    multibulk([Array("PING".utf8)]) + multibulk([Array("GET".utf8), []])
    + multibulk([Array("SET".utf8), [0, 255, 13, 10], Array(repeating: 42, count: 120)])
    + Array("*0\r\n*-1\r\n\r\n \n".utf8) + multibulk((0..<15).map { [UInt8($0)] })
    + Array("GET \"a \\x41\\n\" 'b\\'c'\r\nPING\n*-22\r\n".utf8) + multibulk([Array("\r\n$3\r\n".utf8), [36], [42]])
    + multibulk(Array(repeating: Array("*1\r\n".utf8), count: 101)) + Array("QUIT x\"y\"\r\n*3\r\n$3\r\nSET\r\n$1".utf8)

  private static let faults = [
    "*1\r\n$4\r\nPINGxx", "*x\r\n", "*1\r\n$-1\r\n", "*2\r\n$1\r\na\r\nb\r\n", "GET \"a\r\n", "*1\rx", "*1\r\n$4\rx",
    "*11\r\n", "*1\r\n$2000\r\n", "*1\r\n\r\n",
  ]

  /// With usual limits, ordinary requests go a short way; with low ones all go the general way.
  private static func limits(areLow: Bool = true) -> WireLimits {
    var limits = WireLimits()
    guard areLow else { return limits }
    limits.argumentsMax = 101
    limits.bulkBytesMax = 1_999
    return limits
  }

  @Test func `both ways lead to the same requests`() {
    #expect(parseRESP(Self.corpus, limits: Self.limits()) == parseRESP(Self.corpus))
  }

  @Test(arguments: [false, true])
  func `bytes that come one by one give the same as all at once`(areLow: Bool) {
    let whole = parseRESP(Self.corpus, limits: Self.limits(areLow: areLow))
    #expect(whole.count == 9)
    var driver = RESPDriver(limits: Self.limits(areLow: areLow))
    for byte in Self.corpus { driver.receive([byte]) }
    #expect(driver.parsed == whole)
  }

  @Test(arguments: [false, true])
  func `bytes cut at any point give the same as all at once`(areLow: Bool) {
    let whole = parseRESP(Self.corpus, limits: Self.limits(areLow: areLow))
    for cut in 0...Self.corpus.count {
      var driver = RESPDriver(limits: Self.limits(areLow: areLow))
      driver.receive(Self.corpus[..<cut])
      driver.receive(Self.corpus[cut...])
      #expect(driver.parsed == whole, "cut at \(cut)")
    }
  }

  @Test(arguments: faults)
  func `a fault is the same wherever its bytes are cut`(fault: String) {
    let bytes = multibulk([Array("PING".utf8)]) + Array(fault.utf8)
    let whole = parseRESP(bytes, limits: Self.limits(), isAuthenticated: false)
    #expect(whole.count == 2)
    for cut in 0...bytes.count {
      var driver = RESPDriver(limits: Self.limits(), isAuthenticated: false)
      driver.receive(bytes[..<cut])
      driver.receive(bytes[cut...])
      #expect(driver.parsed == whole, "cut at \(cut)")
    }
    var driver = RESPDriver(limits: Self.limits(), isAuthenticated: false)
    for byte in bytes { driver.receive([byte]) }
    #expect(driver.parsed == whole)
  }

  @Test(arguments: [false, true])
  func `bytes cut at random give the same as all at once`(areLow: Bool) {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let whole = parseRESP(Self.corpus, limits: Self.limits(areLow: areLow))
    for _ in 0..<300 {
      var driver = RESPDriver(limits: Self.limits(areLow: areLow))
      var start = 0
      while start < Self.corpus.count {
        let end = min(start + 1 + Int(random.next() % 60), Self.corpus.count)
        driver.receive(Self.corpus[start..<end])
        start = end
      }
      #expect(driver.parsed == whole, "seed \(seed)")
    }
  }

  @Test(arguments: [false, true])
  func `random bytes never end in anything but requests and faults`(areLow: Bool) {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let pieces =
      ["*1\r\n", "*2\r\n", "$1\r\n", "$3\r\n", "a\r\n", "abc\r\n", "\r\n", "*", "$", "\r", "\n", "\"", "'", "\\x4"]
      .map { Array($0.utf8) } + [[0], [0x16, 0x03], [255], [32]]
    for _ in 0..<5_000 {
      let bytes = (0..<Int(random.next() % 20)).flatMap { _ in pieces[Int(random.next() % UInt64(pieces.count))] }
      var single = RESPDriver(limits: Self.limits(areLow: areLow))
      for byte in bytes { single.receive([byte]) }
      #expect(single.parsed == parseRESP(bytes, limits: Self.limits(areLow: areLow)), "seed \(seed), bytes \(bytes)")
    }
  }

  @Test func `random requests come out as they went in`() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      let requests = (0..<3).map { _ in
        (0...Int(random.next() % 13)).map { _ in
          (0..<Int(random.next() % (random.next() % 4 == 0 ? 1_200 : 12))).map { _ in
            UInt8(truncatingIfNeeded: random.next())
          }
        }
      }
      let bytes = requests.flatMap(multibulk)
      var driver = RESPDriver()
      var start = 0
      while start < bytes.count {
        let end = min(start + 1 + Int(random.next() % 300), bytes.count)
        driver.receive(bytes[start..<end])
        start = end
      }
      #expect(driver.parsed == requests.map { .request($0) }, "seed \(seed)")
    }
  }

  /// To look at the request from its start for each byte would take a thousand times as long as this test may.
  @Test(.timeLimit(.minutes(1)), arguments: [1, 20, 100_000])
  func `a long request that comes byte by byte is looked at once`(argumentBytes: Int) {
    let argument = Array(repeating: UInt8(97), count: argumentBytes)
    let words = Array(repeating: argument, count: 300_000 / (argumentBytes + 6))
    var driver = RESPDriver()
    for byte in multibulk(words) { driver.receive(CollectionOfOne(byte)) }
    #expect(driver.parsed.count == 1)
    #expect(driver.parsed == [.request(words)])
  }
}
