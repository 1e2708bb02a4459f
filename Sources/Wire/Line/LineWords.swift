// A line's words. Bare words end at a space or tab. Quoted ones are decoded in place: the decoded bytes start where the
// quote stood, and are never more than the encoded ones.
//
//     encoded    G E T   " a \ n b "
//     decoded    G E T   a ⏎ b · · ·         the words are 0..<3 and 4..<7

import Bytes

/// Splits one line into words.
enum LineWords {
  /// Puts the words of `line`, which begins with a word, into `words`; PUT's value is the rest of its line.
  static func split(
    _ input: inout MutableSpan<UInt8>, _ line: Range<Int>, into words: inout RangeList, argumentsMax: Int
  ) -> LineResult {
    words.removeAll()
    var index = line.lowerBound
    var isPut = false
    while index < line.upperBound {
      if words.count > argumentsMax { return .fault(.tooManyArguments(limit: argumentsMax)) }
      if isPut, words.count == 2 { return takeRest(&input, index..<line.upperBound, into: &words) }
      if let fault = takeWord(&input, &index, line.upperBound, into: &words) { return .fault(fault) }
      if words.count == 1 { isPut = isPutVerb(input.span.extracting(words.span[0].indices)) }
      guard index < line.upperBound else { break }
      index += 1
      if isPut, words.count == 2 { continue }
      while index < line.upperBound, LineByte.isSpace(input[index]) { index += 1 }
    }
    return .request
  }

  /// Takes the word at `index`, and moves `index` to the space or the end of line behind it.
  private static func takeWord(
    _ input: inout MutableSpan<UInt8>, _ index: inout Int, _ end: Int, into words: inout RangeList
  ) -> LineFault? {
    let start = index
    guard input[start] == LineByte.quote else {
      let bytes = input.span
      while index < end, !LineByte.isSpace(bytes[index]) { index += 1 }
      words.append(ByteRange(offset: start, count: index - start))
      return nil
    }
    var length = 0
    if let fault = decodeQuoted(&input, &index, end, &length) { return fault }
    if index < end, !LineByte.isSpace(input[index]) { return .textAfterQuote }
    words.append(ByteRange(offset: start, count: length))
    return nil
  }

  /// Takes PUT's value: the rest of the line as it stands, or one quoted word that ends the line.
  private static func takeRest(
    _ input: inout MutableSpan<UInt8>, _ rest: Range<Int>, into words: inout RangeList
  ) -> LineResult {
    guard input[rest.lowerBound] == LineByte.quote else {
      words.append(ByteRange(offset: rest.lowerBound, count: rest.count))
      return .request
    }
    var index = rest.lowerBound
    var length = 0
    if let fault = decodeQuoted(&input, &index, rest.upperBound, &length) { return .fault(fault) }
    if index < rest.upperBound { return .fault(.textAfterQuotedValue) }
    words.append(ByteRange(offset: rest.lowerBound, count: length))
    return .request
  }

  /// Decodes the quoted word whose quote stands at `index` to that same place; moves `index` past its closing quote.
  private static func decodeQuoted(
    _ input: inout MutableSpan<UInt8>, _ index: inout Int, _ end: Int, _ length: inout Int
  ) -> LineFault? {
    let start = index
    var target = start
    index += 1
    while index < end {
      let byte = input[index]
      index += 1
      switch byte {
      case LineByte.quote:
        length = target - start
        return nil
      case LineByte.backslash:
        guard index < end else { return .unclosedQuote }
        guard let decoded = decodeEscape(input.span, &index, end) else { return .badEscape(input[index]) }
        input[target] = decoded
      default: input[target] = byte
      }
      target += 1
    }
    return .unclosedQuote
  }

  /// The byte that the escape behind a backslash stands for; moves `index` past it if it is one.
  private static func decodeEscape(_ input: Span<UInt8>, _ index: inout Int, _ end: Int) -> UInt8? {
    let decoded: UInt8
    switch input[index] {
    case LineByte.quote: decoded = LineByte.quote
    case LineByte.backslash: decoded = LineByte.backslash
    case UInt8(ascii: "n"): decoded = LineByte.lineFeed
    case UInt8(ascii: "r"): decoded = LineByte.carriageReturn
    case UInt8(ascii: "t"): decoded = UInt8(ascii: "\t")
    case UInt8(ascii: "x"):
      guard index + 2 < end, let high = ASCII.hexDigit(input[index + 1]), let low = ASCII.hexDigit(input[index + 2])
      else { return nil }
      index += 3
      return high << 4 | low
    default: return nil
    }
    index += 1
    return decoded
  }

  private static func isPutVerb(_ word: Span<UInt8>) -> Bool {
    word.count == 3 && ASCII.uppercased(word[0]) == UInt8(ascii: "P") && ASCII.uppercased(word[1]) == UInt8(ascii: "U")
      && ASCII.uppercased(word[2]) == UInt8(ascii: "T")
  }
}
