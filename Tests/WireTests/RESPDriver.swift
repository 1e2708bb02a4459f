import Bytes
import Wire

/// What became of a request of the Redis protocol.
enum RESPParsed: Equatable, CustomStringConvertible {
  case request([[UInt8]])
  case fault(RESPFault)

  /// A request of words that are text.
  static func words(_ words: String...) -> RESPParsed { .request(words.map { Array($0.utf8) }) }

  var description: String {
    switch self {
    case .request(let words): "request\(words.map { String(decoding: $0.prefix(100), as: UTF8.self) })"
    case .fault(let fault): "fault(\(fault))"
    }
  }
}

/// Drives the parser as a connection does: keeps what is left, and puts what arrives behind it.
struct RESPDriver: ~Copyable {
  var limits = WireLimits()
  var isAuthenticated = true
  private(set) var state = RESPState()
  private var kept = ByteBuffer()
  private var batch = RequestBatch()
  private var lead = 0
  private(set) var parsed: [RESPParsed] = []

  init(limits: WireLimits = WireLimits(), isAuthenticated: Bool = true) {
    self.limits = limits
    self.isAuthenticated = isAuthenticated
  }

  /// Bytes that wait for the rest of their request.
  var keptCount: Int { kept.count - lead }

  /// Whether a fault has ended the connection.
  var isClosed: Bool { if case .fault = parsed.last { true } else { false } }

  mutating func receive(_ bytes: some Sequence<UInt8>) {
    guard !isClosed else { return }
    for byte in bytes { kept.append(byte) }
    var position = lead
    loop: while true {
      let result = RESPParser.fill(
        &batch, from: &kept, at: &position, state: &state, limits: limits, isAuthenticated: isAuthenticated)
      for index in 0..<batch.count { parsed.append(.request(Self.copyWords(batch, index, kept))) }
      switch result {
      case .incomplete: break loop
      case .requests: continue
      case .fault(let fault):
        parsed.append(.fault(fault))
        return
      }
    }
    // The bytes stand at another offset after each request, as they do in a shared buffer.
    if position > lead {
      kept.removePrefix(position)
      lead = (lead + 1) % 3
      var moved = ByteBuffer()
      for _ in 0..<lead { moved.append(UInt8(ascii: "?")) }
      moved.append(kept.span)
      kept = moved
    }
  }

  private static func copyWords(
    _ batch: borrowing RequestBatch, _ index: Int, _ buffer: borrowing ByteBuffer
  ) -> [[UInt8]] {
    let request = batch.requests(of: buffer.span)[index]
    return (0..<request.count).map { request[$0].copied }
  }
}

/// Everything that comes of `input` when it arrives at once.
func parseRESP(
  _ input: [UInt8], limits: WireLimits = WireLimits(), isAuthenticated: Bool = true
) -> [RESPParsed] {
  var driver = RESPDriver(limits: limits, isAuthenticated: isAuthenticated)
  driver.receive(input)
  return driver.parsed
}

func parseRESP(
  _ input: String, limits: WireLimits = WireLimits(), isAuthenticated: Bool = true
) -> [RESPParsed] {
  parseRESP(Array(input.utf8), limits: limits, isAuthenticated: isAuthenticated)
}

/// A request as clients send it.
func multibulk(_ words: [[UInt8]]) -> [UInt8] {
  var bytes = Array("*\(words.count)\r\n".utf8)
  for word in words { bytes += Array("$\(word.count)\r\n".utf8) + word + [13, 10] }
  return bytes
}
