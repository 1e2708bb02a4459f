// The flags by theme, and their values as people write them.

import ArgumentParser
import LinuxIO

extension Dialect: ExpressibleByArgument {}

extension RequestKind: ExpressibleByArgument {
  init?(argument: String) {
    guard let kind = Self.allCases.first(where: { "\($0)" == argument.lowercased() }) else { return nil }
    self = kind
  }

  var defaultValueDescription: String { "\(self)" }
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

/// Names of distributions; Zipf's exponent is a flag of its own.
enum DistributionFlag: String, ExpressibleByArgument, CaseIterable {
  case uniform
  case sequential
  case zipf
}

/// What is asked for.
struct RequestFlags: ParsableArguments {
  @Option(help: "get, put, ping or list (all keys; in RESP KEYS *).")
  var command: RequestKind = .get

  @Option(help: ArgumentHelp("GETs and PUTs, mixed, instead of one command: 10:1, say.", valueName: "gets:puts"))
  var ratio: RatioFlag?

  @Option(help: "Different keys.")
  var keys = 100_000

  @Option(help: "uniform, sequential or zipf.")
  var distribution: DistributionFlag = .uniform

  @Option(help: "Zipf's exponent: the key of rank r is asked for as often as 1 / r to this power.")
  var zipfExponent = 0.99

  @Option(help: "Length of a key.")
  var keyBytes = 16

  @Option(help: "Length of a value.")
  var valueBytes = 32

  @Flag(help: "Put every key once before measuring.")
  var prefill = false

  var shape: DataShape { DataShape(keyCount: keys, keyBytes: keyBytes, valueBytes: valueBytes) }
  var mix: RequestMix { ratio.map { RequestMix(gets: $0.gets, puts: $0.puts) } ?? RequestMix(command) }

  var keyDistribution: KeyDistribution {
    switch distribution {
    case .uniform: .uniform
    case .sequential: .sequential
    case .zipf: .zipf(exponent: zipfExponent)
    }
  }

  func check() throws {
    guard keys > 0, keys <= 1 << 40 else { throw ValidationError("--keys is at least 1") }
    guard keyBytes >= RequestWriter.digitCount(keys), keyBytes <= 16_384 else {
      throw ValidationError("--key-bytes has to hold the digits of \(keys) keys")
    }
    guard valueBytes > 0, valueBytes <= 16 << 20 else { throw ValidationError("--value-bytes is from 1 to 16 Mi") }
    guard zipfExponent > 0, zipfExponent <= 10 else { throw ValidationError("--zipf-exponent is from 0 to 10") }
  }
}

/// When the measured phase ends.
struct DurationFlags: ParsableArguments {
  @Option(name: [.customLong("requests"), .customShort("n")], help: "Requests in all, instead of a time.")
  var count: Int?

  @Option(help: "How long to measure.")
  var seconds = 10.0

  @Option(help: ArgumentHelp("How long to warm up before that.", valueName: "seconds"))
  var warmUp = 1.0

  var end: StreamEnd { count.map { .requests($0) } ?? .nanoseconds(UInt64(seconds * 1e9)) }

  func check() throws {
    if let count { guard count > 0 else { throw ValidationError("--requests is at least 1") } }
    guard seconds > 0, seconds <= 1e6, warmUp >= 0, warmUp <= 1e6 else {
      throw ValidationError("--seconds is more than 0, --warm-up at least 0")
    }
  }
}

/// A second stream of requests beside the measured one.
struct BackgroundFlags: ParsableArguments {
  @Option(help: "get, put, ping or list: keys uniform, but put's one after the other.")
  var backgroundCommand: RequestKind?

  @Option(help: "Connections for it.")
  var backgroundConnections = 1

  @Option(help: "Requests that one of them has under way at once.")
  var backgroundPipeline = 1

  @Option(help: "Requests after which the whole run ends.")
  var backgroundRequests: Int?

  var plan: StreamPlan? {
    backgroundCommand.map { command in
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
