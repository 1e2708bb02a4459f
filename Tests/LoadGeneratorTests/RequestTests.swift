import Bytes
import Testing

@testable import LoadGenerator

@Suite("Requests, as the load generator makes them")
struct RequestTests {
  @Test(arguments: [
    (Dialect.line, "GET key:0042\nPUT key:0007 vvv\nPING\n"),
    (
      .resp,
      "*2\r\n$3\r\nGET\r\n$8\r\nkey:0042\r\n"
        + "*3\r\n$3\r\nSET\r\n$8\r\nkey:0007\r\n$3\r\nvvv\r\n*1\r\n$4\r\nPING\r\n"
    ),
    (.memcached, "get key:0042\r\nset key:0007 0 0 3\r\nvvv\r\nversion\r\n"),
  ])
  func `a request is spelled as its dialect wants it`(_ dialect: Dialect, _ expected: String) {
    var writer = RequestWriter(dialect: dialect, shape: DataShape(keyCount: 100, keyBytes: 8, valueBytes: 3...3))
    var output = ByteBuffer()
    writer.append(.get, key: 42, to: &output)
    writer.append(.put, key: 7, to: &output)
    writer.append(.ping, key: 0, to: &output)
    #expect(String(decoding: output.span.copied, as: UTF8.self) == expected)
  }

  @Test(arguments: [
    (Dialect.line, "SET key:0007 vvv EX 60\n"),
    (.resp, "*5\r\n$3\r\nSET\r\n$8\r\nkey:0007\r\n$3\r\nvvv\r\n$2\r\nEX\r\n$2\r\n60\r\n"),
    (.memcached, "set key:0007 0 60 3\r\nvvv\r\n"),
  ])
  func `a lifetime is said as the dialect says it`(_ dialect: Dialect, _ expected: String) {
    let shape = DataShape(keyCount: 100, keyBytes: 8, valueBytes: 3...3, lifetimeSeconds: 60...60)
    var writer = RequestWriter(dialect: dialect, shape: shape)
    var output = ByteBuffer()
    writer.append(.put, key: 7, to: &output)
    #expect(String(decoding: output.span.copied, as: UTF8.self) == expected)
  }

  @Test(arguments: Dialect.allCases)
  func `lengths and lifetimes are drawn from all of their ranges and agree with what is said of them`(
    _ dialect: Dialect
  ) throws {
    let shape = DataShape(keyCount: 100, keyBytes: 8, valueBytes: 9...11, lifetimeSeconds: 98...101)
    var writer = RequestWriter(dialect: dialect, shape: shape)
    var pairs: Set<[Int]> = []
    for _ in 0..<500 {
      var output = ByteBuffer()
      writer.append(.put, key: 42, to: &output)
      let words = String(decoding: output.span.copied, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(
        String.init)
      let value = try #require(words.first { $0.hasPrefix("v") })
      #expect(words.contains("key:0042"))
      switch dialect {
      case .line: pairs.insert([value.count, try #require(Int(words[4]))])
      case .resp:
        #expect(words[5] == "$\(value.count)")
        #expect(words[9] == "$\(words[10].count)")
        pairs.insert([value.count, try #require(Int(words[10]))])
      case .memcached:
        #expect(words[4] == "\(value.count)")
        pairs.insert([value.count, try #require(Int(words[3]))])
      }
    }
    #expect(pairs == Set((9...11).flatMap { length in (98...101).map { [length, $0] } }))
  }

  @Test(arguments: [
    KeyDistribution.uniform, .sequential, .zipf(exponent: 0.99), .zipf(exponent: 1), .zipf(exponent: 1.3),
  ])
  func `keys are in bounds, and all come up`(_ distribution: KeyDistribution) {
    var chooser = KeyChooser(distribution, count: 10, seed: 1)
    var counts = [Int](repeating: 0, count: 10)
    for _ in 0..<10_000 { counts[Int(chooser.next())] += 1 }
    #expect(counts.allSatisfy { $0 > 0 })
  }

  @Test func `Zipf's first keys are as popular as they should be`() {
    var chooser = KeyChooser(.zipf(exponent: 1), count: 1000, seed: 7)
    var counts = [Int](repeating: 0, count: 1000)
    for _ in 0..<200_000 { counts[Int(chooser.next())] += 1 }
    counts.sort(by: >)
    // The sum of 1/r for r to 1000 is 7.4855.
    for rank in 1...5 {
      let expected = 200_000 / 7.4855 / Double(rank)
      #expect(abs(Double(counts[rank - 1]) - expected) < expected * 0.06, "rank \(rank)")
    }
  }

  @Test func `a sequence begins where it is told to, and goes round`() {
    var chooser = KeyChooser(.sequential, count: 5, first: 3, seed: 1)
    #expect((0..<7).map { _ in chooser.next() } == [3, 4, 0, 1, 2, 3, 4])
  }

  @Test func `an open loop's requests go round the connections at their interval`() {
    let plan = StreamPlan(
      mix: RequestMix(.get), distribution: .uniform, connectionCount: 3, pipeline: 1, requestsPerSecond: 1000,
      end: .nanoseconds(1_000_000_000))
    var stream = Stream(plan: plan, firstLink: 0, shape: DataShape(), seed: 1)
    stream.begin(at: 5_000_000)
    #expect(stream.issuedMax == 1000)
    #expect(stream.intendedTime(place: 1, number: 2) == 12_000_000)
    stream.issued = 5
    #expect([0, 1, 2].map { stream.dueCount(place: $0) } == [2, 2, 1])
  }

  @Test func `figures are rounded, not cut`() {
    #expect(fixed(1.2345, 2) == "1.23")
    #expect(fixed(0.999, 2) == "1.00")
    #expect(fixed(-0.06, 1) == "-0.1")
    #expect(fixed(7, 0) == "7")
    #expect(fixed(.infinity, 1) == "?")
  }
}
