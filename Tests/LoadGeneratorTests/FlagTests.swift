import Testing

@testable import LoadGenerator

@Suite("The load generator's flags")
struct FlagTests {
  @Test(arguments: [
    ("32", 32...32), ("1..4096", 1...4096), ("7..7", 7...7), ("5..1", nil), ("1...4", nil), ("..4", nil), ("1..", nil),
    ("1.4", nil), ("", nil), ("a..b", nil), ("1..99999999999999999999", nil),
  ])
  func `a range is a number or two with dots between`(_ text: String, _ expected: ClosedRange<Int>?) {
    #expect(RangeFlag(argument: text)?.range == expected)
  }

  @Test(arguments: [
    ("uniform", KeyDistribution.uniform), ("sequential", .sequential), ("zipf", .zipf(exponent: 0.99)),
    ("zipf:1.2", .zipf(exponent: 1.2)), ("zipf:0", nil), ("zipf:x", nil), ("zipf:", nil), ("zipf:1:2", nil),
    ("uniform:1", nil), ("", nil),
  ])
  func `a distribution is named, Zipf's with its exponent`(_ text: String, _ expected: KeyDistribution?) {
    #expect(DistributionFlag(argument: text)?.distribution == expected)
  }

  @Test(arguments: [
    "--threads 51", "--threads 0", "--connections 0", "--pipeline 0", "--rate 0", "--rate 1 --rate-per-connection 1",
    "--rate-per-connection -1", "--connect-rate 0", "--sources 0", "--value-bytes 0", "--value-bytes 1..16777217",
    "--ttl 0", "--dialect memcached --ttl 2592001", "--dialect memcached --key-bytes 251",
    "--dialect memcached --command list", "--keys 0", "--key-bytes 4", "--requests 0", "--seconds 0", "--ratio 0:0",
    "--command nothing", "--background-connections 0",
  ])
  func `what cannot be is refused`(_ line: String) {
    #expect(throws: (any Error).self) { try SwiftletBenchmark.parse(line.split(separator: " ").map(String.init)) }
  }

  @Test func `flags become a plan`() throws {
    let line = "127.0.0.1:1 --dialect resp -c 40 -P 8 -t 4 --rate-per-connection 25 --ttl 5..9 --value-bytes 1..64"
    let command = try SwiftletBenchmark.parse(
      (line + " --connect-rate 100 --requests 77 --hdr-log x").split(separator: " ").map(String.init))
    let plan = command.plan
    #expect(plan.dialect == .resp)
    #expect(plan.main.requestsPerSecond == 1000)
    #expect(plan.main.end == .requests(77))
    #expect(plan.shape.lifetimeSeconds == 5...9)
    #expect(plan.shape.valueBytes == 1...64)
    #expect(plan.threadCount == 4)
    #expect(plan.connectionsPerSecond == 100)
    #expect(plan.keepsIntervals)
  }
}
