// The figures for people.

import Histogram

/// Writes what a run has measured as text.
struct TextReport {
  let plan: Plan
  let result: RunResult

  /// All lines.
  var text: String {
    var lines = ["\(plan.target), \(plan.dialect.rawValue) dialect, \(shape)"]
    lines.append(row("", ["requests", "a second"] + Self.quantiles.map(\.name)))
    for (index, stream) in result.streams.enumerated() {
      let seconds = Double(max(stream.lastReply - stream.start, 1)) / 1e9
      let rate = Double(stream.counts.replies) / seconds
      let cells = ["\(stream.counts.replies)", fixed(rate, 0)] + microseconds(stream.latencies)
      lines.append(row(index == 0 ? "main" : "background", cells))
      if let corrected = stream.correctedLatencies {
        lines.append(row("corrected", ["", ""] + microseconds(corrected)))
      } else if result.knowsDisturbances {
        lines.append(row("undisturbed", ["", ""] + microseconds(stream.undisturbedLatencies)))
      }
    }
    if result.knowsDisturbances {
      lines.append(
        "undisturbed: less the time in which server or generator could have run, but others had the processor")
    }
    if result.streams.contains(where: { !$0.isOpenLoop }) {
      lines.append("corrected: for clients that would not have waited, as HdrHistogram guesses; --rate measures it")
    }
    lines.append("latencies in µs, \(result.streams[0].isOpenLoop ? "from when each request was due" : loopNote)")
    if plan.connectionsPerSecond != nil {
      lines.append("connected in \(fixed(Double(result.connectingNanoseconds) / 1e9, 3)) s")
    }
    if let server = result.server, let each = result.serverNanosecondsPerRequest {
      lines.append("server: \(fixed(each / 1000, 3)) µs of processor a request, \(usage(server))")
    }
    if let own = result.own {
      let threads =
        plan.threadCount > 1 ? ", the busiest of \(plan.threadCount) threads \(percent(result.busiestShare))" : ""
      lines.append("generator: \(usage(own))\(threads)")
    }
    if result.residentBytes.count == 3 {
      let sizes = result.residentBytes.map { fixed(Double($0) / 1_048_576, 1) }
      lines.append("server's memory: \(sizes[0]) MiB, connected \(sizes[1]) MiB, at the end \(sizes[2]) MiB")
    }
    lines += result.warnings(plan).map { "note: \($0)" }
    return lines.joined(separator: "\n")
  }

  private static let quantiles: [(name: String, percentile: Double)] = [
    ("min", 0), ("p50", 50), ("p90", 90), ("p99", 99), ("p99.9", 99.9), ("p99.99", 99.99), ("max", 100),
  ]

  private let loopNote = "from when each batch was sent"

  private var shape: String {
    let main = plan.main
    let loop = main.requestsPerSecond.map { "open loop at \(fixed($0, 0)) a second" } ?? "closed loop"
    return "\(main.connectionCount) connections, pipeline \(main.pipeline), \(loop), \(plan.shape.keyCount) keys of "
      + "\(plan.shape.keyBytes) + \(range(plan.shape.valueBytes)) bytes\(lifetime)"
  }

  private var lifetime: String { plan.shape.lifetimeSeconds.map { " that live \(range($0)) s" } ?? "" }

  private func range(_ range: ClosedRange<Int>) -> String {
    range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)..\(range.upperBound)"
  }

  private func usage(_ usage: UsageDifference) -> String {
    let share = Double(usage.processor) / Double(max(result.nanoseconds, 1))
    return "\(percent(share)) of one, \(fixed(Double(usage.waited) / 1e6, 1)) ms kept waiting for it"
  }

  private func microseconds(_ latencies: Histogram<UInt64>) -> [String] {
    Self.quantiles.map { quantile in
      let nanoseconds = Double(latencies.valueAtPercentile(quantile.percentile))
      return fixed(nanoseconds / 1000, nanoseconds < 100_000 ? 1 : 0)
    }
  }

  private func row(_ name: String, _ cells: [String]) -> String {
    func padding(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) }
    return name + padding(name, 11) + cells.map { padding($0, 11) + $0 }.joined()
  }
}
