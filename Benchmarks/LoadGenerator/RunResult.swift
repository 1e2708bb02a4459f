import LinuxIO

/// What a process used between two moments.
struct UsageDifference {
  /// Nanoseconds on a processor.
  let processor: UInt64
  /// Nanoseconds in which it could have run but had no processor: what the machine's other work took.
  let waited: UInt64

  /// The difference; nil if either is unknown.
  init?(_ before: ProcessUsage?, _ after: ProcessUsage?) {
    guard let before, let after else { return nil }
    processor = after.processorNanoseconds &- before.processorNanoseconds
    waited = after.waitedNanoseconds &- before.waitedNanoseconds
  }
}

/// What a run has measured, on all its threads together.
struct RunResult {
  /// The main stream, then the one in the background if there was one.
  let streams: [Stream]
  /// How long the measured phase took.
  let nanoseconds: UInt64
  let firstError: String?
  let server: UsageDifference?
  let own: UsageDifference?
  /// The part of the measured phase, from 0 to 1, that the busiest thread was on a processor.
  let busiestShare: Double
  /// Whether an open loop's `undisturbedLatencies` were measured.
  let knowsDisturbances: Bool
  /// The server's resident memory before connecting, once connected, and after the phase with all still connected;
  /// empty without its pid.
  let residentBytes: [UInt64]
  /// How long it took to make all connections.
  let connectingNanoseconds: UInt64
  /// When the measured phase began: milliseconds since 1970-01-01 UTC.
  let startMilliseconds: Int64
  /// Whether somebody ended the measured phase early.
  let isInterrupted: Bool

  /// Replies that were errors.
  var errorCount: Int { streams.reduce(0) { $0 + $1.counts.errors } }
  /// All replies.
  var replyCount: Int { streams.reduce(0) { $0 + $1.counts.replies } }
  /// The server's processor time a request, in nanoseconds.
  var serverNanosecondsPerRequest: Double? {
    server.map { Double($0.processor) / Double(max(replyCount, 1)) }
  }

  /// What a reader of the figures has to know, a line each.
  func warnings(_ plan: Plan) -> [String] {
    var lines: [String] = []
    if isInterrupted { lines.append("interrupted after \(fixed(Double(nanoseconds) / 1e9, 1)) s") }
    if let firstError { lines.append("\(errorCount) errors, the first: \(escaped(firstError))") }
    let misses = streams.reduce(0) { $0 + $1.counts.misses }
    if misses > 0 {
      let advice = plan.prefills || plan.shape.lifetimeSeconds != nil ? "" : " (--prefill puts them there)"
      lines.append("\(misses) GETs found no key\(advice)")
    }
    if busiestShare > 0.95, !streams.contains(where: \.isOpenLoop) {
      let who = plan.threadCount > 1 ? "a thread of the generator" : "the generator"
      lines.append(
        "\(who) used \(percent(busiestShare)) of a processor: it is the limit, not the server; more --threads may help")
    }
    for stream in streams where stream.lagMax > 1_000_000 {
      lines.append("the generator itself was late by up to \(fixed(Double(stream.lagMax) / 1e6, 1)) ms")
    }
    return lines
  }

  private func escaped(_ text: String) -> String {
    text.unicodeScalars.map { $0.value < 0x20 ? $0.escaped(asASCII: true) : String($0) }.joined()
  }
}

/// A number with so many decimals.
func fixed(_ value: Double, _ decimals: Int) -> String {
  guard value.isFinite, abs(value) < 1e15 else { return "?" }
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let scaled = Int64((abs(value) * scale).rounded())
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard decimals > 0 else { return "\(sign)\(scaled)" }
  let fraction = String(scaled % Int64(scale))
  let padding = String(repeating: "0", count: decimals - fraction.count)
  return "\(sign)\(scaled / Int64(scale)).\(padding)\(fraction)"
}

/// A part of 1 as a percentage.
func percent(_ share: Double) -> String { "\(fixed(share * 100, 0)) %" }
