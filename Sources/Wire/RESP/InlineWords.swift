// The words of a request that is typed and not counted, split as Redis does it (sdssplitargs in its sds.c):
//
//     SET a "b\r\n\x00c"         quoted words with escapes: \n \r \t \b \a \xHH; any other byte stands for itself
//     SET a 'b "c" it\'s'        single quotes know \' only
//     SET a b"c d"e              refused: a closing quote ends its word; an opening one may stand within it
//
// They are decoded in place: a word never grows by that, so the decoded bytes stand where the word began.

import Bytes

/// Splits a typed request into words.
enum InlineWords {
  /// Puts the words of `line` into `words`.
  static func split(
    _ input: inout MutableSpan<UInt8>, _ line: Range<Int>, into words: inout RangeList, argumentsMax: Int
  ) -> RESPFault? {
    var index = line.lowerBound
    while true {
      index = skipSpaces(input.span, from: index, to: line.upperBound)
      if index == line.upperBound { return nil }
      if words.count == argumentsMax { return .invalidCount }
      let start = index
      guard let length = decodeWord(&input, &index, line.upperBound) else { return .unbalancedQuotes }
      words.append(ByteRange(offset: start, count: length))
    }
  }

  /// The index of the first byte from `start` on that is none of C's white space.
  static func skipSpaces(_ input: Span<UInt8>, from start: Int, to end: Int) -> Int {
    var index = start
    while index < end, isSpace(input[index]) { index += 1 }
    return index
  }

  /// Decodes the word at `index` to that same place, moves `index` behind it, and returns its length; nil if its quotes
  /// are wrong.
  private static func decodeWord(_ input: inout MutableSpan<UInt8>, _ index: inout Int, _ end: Int) -> Int? {
    let start = index
    var target = start
    while index < end, !endsWord(input[index]) {
      let byte = input[index]
      index += 1
      if byte == LineByte.quote || byte == apostrophe {
        let isClosed = decodeQuoted(&input, &index, end, &target, quote: byte)
        return isClosed ? target - start : nil
      }
      input[target] = byte
      target += 1
    }
    return target - start
  }

  /// Decodes what stands at `index`, behind a quote, and moves `index` behind the closing one, which has to end the
  /// word.
  private static func decodeQuoted(
    _ input: inout MutableSpan<UInt8>, _ index: inout Int, _ end: Int, _ target: inout Int, quote: UInt8
  ) -> Bool {
    while index < end {
      var byte = input[index]
      index += 1
      if byte == quote { return index == end || isSpace(input[index]) }
      if byte == LineByte.backslash, index < end {
        if quote == LineByte.quote {
          byte = decodeEscape(input.span, &index, end)
        } else if input[index] == quote {
          byte = quote
          index += 1
        }
      }
      input[target] = byte
      target += 1
    }
    return false
  }

  /// The byte that the escape at `index`, behind a backslash, stands for; moves `index` past it.
  private static func decodeEscape(_ input: Span<UInt8>, _ index: inout Int, _ end: Int) -> UInt8 {
    let byte = input[index]
    index += 1
    switch byte {
    case UInt8(ascii: "n"): return LineByte.lineFeed
    case UInt8(ascii: "r"): return LineByte.carriageReturn
    case UInt8(ascii: "t"): return UInt8(ascii: "\t")
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "a"): return 0x07
    case UInt8(ascii: "x"):
      guard index + 1 < end, let high = ASCII.hexDigit(input[index]), let low = ASCII.hexDigit(input[index + 1])
      else { return byte }
      index += 2
      return high << 4 | low
    default: return byte
    }
  }

  private static let apostrophe = UInt8(ascii: "'")

  /// C's isspace: also the vertical tab and the form feed, which do not end a bare word.
  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

  private static func endsWord(_ byte: UInt8) -> Bool {
    LineByte.isSpace(byte) || byte == LineByte.carriageReturn || byte == LineByte.lineFeed
  }
}
