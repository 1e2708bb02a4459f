import ArgumentParser
import LinuxIO

/// The command line: flags, checked and turned into a plan.
@main
struct SwiftletBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swiftlet-benchmark",
    abstract: "Loads a key-value server and measures latencies, throughput and the server's processor time.",
    discussion: """
      A closed loop (the default) sends a connection's next batch when the last is answered: take throughput and \
      processor \
      time from it. With --rate, requests become due at fixed times whatever the server does, and latencies count from \
      then, so that a stall is seen by all who would have met it: take latencies from that.
      Exits with 1 if a reply was an error or a connection was lost.
      """)

  @Argument(help: ArgumentHelp("Where the server listens.", valueName: "host:port"))
  var target: TargetFlag = TargetFlag(address: .tcp(host: "127.0.0.1", port: 7878))

  @Option(help: "line, resp or memcached.")
  var dialect: Dialect = .line

  @Option(name: [.long, .short], help: "Connections.")
  var connections = 50

  @Option(name: [.long, .customShort("P")], help: "Requests that a connection has under way at once.")
  var pipeline = 1

  @Option(help: ArgumentHelp("Requests a second, sent in an open loop.", valueName: "count"))
  var rate: Double?

  @OptionGroup(title: "What is asked for") var requests: RequestFlags
  @OptionGroup(title: "How long") var duration: DurationFlags
  @OptionGroup(title: "Meanwhile, on other connections, in a closed loop") var background: BackgroundFlags

  @Option(help: ArgumentHelp("The server's process, for its processor time and memory.", valueName: "number"))
  var pid: Int32?

  @Option(
    help: ArgumentHelp(
      "Addresses from 127.0.0.1 on that connections come from (default: one for each 16,000 of them).",
      valueName: "count"))
  var sources: Int?

  @Option(help: "What random numbers follow from.")
  var seed: UInt64 = 1

  @Flag(help: "Print the figures as one JSON object.")
  var json = false

  func validate() throws {
    guard connections > 0, pipeline > 0, connections <= 1 << 20, pipeline <= 1 << 16 else {
      throw ValidationError("--connections and --pipeline are at least 1")
    }
    if let rate { guard rate > 0, rate <= 1e8 else { throw ValidationError("--rate is more than 0") } }
    if dialect == .memcached, requests.command == .list || background.backgroundCommand == .list {
      throw ValidationError("memcached has no list of keys")
    }
    try requests.check()
    try duration.check()
    try background.check()
  }

  func run() throws {
    let plan = plan
    let result: RunResult
    do {
      var generator = try Generator(plan)
      result = try generator.run()
    } catch {
      StandardError.write(Array("swiftlet-benchmark: \(error)\n".utf8))
      throw ExitCode.failure
    }
    print(json ? JSONReport(plan: plan, result: result).text : TextReport(plan: plan, result: result).text)
    if result.errorCount > 0 { throw ExitCode.failure }
  }

  private var plan: Plan {
    let all = connections + (background.plan?.connectionCount ?? 0)
    let isEndedByBackground = background.plan.map { $0.end != .withOther } ?? false
    return Plan(
      target: target.address, dialect: dialect, shape: requests.shape,
      main: StreamPlan(
        mix: requests.mix, distribution: requests.keyDistribution, connectionCount: connections, pipeline: pipeline,
        requestsPerSecond: rate, end: isEndedByBackground ? .withOther : duration.end),
      background: background.plan, prefills: requests.prefill,
      warmUpNanoseconds: UInt64(duration.warmUp * 1e9),
      sourceCount: sources ?? (all + 15_999) / 16_000, serverPID: pid, seed: seed)
  }
}
