// The line dialect, from bytes to requests.
//
//     PUT greeting hello world\n      three words: PUT, greeting, "hello world"
//     GET "two words"\r\n             two words: GET, `two words`
//
// The parser is pure and incremental. It is given all bytes that have arrived and are not used up, finds the next line
// feed, and only then looks at the line, so that half a line never does anything. How far it has looked for the line
// feed is kept in the connection's `LineState`: a line that comes byte by byte costs no more than one that comes whole.
// Quoted words are decoded in place, which is why it wants to change the bytes; a word never grows by that.

public import Bytes

/// What the parser keeps of a connection between reads: 8 bytes, all zero at first.
public struct LineState: Sendable, BitwiseCopyable {
  /// Bytes of the unfinished line that hold no line feed.
  var searchedBytes: UInt32 = 0
  /// The rest of a line that was too long is being passed over.
  var isDiscarding = false
  /// The connection's first line that is not empty has been seen.
  var hasOpened = false

  /// Creates the state of a new connection.
  public init() {}

  init(isDiscarding: Bool, hasOpened: Bool) {
    self.isDiscarding = isDiscarding
    self.hasOpened = hasOpened
  }
}

/// What the parser found.
public enum LineResult: Sendable {
  /// No whole line is left: keep the bytes from the position on, and call again with more behind them.
  case incomplete
  /// A request; its words are in the list.
  case request
  /// A line that is no request; the connection goes on.
  case fault(LineFault)
  /// The client speaks something else: close the connection.
  case refused(Refusal)
}

/// Parses requests of the line dialect.
public enum LineParser {
  /// Finds the next request at or after `position`, and moves `position` past what is used up.
  ///
  /// Empty lines are passed over. The batch has the request's words afterwards if the result is a request. O(bytes
  /// looked at).
  private static func next(
    in input: inout MutableSpan<UInt8>, at position: inout Int, state: inout LineState, batch: inout RequestBatch,
    limits: WireLimits, refusesRESP: Bool
  ) -> LineResult {
    while true {
      if !state.hasOpened, let refusal = openingRefusal(input.span, position, refusesRESP) { return .refused(refusal) }
      let searched = position + Int(state.searchedBytes)
      guard let lineFeed = input.span.firstIndex(of: LineByte.lineFeed, from: searched) else {
        return passUnfinished(input.count, at: &position, &state, limits)
      }
      var end = lineFeed
      let start = position
      position = lineFeed + 1
      state.searchedBytes = 0
      if state.isDiscarding {
        state.isDiscarding = false
        continue
      }
      if end > start, input[end - 1] == LineByte.carriageReturn { end -= 1 }
      if end - start > limits.lineBytesMax {
        state.hasOpened = true
        return .fault(.lineTooLong(limit: limits.lineBytesMax))
      }
      let first = skipSpaces(input.span, from: start, to: end)
      if first == end { continue }
      if ForeignProtocol.isHTTP(input.span, first..<end, isOpening: !state.hasOpened) { return .refused(.http) }
      state.hasOpened = true
      let line = first..<end
      if input.span.extracting(line).firstIndex(of: LineByte.quote, from: 0) != nil { batch.keep(input.span, line) }
      return LineWords.split(&input, line, into: &batch.words, argumentsMax: limits.argumentsMax)
    }
  }

  /// Makes a batch of the requests at or after `position` of a buffer, and moves `position` past what is used up.
  ///
  /// Several lines are taken together while none of them is unusual: then nothing is decoded in place. One that is
  /// decoded is a batch of its own; `RequestBatch.restore` puts it back if it has to be parsed again. A connection that
  /// opens with `*`, as the Redis protocol does, is refused if `refusesRESP`: for listeners that only lines are spoken
  /// on. O(bytes looked at).
  public static func fill(
    _ batch: inout RequestBatch, from buffer: inout ByteBuffer, at position: inout Int, state: inout LineState,
    limits: WireLimits, refusesRESP: Bool = false
  ) -> LineResult {
    batch.removeAll()
    if state.hasOpened, state.searchedBytes == 0, !state.isDiscarding, OrdinaryLine.keeps(limits) {
      OrdinaryLine.takeAll(buffer.span, &position, into: &batch, WireLimits.requestsPerBatchMax)
      if batch.count > 0 { return .request }
    }
    var input = buffer.mutableSpan
    let result = next(
      in: &input, at: &position, state: &state, batch: &batch, limits: limits, refusesRESP: refusesRESP)
    if case .request = result { batch.add(end: position) }
    return result
  }

  /// Adds the one request that all bytes from `start` on are to a batch; returns false, and adds none, if they are
  /// anything else, or are not ordinary.
  ///
  /// For connections that have sent a line before, and of the next one nothing.
  public static func takeOnly(
    _ batch: inout RequestBatch, from input: borrowing ByteBuffer, at start: Int, limits: WireLimits
  ) -> Bool {
    guard OrdinaryLine.keeps(limits) else { return false }
    let before = batch.count
    var end = start
    OrdinaryLine.takeAll(input.span, &end, into: &batch, before + 1)
    if batch.count > before, end == input.count { return true }
    batch.truncate(to: before)
    return false
  }

  /// Keeps an unfinished line, or passes over it if it is too long already.
  ///
  /// One byte beyond the limit may yet turn out to be the carriage return of the line's end.
  private static func passUnfinished(
    _ inputCount: Int, at position: inout Int, _ state: inout LineState, _ limits: WireLimits
  ) -> LineResult {
    let length = inputCount - position
    if state.isDiscarding {
      position = inputCount
      return .incomplete
    }
    if length > limits.lineBytesMax + 1 {
      position = inputCount
      state = LineState(isDiscarding: true, hasOpened: true)
      return .fault(.lineTooLong(limit: limits.lineBytesMax))
    }
    state.searchedBytes = UInt32(length)
    return .incomplete
  }

  /// Recognises another protocol by the first bytes of a connection.
  private static func openingRefusal(_ input: Span<UInt8>, _ position: Int, _ refusesRESP: Bool) -> Refusal? {
    guard position < input.count else { return nil }
    if ForeignProtocol.isTLS(input, position) { return .tls }
    return refusesRESP && input[position] == RESPByte.array ? .resp : nil
  }

  private static func skipSpaces(_ input: Span<UInt8>, from start: Int, to end: Int) -> Int {
    var index = start
    while index < end, LineByte.isSpace(input[index]) { index += 1 }
    return index
  }
}

/// The bytes that mean something in a line.
enum LineByte {
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let quote = UInt8(ascii: "\"")
  static let backslash = UInt8(ascii: "\\")

  static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
  static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
