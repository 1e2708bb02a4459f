// Requests as bytes, in either dialect: independent of the server's own reading and writing.

import Bytes
import Wire

/// Spells requests.
struct RequestWriter: ~Copyable {
  private var words = ByteBuffer()
  private var ends: [Int] = []
  /// The values of the request at hand, one at a time.
  private var scratch: [UInt8] = []

  mutating func begin() {
    words.removeAll()
    ends.removeAll(keepingCapacity: true)
  }

  mutating func word(_ literal: StaticString) {
    words.append(literal)
    ends.append(words.count)
  }

  mutating func word(_ bytes: [UInt8]) {
    words.append(bytes.span)
    ends.append(words.count)
  }

  mutating func word(_ number: Int64) {
    words.append(decimal: number)
    ends.append(words.count)
  }

  mutating func word(_ value: ValueSeed) {
    scratch.removeAll(keepingCapacity: true)
    value.append(to: &scratch)
    word(scratch)
  }

  /// Appends the request that the words make.
  mutating func finish(_ dialect: Dialect, isPut: Bool, to output: inout ByteBuffer) {
    guard dialect != .line else { return finishLine(isPut: isPut, to: &output) }
    output.append(UInt8(ascii: "*"))
    output.append(decimal: Int64(ends.count))
    output.append("\r\n")
    var start = 0
    for end in ends {
      output.append(UInt8(ascii: "$"))
      output.append(decimal: Int64(end - start))
      output.append("\r\n")
      output.append(words, start..<end)
      output.append("\r\n")
      start = end
    }
  }

  private mutating func finishLine(isPut: Bool, to output: inout ByteBuffer) {
    var start = 0
    for (index, end) in ends.enumerated() {
      if index > 0 { output.append(UInt8(ascii: " ")) }
      let word = words.span.extracting(start..<end)
      LineSpelling.append(word, mayHoldSpaces: isPut && index == 2, to: &output)
      start = end
    }
    output.append("\n")
  }
}

/// How keys and values stand in lines: as PROTOCOL says, written down a second time.
enum LineSpelling {
  /// Appends a word of a request: as it stands if that is sure to be read as it stands, else in quotes.
  static func append(_ word: Span<UInt8>, mayHoldSpaces: Bool, to output: inout ByteBuffer) {
    var isPlain = !word.isEmpty && word[0] != UInt8(ascii: "\"")
    for index in 0..<word.count where !isPlainByte(word[index], mayHoldSpaces) { isPlain = false }
    isPlain ? output.append(word) : appendQuoted(word, to: &output)
  }

  private static func isPlainByte(_ byte: UInt8, _ mayHoldSpaces: Bool) -> Bool {
    byte > 0x20 && byte < 0x7F || mayHoldSpaces && byte == 0x20
  }

  /// Appends a value or a key as a reply shows it.
  static func appendReply(_ bytes: [UInt8], isKey: Bool, to output: inout ByteBuffer) {
    isShownPlainly(bytes, isKey) ? output.append(bytes.span) : appendQuoted(bytes.span, to: &output)
  }

  private static func isShownPlainly(_ bytes: [UInt8], _ isKey: Bool) -> Bool {
    guard let first = bytes.first, first != UInt8(ascii: "\"") else { return false }
    var isASCII = true
    for byte in bytes {
      if byte < 0x20 || byte == 0x7F || isKey && byte == 0x20 { return false }
      if byte >= 0x80 { isASCII = false }
    }
    if isASCII { return true }
    guard let text = String(validating: bytes, as: UTF8.self) else { return false }
    return !text.unicodeScalars.contains { $0.value >= 0x7F && $0.value <= 0x9F }
  }

  private static func hexDigit(_ digit: UInt8) -> UInt8 { digit < 10 ? 0x30 + digit : 0x57 + digit }

  private static func appendQuoted(_ bytes: Span<UInt8>, to output: inout ByteBuffer) {
    output.reserve(bytes.count + 2)
    output.append(UInt8(ascii: "\""))
    for index in 0..<bytes.count {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "\""): output.append("\\\"")
      case UInt8(ascii: "\\"): output.append("\\\\")
      case UInt8(ascii: "\n"): output.append("\\n")
      case UInt8(ascii: "\r"): output.append("\\r")
      case UInt8(ascii: "\t"): output.append("\\t")
      case 0x20..<0x7F: output.append(byte)
      default:
        output.append("\\x")
        output.append(hexDigit(byte >> 4))
        output.append(hexDigit(byte & 15))
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}
