import ArgumentParser
import Glibc
import LinuxIO

/// The command line: flags, checked and turned into a plan.
@main
struct SwiftletBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swiftlet-benchmark",
    abstract: "Loads a key-value server and measures latencies, throughput and the server's processor time.",
    discussion: """
      A closed loop (the default) sends a connection's next batch when the last is answered. Take throughput and \
      processor time from it. Its latencies are those of clients that wait: while the server stalls it asks nothing, \
      and so records one bad latency where a thousand clients would have met one.

      An open loop (--rate) has requests become due at fixed times, whatever the server does, and counts latencies \
      from then, so that a stall is seen by all who would have met it. Take latencies from it.

      EXAMPLES
        GETs from 50 connections for 10 s, then a pipelined mix:
          swiftlet-benchmark --prefill
          swiftlet-benchmark --prefill --ratio 10:1 -P 16
        Redis, and what a request costs it:
          swiftlet-benchmark 127.0.0.1:6379 --dialect resp --prefill \\
            --pid $(pidof redis-server)
        memcached, values of many lengths that expire:
          swiftlet-benchmark 127.0.0.1:11211 --dialect memcached \\
            --command put --ttl 10..60 --value-bytes 1..4096
        Many connections that ask now and then:
          swiftlet-benchmark -c 19000 --connect-rate 5000 --rate-per-connection 2
        Latencies by the second, for HdrHistogram's tools:
          swiftlet-benchmark --prefill --rate 100000 -t 2 --hdr-log latencies.hlog

      Ctrl-C ends the measurement early and shows its figures. Exits with 1 if a reply was an error or a connection \
      was lost.
      """)

  @Argument(help: ArgumentHelp("Where the server listens.", valueName: "host:port"))
  var target: TargetFlag = TargetFlag(address: .tcp(host: "127.0.0.1", port: 7878))

  @Option(help: "line, resp or memcached.")
  var dialect: Dialect = .line

  @OptionGroup(title: "Connections") var connections: ConnectionFlags
  @OptionGroup(title: "Open loop") var pace: RateFlags
  @OptionGroup(title: "What is asked for") var requests: RequestFlags
  @OptionGroup(title: "How long") var duration: DurationFlags
  @OptionGroup(title: "Meanwhile, on other connections, in a closed loop") var background: BackgroundFlags

  @Option(help: ArgumentHelp("The server's process, for its processor time and memory.", valueName: "number"))
  var pid: Int32?

  @Option(help: ArgumentHelp("What random numbers follow from.", valueName: "number"))
  var seed: UInt64 = 1

  @Flag(help: "Print the figures as one JSON object.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Write latencies in ns by the second to a file, in HdrHistogram's interval log format.", valueName: "file"))
  var hdrLog: String?

  func validate() throws {
    try connections.check()
    try pace.check(connections: connections.count)
    try requests.check(dialect)
    try duration.check()
    try background.check()
    if dialect == .memcached, requests.command.kind == .list || background.backgroundCommand?.kind == .list {
      throw ValidationError("memcached has no list of keys")
    }
    if dialect == .memcached, requests.keyBytes > 250 {
      throw ValidationError("memcached's keys have 250 bytes at most")
    }
    if let pid, ProcessUsage(pid: pid) == nil { throw ValidationError("--pid: there is no process \(pid)") }
  }

  func run() throws {
    let plan = plan
    let result: RunResult
    do {
      result = try Crew.run(plan, showsProgress: isatty(STDERR_FILENO) == 1)
    } catch {
      StandardError.write(Array("swiftlet-benchmark: \(error)\n".utf8))
      throw ExitCode.failure
    }
    print(json ? JSONReport(plan: plan, result: result).text : TextReport(plan: plan, result: result).text)
    if let hdrLog { try writeLog(result, to: hdrLog) }
    if result.errorCount > 0 { throw ExitCode.failure }
  }

  private func writeLog(_ result: RunResult, to path: String) throws {
    let log = HistogramLog(
      startMilliseconds: result.startMilliseconds, nanoseconds: result.nanoseconds,
      intervals: result.streams[0].log?.intervals ?? [])
    guard let file = unsafe fopen(path, "w") else {
      StandardError.write(
        Array("swiftlet-benchmark: cannot write \(path): \(unsafe String(cString: strerror(errno)))\n".utf8))
      throw ExitCode.failure
    }
    let text = log.text
    let isWritten = unsafe fputs(text, file) >= 0
    guard unsafe fclose(file) == 0, isWritten else {
      StandardError.write(Array("swiftlet-benchmark: cannot write all of \(path)\n".utf8))
      throw ExitCode.failure
    }
  }

  var plan: Plan {
    let all = connections.count + (background.plan?.connectionCount ?? 0)
    let isEndedByBackground = background.plan.map { $0.end != .withOther } ?? false
    return Plan(
      target: target.address, dialect: dialect, shape: requests.shape,
      main: StreamPlan(
        mix: requests.mix, distribution: requests.distribution.distribution, connectionCount: connections.count,
        pipeline: connections.pipeline, requestsPerSecond: pace.total(connections: connections.count),
        end: isEndedByBackground ? .withOther : duration.end),
      background: background.plan, prefills: requests.prefill,
      warmUpNanoseconds: UInt64(duration.warmUp * 1e9), threadCount: connections.threads,
      connectionsPerSecond: connections.connectRate, sourceCount: connections.sources ?? (all + 15_999) / 16_000,
      serverPID: pid, seed: seed, keepsIntervals: hdrLog != nil)
  }
}
