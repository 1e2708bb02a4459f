import Bytes
import Wire

/// LATENCY: the moments that commands took longest.
enum LatencyCommand {
  static let row = Command(
    "LATENCY", .server, [], "Tell when commands took long",
    unlikeRedis:
      "The events are command and fast-command; no distribution of times is kept, so that HISTOGRAM is empty.",
    subcommands: [
      Command(
        "LATEST", .server, [], .admin, "O(1)", "Show for each kind of event its last slow moment and its worst",
        run: latest),
      Command(
        "HISTORY", .server, [.word("event", "an event's name")], .admin, "O(1)", "Show the slow moments of an event",
        run: history),
      Command(
        "RESET", .server, [.options("[event ...]")], .admin, "O(1)", "Forget the slow moments of events, or all",
        run: reset),
      Command(
        "GRAPH", .server, [.word("event", "an event's name")], .admin, "O(1)", "Draw the slow moments of an event",
        run: graph),
      Command("DOCTOR", .server, [], .admin, "O(1)", "Say in words how it stands", run: doctor),
      Command(
        "HISTOGRAM", .server, [.options("[command ...]")], .admin, "O(1)",
        "Show the distribution of commands' times: it is not kept", run: histogram),
    ])

  static func latest(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let all = executor.latency.series
    executor.replies.array(all.count)
    for series in all {
      executor.replies.array(4)
      executor.replies.value(series.name)
      executor.replies.integer(series.samples.last?.time ?? 0)
      executor.replies.integer(series.samples.last?.milliseconds ?? 0)
      executor.replies.integer(series.worst)
    }
    return .replied
  }

  static func history(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let samples = executor.latency.series(of: request[2])?.samples ?? []
    executor.replies.array(samples.count)
    for sample in samples {
      executor.replies.array(2)
      executor.replies.integer(sample.time)
      executor.replies.integer(sample.milliseconds)
    }
    return .replied
  }

  static func reset(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    var count = 0
    if request.count == 2 { count = executor.latency.removeAll() }
    for index in 2..<request.count where executor.latency.remove(request[index]) { count += 1 }
    executor.replies.integer(Int64(count))
    return .replied
  }

  static func graph(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard let series = executor.latency.series(of: request[2]) else {
      let name = request[2]
      executor.refuse("ERR") { message in
        message.append("No samples available for event '")
        message.append(excerpt: name)
        message.append("'")
      }
      return .replied
    }
    var text = ByteBuffer()
    draw(series, now: executor.now / 1_000, on: &text)
    executor.replies.verbatim(text.span)
    return .replied
  }

  private static let graphColumns = 80
  private static let graphRows: Int64 = 4

  /// A column of up to four signs a moment, the newest on the right.
  private static func draw(_ series: LatencySeries, now: Int64, on text: inout ByteBuffer) {
    let samples = series.samples.suffix(graphColumns)
    let high = samples.map(\.milliseconds).max() ?? 0
    let low = samples.map(\.milliseconds).min() ?? 0
    text.append(series.name)
    text.append(" - high ")
    text.append(decimal: high)
    text.append(" ms, low ")
    text.append(decimal: low)
    text.append(" ms (all time high ")
    text.append(decimal: series.worst)
    text.append(" ms)\n")
    for _ in 0..<graphColumns { text.append(UInt8(ascii: "-")) }
    text.append("\n")
    for row in stride(from: graphRows, to: 0, by: -1) {
      for sample in samples {
        let height = max(1, sample.milliseconds * graphRows / max(1, high))
        text.append(height >= row ? UInt8(ascii: "#") : UInt8(ascii: " "))
      }
      text.append("\n")
    }
    text.append("from ")
    text.append(decimal: now - (samples.first?.time ?? now))
    text.append(" s ago to ")
    text.append(decimal: now - (samples.last?.time ?? now))
    text.append(" s ago\n")
  }

  static func doctor(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    var text = ByteBuffer()
    let threshold = executor.settings.latencyThresholdMilliseconds
    if threshold == 0 {
      text.append("Latency monitoring is off. CONFIG SET latency-monitor-threshold <milliseconds> turns it on.\n")
    } else if executor.latency.series.isEmpty {
      text.append("No command took ")
      text.append(decimal: threshold)
      text.append(" ms or longer.\n")
    }
    for series in executor.latency.series {
      let samples = series.samples
      text.append(series.name)
      text.append(": ")
      text.append(decimal: Int64(samples.count))
      text.append(" slow moments, on average ")
      text.append(decimal: samples.reduce(0) { $0 + $1.milliseconds } / Int64(max(1, samples.count)))
      text.append(" ms, at worst ")
      text.append(decimal: series.worst)
      text.append(" ms. SLOWLOG GET shows which commands they were.\n")
    }
    executor.replies.verbatim(text.span)
    return .replied
  }

  static func histogram(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.replies.map(0)
    return .replied
  }
}
