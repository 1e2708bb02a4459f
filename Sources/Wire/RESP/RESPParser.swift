// The Redis serialization protocol (https://redis.io/docs/latest/develop/reference/protocol-spec/), from bytes to
// requests.
//
//     *2\r\n$3\r\nGET\r\n$1\r\nk\r\n      two words: GET, k
//     GET "k"\r\n                         the same, as a person may type it
//
// The parser is pure and incremental. A request that is there whole, as nearly all are, takes one pass, which jumps
// from length to length. One that is not leaves in the connection's `RESPState` how far it was good, is only checked
// from there on as more of it arrives, and once it is whole a second pass, over its lengths alone, collects its words.
// Nothing is kept or allocated for what was only announced. What can be refused by its count or length is refused
// before the rest has come.

public import Bytes

/// What the parser found.
public enum RESPResult: Equatable, Sendable {
  /// No whole request is left: keep the bytes from the position on, and call again with more behind them.
  case incomplete
  /// As many requests as are taken together; there may be more.
  case requests
  /// Something that is no request: say what is wrong and close the connection.
  case fault(RESPFault)
}

/// Parses requests of the Redis protocol.
public enum RESPParser {
  /// Fills a batch with requests from `position` on, and moves `position` past what is used up.
  ///
  /// Whatever the result is, the batch holds the requests that were found before. Empty requests are passed over. One
  /// without a count is only taken as the first, since its words are decoded in place: `RequestBatch.restore` puts it
  /// back if it has to be parsed again. A client that has yet to authenticate is held to smaller requests, so each of
  /// its requests is a batch. An input is shorter than 4 GiB. O(words looked at); the bytes of an argument are not
  /// looked at, unless it has to be decoded.
  public static func fill(
    _ batch: inout RequestBatch, from input: inout ByteBuffer, at position: inout Int, state: inout RESPState,
    limits: WireLimits, isAuthenticated: Bool
  ) -> RESPResult {
    batch.removeAll()
    let requestsMax = isAuthenticated ? WireLimits.requestsPerBatchMax : 1
    while true {
      if state.isIdle {
        let argumentsMax = isAuthenticated ? limits.ordinaryArgumentsMax : limits.unauthenticatedOrdinaryArgumentsMax
        OrdinaryRequest.takeAll(input.span, &position, into: &batch, requestsMax, argumentsMax: argumentsMax)
        if batch.count > 0 { state.open() }
      }
      if batch.count == requestsMax { return .requests }
      if position == input.count { return .incomplete }
      var bytes = input.mutableSpan
      guard let result = takeAny(&bytes, &position, &state, &batch, limits, isAuthenticated) else { return .requests }
      guard result == .requests else { return result }
      batch.add(end: position)
    }
  }

  /// Adds the one request that all bytes from `start` on are to a batch; returns false, and adds none, if they are
  /// anything else, or are not ordinary.
  ///
  /// For connections that have sent a request before, and of the next one nothing.
  public static func takeOnly(
    _ batch: inout RequestBatch, from input: borrowing ByteBuffer, at start: Int, limits: WireLimits
  ) -> Bool {
    let before = batch.count
    var end = start
    OrdinaryRequest.takeAll(input.span, &end, into: &batch, before + 1, argumentsMax: limits.ordinaryArgumentsMax)
    if batch.count > before, end == input.count { return true }
    batch.truncate(to: before)
    return false
  }

  /// Takes a request of whatever kind; nil if one without a count would not be the first. Kept apart so that the
  /// ordinary ones do not pay for its registers.
  @inline(never)
  private static func takeAny(
    _ input: inout MutableSpan<UInt8>, _ position: inout Int, _ state: inout RESPState, _ batch: inout RequestBatch,
    _ limits: WireLimits, _ isAuthenticated: Bool
  ) -> RESPResult? {
    while position < input.count {
      let result: RESPResult?
      if input[position] == RESPByte.array {
        result = array(input.span, &position, &state, &batch.words, limits, isAuthenticated)
      } else {
        guard batch.count == 0 else { return nil }
        result = inline(&input, &position, &state, &batch, limits)
      }
      if let result { return result }
    }
    return .incomplete
  }

  // MARK: - Requests with a count

  /// Takes the request at `position`, which begins with a count; nil if it is empty.
  private static func array(
    _ input: Span<UInt8>, _ position: inout Int, _ state: inout RESPState, _ words: inout RangeList,
    _ limits: WireLimits, _ isAuthenticated: Bool
  ) -> RESPResult? {
    var count = state.announced
    var cursor = position + Int(state.passed)
    if count == 0 {
      switch Announcement.count(input, position, state, limits, isAuthenticated) {
      case .number(let number, let end): (count, cursor) = (number, end)
      case .unfinished(let searched):
        state.awaitLine(seen: 0, passed: 0, searched: searched)
        return .incomplete
      case .fault(let fault): return .fault(fault)
      }
      state.open()
      state.forgetLine()
      if count <= 0 {
        position = cursor
        return nil
      }
    }
    let isFirstLook = state.seen == 0
    if let stop = arguments(input, position, &cursor, count, &state, &words, limits, isAuthenticated) { return stop }
    if !isFirstLook { collect(input, position, count, into: &words) }
    position = cursor
    state.reset()
    return .requests
  }

  /// Passes over the arguments from `cursor` on, and collects them if they are looked at from the first one on; nil if
  /// all are there.
  private static func arguments(
    _ input: Span<UInt8>, _ start: Int, _ cursor: inout Int, _ count: Int, _ state: inout RESPState,
    _ words: inout RangeList, _ limits: WireLimits, _ isAuthenticated: Bool
  ) -> RESPResult? {
    let collects = state.seen == 0
    var seen = Int(state.seen)
    var awaited = state.awaited
    while seen < count {
      if awaited == 0 {
        switch Announcement.length(input, cursor, state, limits, isAuthenticated) {
        case .number(let length, let end):
          cursor = end
          awaited = length &+ 2
        case .unfinished(let searched):
          state.announce(count)
          state.awaitLine(seen: seen, passed: cursor - start, searched: searched)
          return .incomplete
        case .fault(let fault): return .fault(fault)
        }
        if cursor &- start &+ awaited > limits.requestBytesMax {
          return .fault(.requestTooLong(limit: limits.requestBytesMax))
        }
        state.forgetLine()
      }
      let end = cursor &+ awaited
      guard end <= input.count else {
        state.announce(count)
        state.awaitBulk(seen: seen, passed: cursor - start, bytes: awaited)
        return .incomplete
      }
      guard input[end &- 2] == LineByte.carriageReturn, input[end &- 1] == LineByte.lineFeed else {
        return .fault(.unterminatedBulk)
      }
      if collects { words.append(ByteRange(offset: cursor, count: awaited &- 2)) }
      cursor = end
      awaited = 0
      seen &+= 1
    }
    return nil
  }

  /// Collects the words of a request that is there whole and was found good.
  private static func collect(_ input: Span<UInt8>, _ start: Int, _ count: Int, into words: inout RangeList) {
    var cursor = NumberLine.knownGood(input, start).end
    for _ in 0..<count {
      let (length, begin) = NumberLine.knownGood(input, cursor)
      words.append(ByteRange(offset: begin, count: length))
      cursor = begin + length + 2
    }
  }

  // MARK: - Requests without a count

  /// Takes the line at `position`; nil if it is empty.
  private static func inline(
    _ input: inout MutableSpan<UInt8>, _ position: inout Int, _ state: inout RESPState, _ batch: inout RequestBatch,
    _ limits: WireLimits
  ) -> RESPResult? {
    let start = position
    if !state.hasOpened, ForeignProtocol.isTLS(input.span, start) { return .fault(.foreign(.tls)) }
    let limit = min(input.count, start + WireLimits.shortLineBytesMax + 1)
    guard
      let lineFeed = input.span.extracting(..<limit).firstIndex(of: LineByte.lineFeed, from: start + state.searched)
    else {
      if limit - start > WireLimits.shortLineBytesMax { return .fault(.inlineTooLong) }
      state.awaitLine(seen: 0, passed: 0, searched: limit - start)
      return .incomplete
    }
    position = lineFeed + 1
    let isOpening = !state.hasOpened
    state.reset()
    let end = lineFeed > start && input[lineFeed - 1] == LineByte.carriageReturn ? lineFeed - 1 : lineFeed
    let first = InlineWords.skipSpaces(input.span, from: start, to: end)
    if first == end { return nil }
    state.open()
    if ForeignProtocol.isHTTP(input.span, first..<end, isOpening: isOpening) { return .fault(.foreign(.http)) }
    batch.keep(input.span, first..<end)
    if let fault = InlineWords.split(&input, first..<end, into: &batch.words, argumentsMax: limits.argumentsMax) {
      return .fault(fault)
    }
    return .requests
  }
}
