import Bytes
import Testing
import Wire

/// What became of a line: the words of a request, or why it is none.
enum Parsed: Equatable, CustomStringConvertible {
  case request([[UInt8]])
  case fault(LineFault)
  case refused(Refusal)

  var description: String {
    switch self {
    case .request(let words): "request\(words.map { String(decoding: $0, as: UTF8.self) })"
    case .fault(let fault): "fault(\(fault))"
    case .refused(let refusal): "refused(\(refusal))"
    }
  }
}

/// Drives the parser as a connection does: keeps what is left, and puts what arrives behind it.
struct LineDriver: ~Copyable {
  var limits = WireLimits()
  /// Whether the driver plays a listener on which only lines are spoken.
  var refusesRESP = false
  private var state = LineState()
  private var kept: [UInt8] = []
  private var batch = RequestBatch()
  private(set) var parsed: [Parsed] = []

  init(limits: WireLimits = WireLimits()) { self.limits = limits }

  /// Bytes that wait for the rest of their line.
  var keptCount: Int { kept.count }

  mutating func receive(_ bytes: some Sequence<UInt8>) {
    // The bytes stand at another offset each time, as they do in a shared buffer.
    let lead = kept.count % 3
    var buffer = ByteBuffer()
    for _ in 0..<lead { buffer.append(UInt8(ascii: "?")) }
    for byte in kept { buffer.append(byte) }
    for byte in bytes { buffer.append(byte) }
    var position = lead
    while true {
      let result = LineParser.fill(
        &batch, from: &buffer, at: &position, state: &state, limits: limits, refusesRESP: refusesRESP)
      switch result {
      case .incomplete:
        kept = (position..<buffer.count).map { buffer.span[$0] }
        return
      case .request:
        for index in 0..<batch.count { parsed.append(.request(Self.copyWords(batch, index, buffer))) }
        #expect(batch.end(of: batch.count - 1) == position, "a batch ends where its last line does")
      case .fault(let fault): parsed.append(.fault(fault))
      case .refused(let refusal):
        parsed.append(.refused(refusal))
        return
      }
    }
  }

  private static func copyWords(_ batch: borrowing RequestBatch, _ index: Int, _ buffer: borrowing ByteBuffer)
    -> [[UInt8]]
  {
    let request = batch.requests(of: buffer.span)[index]
    return (0..<request.count).map { request[$0].copied }
  }
}

/// Everything that comes of `input` when it arrives at once.
func parse(_ input: [UInt8], limits: WireLimits = WireLimits()) -> [Parsed] {
  var driver = LineDriver(limits: limits)
  driver.receive(input)
  return driver.parsed
}

func parse(_ input: String, limits: WireLimits = WireLimits()) -> [Parsed] { parse(Array(input.utf8), limits: limits) }

/// A request of words that are text.
func request(_ words: String...) -> Parsed { .request(words.map { Array($0.utf8) }) }

/// What a writer has written, as text.
func written(_ write: (inout ReplyWriter) -> Void) -> String {
  String(decoding: writtenBytes(write), as: UTF8.self)
}

func writtenBytes(_ write: (inout ReplyWriter) -> Void) -> [UInt8] {
  var writer = ReplyWriter(capacity: 64)
  write(&writer)
  return (0..<writer.buffer.count).map { writer.buffer.span[$0] }
}
