// The figures for programs: one object (RFC 8259). Times in nanoseconds, memory in bytes.

import Histogram

/// Writes what a run has measured as JSON.
struct JSONReport {
  let plan: Plan
  let result: RunResult

  /// The object, on one line.
  var text: String {
    var fields: [(String, String)] = [
      ("dialect", quoted(plan.dialect.rawValue)),
      ("connections", "\(plan.main.connectionCount)"),
      ("pipeline", "\(plan.main.pipeline)"),
      ("requestedPerSecond", plan.main.requestsPerSecond.map { fixed($0, 3) } ?? "null"),
      ("keys", "\(plan.shape.keyCount)"),
      ("keyBytes", "\(plan.shape.keyBytes)"),
      ("valueBytes", "\(plan.shape.valueBytes.lowerBound)"),
      ("valueBytesMax", "\(plan.shape.valueBytes.upperBound)"),
      ("threads", "\(plan.threadCount)"),
      ("connectingNanoseconds", "\(result.connectingNanoseconds)"),
      ("nanoseconds", "\(result.nanoseconds)"),
      ("errors", "\(result.errorCount)"),
      ("main", stream(result.streams[0])),
    ]
    if result.streams.count > 1 { fields.append(("background", stream(result.streams[1]))) }
    if let own = result.own { fields.append(("generator", object(usage(own) + busiest))) }
    if let server = result.server {
      var server = usage(server)
      server.append(("nanosecondsPerRequest", result.serverNanosecondsPerRequest.map { fixed($0, 3) } ?? "null"))
      if result.residentBytes.count == 3 {
        server.append(("residentBytesBefore", "\(result.residentBytes[0])"))
        server.append(("residentBytesConnected", "\(result.residentBytes[1])"))
        server.append(("residentBytesAfter", "\(result.residentBytes[2])"))
      }
      fields.append(("server", object(server)))
    }
    fields.append(("warnings", "[" + result.warnings(plan).map(quoted).joined(separator: ",") + "]"))
    return object(fields)
  }

  private var busiest: [(String, String)] { [("busiestThreadShare", fixed(result.busiestShare, 4))] }

  private func stream(_ stream: Stream) -> String {
    let nanoseconds = max(stream.lastReply - stream.start, 1)
    var fields: [(String, String)] = [
      ("replies", "\(stream.counts.replies)"),
      ("misses", "\(stream.counts.misses)"),
      ("errors", "\(stream.counts.errors)"),
      ("perSecond", fixed(Double(stream.counts.replies) * 1e9 / Double(nanoseconds), 1)),
      ("lagMax", "\(stream.lagMax)"),
      ("latency", latency(stream.latencies)),
    ]
    if result.knowsDisturbances, stream.isOpenLoop {
      fields.append(("undisturbedLatency", latency(stream.undisturbedLatencies)))
    }
    if let corrected = stream.correctedLatencies { fields.append(("correctedLatency", latency(corrected))) }
    return object(fields)
  }

  private func latency(_ histogram: Histogram<UInt64>) -> String {
    let quantiles = [("p50", 50), ("p90", 90), ("p99", 99), ("p99.9", 99.9), ("p99.99", 99.99)].map {
      name, percentile in
      (name, "\(histogram.valueAtPercentile(percentile))")
    }
    let ends = [("min", "\(histogram.min)"), ("mean", fixed(histogram.mean, 1)), ("max", "\(histogram.maxRecorded)")]
    return object(ends + quantiles)
  }

  private func usage(_ usage: UsageDifference) -> [(String, String)] {
    [("processorNanoseconds", "\(usage.processor)"), ("waitedNanoseconds", "\(usage.waited)")]
  }

  private func object(_ fields: [(String, String)]) -> String {
    "{" + fields.map { "\(quoted($0.0)):\($0.1)" }.joined(separator: ",") + "}"
  }

  private func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
