// The flags by theme, and their values as people write them.

import ArgumentParser
import LinuxIO

extension Dialect: ExpressibleByArgument {}

/// A kind of request by its name.
struct CommandFlag: ExpressibleByArgument {
  let kind: RequestKind

  init(_ kind: RequestKind) { self.kind = kind }

  init?(argument: String) {
    guard let kind = RequestKind.allCases.first(where: { "\($0)" == argument.lowercased() }) else { return nil }
    self.kind = kind
  }

  var defaultValueDescription: String { "\(kind)" }
}

/// Where the server listens.
struct TargetFlag: ExpressibleByArgument {
  let address: ListenAddress

  init(address: ListenAddress) { self.address = address }

  init?(argument: String) {
    guard let address = ListenAddress(argument) else { return nil }
    self.address = address
  }

  var defaultValueDescription: String { "\(address)" }
}

/// GETs and PUTs as `10:1`.
struct RatioFlag: ExpressibleByArgument {
  let gets: Int
  let puts: Int

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let gets = Int(parts[0]), let puts = Int(parts[1]) else { return nil }
    guard gets >= 0, puts >= 0, gets + puts > 0, gets + puts <= 10_000 else { return nil }
    self.gets = gets
    self.puts = puts
  }
}

/// A number, or a range of numbers as `1..4096`.
struct RangeFlag: ExpressibleByArgument, Equatable {
  let range: ClosedRange<Int>

  init(_ range: ClosedRange<Int>) { self.range = range }

  init?(argument: String) {
    if let number = Int(argument) {
      range = number...number
      return
    }
    let parts = argument.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[1].isEmpty, let lower = Int(parts[0]), let upper = Int(parts[2]) else { return nil }
    guard lower <= upper else { return nil }
    range = lower...upper
  }

  var defaultValueDescription: String {
    range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)..\(range.upperBound)"
  }
}

/// `uniform`, `sequential`, or `zipf` with an exponent behind a colon.
struct DistributionFlag: ExpressibleByArgument {
  /// Usual in YCSB (Cooper et al., SoCC 2010), and so in papers on stores.
  private static let usualExponent = 0.99

  let distribution: KeyDistribution

  init(_ distribution: KeyDistribution) { self.distribution = distribution }

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    switch (parts[0], parts.count) {
    case ("uniform", 1): distribution = .uniform
    case ("sequential", 1): distribution = .sequential
    case ("zipf", 1): distribution = .zipf(exponent: Self.usualExponent)
    case ("zipf", 2):
      guard let exponent = Double(parts[1]), exponent > 0, exponent <= 10 else { return nil }
      distribution = .zipf(exponent: exponent)
    default: return nil
    }
  }

  var defaultValueDescription: String { "\(distribution)" }
}

/// What is asked for.
struct RequestFlags: ParsableArguments {
  @Option(help: ArgumentHelp("get, put, ping or list (all keys; in RESP KEYS *).", valueName: "name"))
  var command = CommandFlag(.get)

  @Option(help: ArgumentHelp("GETs and PUTs, mixed, instead of one command: 10:1, say.", valueName: "gets:puts"))
  var ratio: RatioFlag?

  @Option(help: ArgumentHelp("Different keys.", valueName: "count"))
  var keys = 100_000

  @Option(
    help: ArgumentHelp(
      "uniform, sequential, or zipf:1.2: the key of rank r as often as 1 / r to that power (zipf alone: 0.99).",
      valueName: "name"))
  var distribution = DistributionFlag(.uniform)

  @Option(help: ArgumentHelp("Length of a key.", valueName: "bytes"))
  var keyBytes = 16

  @Option(help: ArgumentHelp("Length of a value, or a range to draw it from, as 1..4096.", valueName: "bytes"))
  var valueBytes = RangeFlag(32...32)

  @Option(help: ArgumentHelp("How long a PUT lets its key live, or a range to draw it from.", valueName: "seconds"))
  var ttl: RangeFlag?

  @Flag(help: "Put every key once before measuring.")
  var prefill = false

  var shape: DataShape {
    DataShape(keyCount: keys, keyBytes: keyBytes, valueBytes: valueBytes.range, lifetimeSeconds: ttl?.range)
  }
  var mix: RequestMix { ratio.map { RequestMix(gets: $0.gets, puts: $0.puts) } ?? RequestMix(command.kind) }

  /// memcached takes a longer lifetime for a moment since 1970.
  static let memcachedLifetimeMax = 30 * 86_400

  func check(_ dialect: Dialect) throws {
    guard keys > 0, keys <= 1 << 40 else { throw ValidationError("--keys is at least 1") }
    guard keyBytes >= RequestWriter.digitCount(keys), keyBytes <= 16_384 else {
      throw ValidationError("--key-bytes has to hold the digits of \(keys) keys")
    }
    guard valueBytes.range.lowerBound > 0, valueBytes.range.upperBound <= 16 << 20 else {
      throw ValidationError("--value-bytes is from 1 to 16777216")
    }
    if let ttl {
      let secondsMax = dialect == .memcached ? Self.memcachedLifetimeMax : 1_000_000_000
      guard ttl.range.lowerBound > 0, ttl.range.upperBound <= secondsMax else {
        throw ValidationError("--ttl is from 1 to \(secondsMax) in the \(dialect) dialect")
      }
    }
  }
}

/// When the measured phase ends.
struct DurationFlags: ParsableArguments {
  @Option(
    name: [.customLong("requests"), .customShort("n")],
    help: ArgumentHelp("Requests in all, instead of a time.", valueName: "count"))
  var count: Int?

  @Option(help: "How long to measure.")
  var seconds = 10.0

  @Option(help: ArgumentHelp("How long to warm up before that.", valueName: "seconds"))
  var warmUp = 1.0

  var end: StreamEnd { count.map { .requests($0) } ?? .nanoseconds(UInt64(seconds * 1e9)) }

  func check() throws {
    if let count { guard count > 0, count <= 1 << 50 else { throw ValidationError("--requests is at least 1") } }
    guard seconds > 0, seconds <= 1e6, warmUp >= 0, warmUp <= 1e6 else {
      throw ValidationError("--seconds is more than 0, --warm-up at least 0")
    }
  }
}

/// Where from, and how many.
struct ConnectionFlags: ParsableArguments {
  @Option(
    name: [.customLong("connections"), .customShort("c")], help: ArgumentHelp("Connections.", valueName: "count"))
  var count = 50

  @Option(
    name: [.long, .customShort("P")],
    help: ArgumentHelp("Requests that a connection has under way at once.", valueName: "depth"))
  var pipeline = 1

  @Option(
    name: [.long, .customShort("t")],
    help: ArgumentHelp("Threads that the connections are spread over.", valueName: "count"))
  var threads = 1

  @Option(help: ArgumentHelp("Connections made a second (default: as fast as they are accepted).", valueName: "count"))
  var connectRate: Double?

  @Option(
    help: ArgumentHelp(
      "Addresses from 127.0.0.1 on that connections come from, in turn (default: one for each 16,000 of them).",
      valueName: "count"))
  var sources: Int?

  func check() throws {
    guard count > 0, pipeline > 0, count <= 1 << 20, pipeline <= 1 << 16 else {
      throw ValidationError("--connections is from 1 to 1048576, --pipeline from 1 to 65536")
    }
    guard threads > 0, threads <= min(count, 1024) else {
      throw ValidationError("--threads is from 1 to the number of connections, and at most 1024")
    }
    if let connectRate {
      guard connectRate > 0, connectRate <= 1e9 else { throw ValidationError("--connect-rate is more than 0") }
    }
    if let sources {
      guard sources > 0, sources < 1 << 24 else { throw ValidationError("--sources is from 1 to 16777215") }
    }
  }
}

/// An open loop's pace.
struct RateFlags: ParsableArguments {
  @Option(help: ArgumentHelp("Requests a second, over all connections.", valueName: "count"))
  var rate: Double?

  @Option(help: ArgumentHelp("Requests a second on each connection, instead.", valueName: "count"))
  var ratePerConnection: Double?

  func total(connections: Int) -> Double? { rate ?? ratePerConnection.map { $0 * Double(connections) } }

  func check(connections: Int) throws {
    guard rate == nil || ratePerConnection == nil else {
      throw ValidationError("--rate and --rate-per-connection exclude each other")
    }
    if let total = total(connections: connections) {
      guard total > 0, total <= 1e8 else { throw ValidationError("an open loop's rate is from above 0 to 100 million") }
    }
  }
}

/// A second stream of requests beside the measured one.
struct BackgroundFlags: ParsableArguments {
  @Option(help: ArgumentHelp("get, put, ping or list: keys uniform, but put's in sequence.", valueName: "name"))
  var backgroundCommand: CommandFlag?

  @Option(help: ArgumentHelp("Connections for it.", valueName: "count"))
  var backgroundConnections = 1

  @Option(help: ArgumentHelp("Requests that one of them has under way at once.", valueName: "count"))
  var backgroundPipeline = 1

  @Option(help: ArgumentHelp("Requests after which the whole run ends.", valueName: "count"))
  var backgroundRequests: Int?

  var plan: StreamPlan? {
    backgroundCommand.map(\.kind).map { command in
      StreamPlan(
        mix: RequestMix(command), distribution: command == .put ? .sequential : .uniform,
        connectionCount: backgroundConnections, pipeline: backgroundPipeline, requestsPerSecond: nil,
        end: backgroundRequests.map { .requests($0) } ?? .withOther)
    }
  }

  func check() throws {
    guard backgroundConnections > 0, backgroundPipeline > 0, backgroundPipeline <= 1 << 16, backgroundRequests ?? 1 > 0
    else { throw ValidationError("--background-… counts are at least 1") }
  }
}
