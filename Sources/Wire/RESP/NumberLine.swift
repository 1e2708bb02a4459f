// The lines that announce something: a tag, a number, CR LF.
//
//     *3\r\n      three arguments follow
//     $12\r\n     an argument of 12 bytes follows

import Bytes

/// What stands where a tag and a number should.
enum NumberLine {
  /// The line goes on; so many bytes of it were looked at.
  case unfinished(searched: Int)
  /// No end of line where there should be one by now.
  case tooLong
  /// The line does not hold a number; it begins with this byte.
  case invalid(tag: UInt8)
  /// Its tag and number, and the offset behind its line end.
  case number(tag: UInt8, Int64, end: Int)

  /// Reads a line with a tag and a number of one to four digits, which is nearly every one; nil sends to `read`.
  ///
  /// Looks at eight bytes at once, the first one lowest.
  static func readShort(_ input: Span<UInt8>, _ start: Int, tag: UInt8) -> (number: Int, end: Int)? {
    guard let word = input.word(at: start), word & 0xFF == UInt64(tag) else { return nil }
    var number = 0
    var rest = word >> 8
    for digits in 1...4 {
      let digit = Int(truncatingIfNeeded: rest & 0xFF) &- 0x30
      guard UInt(bitPattern: digit) <= 9 else { return nil }
      number = number &* 10 &+ digit
      rest >>= 8
      if UInt16(truncatingIfNeeded: rest) == lineEnd { return (number, start &+ 3 &+ digits) }
      if number == 0 { return nil }
    }
    return nil
  }

  /// CR LF, the first one lowest.
  static let lineEnd: UInt16 = 0x0A0D

  /// Reads the line at `start`, whose first `searched` bytes hold no CR.
  static func read(_ input: Span<UInt8>, _ start: Int, searched: Int) -> NumberLine {
    let limit = min(input.count, start + WireLimits.shortLineBytesMax + 1)
    guard let end = input.extracting(..<limit).firstIndex(of: LineByte.carriageReturn, from: start + searched) else {
      let length = limit - start
      return length > WireLimits.shortLineBytesMax ? .tooLong : .unfinished(searched: length)
    }
    guard end + 1 < input.count else { return .unfinished(searched: end - start) }
    let tag = input[start]
    guard end > start, input[end + 1] == LineByte.lineFeed,
      let number = input.extracting(start + 1..<end).integer
    else { return .invalid(tag: tag) }
    return .number(tag: tag, number, end: end + 2)
  }

  /// The number of a line that was read before, and the offset behind its line end.
  static func knownGood(_ input: Span<UInt8>, _ start: Int) -> (number: Int, end: Int) {
    if let short = readShort(input, start, tag: input[start]) { return short }
    guard case .number(_, let number, let end) = read(input, start, searched: 0) else {
      preconditionFailure("what was a number stays one")
    }
    return (Int(number), end)
  }
}

/// The bytes that mean something in RESP.
enum RESPByte {
  static let array = UInt8(ascii: "*")
  static let bulk = UInt8(ascii: "$")
}
