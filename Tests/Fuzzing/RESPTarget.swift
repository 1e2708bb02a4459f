// The Redis protocol's parser. However the bytes arrive, the same comes of them; what a second, simple reader takes for
// a request is the same request; a request that is written down anew is read as the same.
//
// Flags: 0 low limits, 1 the client has yet to authenticate.

import Bytes
import Wire

enum RESPTarget {
  static func run(_ input: FuzzInput) {
    let isAuthenticated = !input.has(1)
    let limits = limits(areLow: input.has(0))
    let whole = RESPOutcome([input.body[...]], limits, isAuthenticated)
    check(RESPOutcome(input.pieces, limits, isAuthenticated) == whole, "pieces give the same as the whole: \(whole)")
    check(RESPOutcome(input.bytes, limits, isAuthenticated) == whole, "bytes give the same as the whole: \(whole)")

    // Limits that nothing here meets, but that send everything the general way.
    var general = WireLimits()
    general.requestBytesMax = 900_000
    let slow = RESPOutcome([input.body[...]], general, isAuthenticated)
    if slow.fault != .requestTooLong(limit: 900_000) {
      check(slow == RESPOutcome([input.body[...]], WireLimits(), isAuthenticated), "both ways give the same: \(slow)")
    }
    holdAgainstReference(whole, input.body, limits, isAuthenticated)
    let again = RESPOutcome([whole.requests.flatMap(multibulk)[...]], WireLimits(), true)
    check(again.requests == whole.requests && again.fault == nil && again.keptCount == 0, "written anew: \(again)")
  }

  static func limits(areLow: Bool) -> WireLimits {
    var limits = WireLimits()
    guard areLow else { return limits }
    limits.argumentsMax = 12
    limits.bulkBytesMax = 40
    limits.requestBytesMax = 200
    return limits
  }

  /// A request as clients send it.
  static func multibulk(_ words: [[UInt8]]) -> [UInt8] {
    var bytes = Array("*\(words.count)\r\n".utf8)
    for word in words { bytes += Array("$\(word.count)\r\n".utf8) + word + [13, 10] }
    return bytes
  }

  /// Reads counted requests the simple way, up to the first thing that is none, and compares.
  private static func holdAgainstReference(
    _ outcome: RESPOutcome, _ bytes: [UInt8], _ limits: WireLimits, _ isAuthenticated: Bool
  ) {
    var reader = CountedReader(bytes, limits, isAuthenticated)
    var requests: [[[UInt8]]] = []
    while let request = reader.next() { requests.append(request) }
    check(outcome.requests.starts(with: requests), "\(requests) are the first of \(outcome)")
    if reader.isCut {
      check(outcome.fault == nil, "nothing is wrong yet: \(outcome)")
      check(outcome.requests.count == requests.count, "nothing comes of half a request: \(outcome)")
      check(outcome.keptCount == bytes.count - reader.start, "half a request is kept: \(outcome)")
    }
  }
}

/// A reader of counted requests that reads them whole, and stops at whatever is unusual.
private struct CountedReader {
  let bytes: [UInt8]
  let limits: WireLimits
  let isAuthenticated: Bool
  /// Where the request at hand begins.
  private(set) var start = 0
  private var position = 0
  /// Whether it stopped because the bytes ended, with nothing wrong so far.
  private(set) var isCut = false

  init(_ bytes: [UInt8], _ limits: WireLimits, _ isAuthenticated: Bool) {
    self.bytes = bytes
    self.limits = limits
    self.isAuthenticated = isAuthenticated
  }

  mutating func next() -> [[UInt8]]? {
    start = position
    let countMax = isAuthenticated ? limits.argumentsMax : 10
    guard let count = number("*"), count > 0, count <= countMax else { return nil }
    var words: [[UInt8]] = []
    var sum = 0
    for _ in 0..<count {
      guard let length = number("$"), length <= (isAuthenticated ? limits.bulkBytesMax : 16_384),
        length <= limits.bulkBytesMax
      else { return nil }
      // How a request's bytes are counted is the parser's; well below its limit there is no doubt.
      sum += length + 16
      guard sum <= limits.requestBytesMax / 2 else { return nil }
      guard position + length + 2 <= bytes.count else {
        // Of the line end at most one byte is there, which may be wrong already.
        isCut = position + length >= bytes.count
        return nil
      }
      words.append(Array(bytes[position..<position + length]))
      position += length
      guard bytes[position] == 13, bytes[position + 1] == 10 else { return nil }
      position += 2
    }
    return words
  }

  /// A line of a tag and a number without sign or leading zero.
  private mutating func number(_ tag: Unicode.Scalar) -> Int? {
    guard position < bytes.count else {
      isCut = true
      return nil
    }
    guard bytes[position] == UInt8(ascii: tag) else { return nil }
    let digits = bytes[(position + 1)...].prefix { $0 >= 48 && $0 <= 57 }
    if digits.endIndex == bytes.count || digits.endIndex + 1 == bytes.count && bytes[digits.endIndex] == 13 {
      isCut = digits.count < 5 && (digits.first != 48 || digits.count == 1) && !digits.isEmpty
      if digits.isEmpty { isCut = digits.endIndex == bytes.count }
      // A number that is whole but for its line feed may be refused as soon as that has come.
      return nil
    }
    guard !digits.isEmpty, digits.count < 10, digits.first != 48 || digits.count == 1 else { return nil }
    guard bytes[digits.endIndex] == 13, bytes[digits.endIndex + 1] == 10 else { return nil }
    position = digits.endIndex + 2
    return Int(String(decoding: digits, as: UTF8.self))
  }
}

/// What comes of bytes that arrive in pieces.
struct RESPOutcome: Equatable {
  private(set) var requests: [[[UInt8]]] = []
  private(set) var fault: RESPFault?
  /// Bytes that wait for the rest of their request; 0 after a fault.
  private(set) var keptCount = 0

  init(_ pieces: [ArraySlice<UInt8>], _ limits: WireLimits, _ isAuthenticated: Bool) {
    var state = RESPState()
    var batch = RequestBatch()
    var kept = ByteBuffer()
    for piece in pieces {
      // What is kept stands at another offset each time, as it does in a shared buffer.
      var buffer = ByteBuffer()
      let lead = kept.count % 3
      for _ in 0..<lead { buffer.append(UInt8(ascii: "?")) }
      buffer.append(kept, 0..<kept.count)
      for byte in piece { buffer.append(byte) }
      var position = lead
      var result = RESPResult.requests
      while result == .requests {
        result = RESPParser.fill(
          &batch, from: &buffer, at: &position, state: &state, limits: limits, isAuthenticated: isAuthenticated)
        for index in 0..<batch.count { requests.append(Self.words(batch, index, buffer)) }
        check(position <= buffer.count, "the parser stays within what it was given")
      }
      if case .fault(let fault) = result {
        self.fault = fault
        return
      }
      kept.removeAll()
      kept.append(buffer, position..<buffer.count)
    }
    keptCount = kept.count
  }

  static func words(_ batch: borrowing RequestBatch, _ index: Int, _ buffer: borrowing ByteBuffer) -> [[UInt8]] {
    let request = batch.requests(of: buffer.span)[index]
    return (0..<request.count).map { request[$0].copied }
  }
}
