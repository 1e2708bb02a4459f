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

/// What a run has measured.
struct RunResult {
  /// The main stream, then the one in the background if there was one.
  let streams: [Stream]
  /// How long the measured phase took.
  let nanoseconds: UInt64
  let firstError: String?
  let server: UsageDifference?
  let own: UsageDifference?
  /// Whether an open loop's `undisturbedLatencies` were measured.
  let knowsDisturbances: Bool
  /// The server's resident memory before connecting, once connected, and after the phase with all still connected;
  /// empty without its pid.
  let residentBytes: [UInt64]

  /// Replies that were errors.
  var errorCount: Int { streams.reduce(0) { $0 + $1.counts.errors } }
  /// All replies.
  var replyCount: Int { streams.reduce(0) { $0 + $1.counts.replies } }
  /// The server's processor time a request, in nanoseconds.
  var serverNanosecondsPerRequest: Double? {
    server.map { Double($0.processor) / Double(max(replyCount, 1)) }
  }
  /// The generator's own part of one processor, from 0 to 1.
  var ownShare: Double? { own.map { Double($0.processor) / Double(max(nanoseconds, 1)) } }

  /// What a reader of the figures has to know, a line each.
  var warnings: [String] {
    var lines: [String] = []
    if let firstError { lines.append("\(errorCount) errors, the first: \(escaped(firstError))") }
    let misses = streams.reduce(0) { $0 + $1.counts.misses }
    if misses > 0 { lines.append("\(misses) GETs found no key (--prefill puts them there)") }
    if let ownShare, ownShare > 0.95, !streams.contains(where: \.isOpenLoop) {
      lines.append("the generator used \(percent(ownShare)) of its processor: it is the limit, not the server")
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
