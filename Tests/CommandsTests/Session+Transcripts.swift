import Bytes

/// How transcripts spell requests and replies.
extension Session {
  /// A reply on one line: `|` for each CR LF but the last, other bytes that do not print as `\xNN`; of a long one the
  /// beginning and a hash (FNV-1a).
  static func shown(_ reply: [UInt8]) -> String {
    let text = spelled(reply)
    guard text.utf8.count > 100 else { return text }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return text.prefix(60) + "..." + String(hash, radix: 16)
  }

  private static func spelled(_ reply: [UInt8]) -> String {
    var text = ""
    var index = 0
    while index < reply.count {
      let byte = reply[index]
      if byte == 13, index + 1 < reply.count, reply[index + 1] == 10 {
        if index + 2 < reply.count { text += "|" }
        index += 2
        continue
      }
      let isPrintable = byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\\")
      text += isPrintable ? String(UnicodeScalar(byte)) : "\\x" + hex(byte >> 4) + hex(byte & 15)
      index += 1
    }
    return text
  }

  private static func hex(_ digit: UInt8) -> String { String(digit, radix: 16) }

  /// The words of a line: apart by a space each, in double quotes if they hold one or are empty, with escapes `\xNN`.
  static func words(_ line: String) -> [[UInt8]] {
    var words: [[UInt8]] = []
    var word: [UInt8] = []
    var isQuoted = false
    var hasWord = false
    let bytes = Array(line.utf8)
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        isQuoted.toggle()
        hasWord = true
      case UInt8(ascii: " ") where !isQuoted:
        if hasWord { words.append(word) }
        word = []
        hasWord = false
      case UInt8(ascii: "\\"):
        word.append(ASCII.hexDigit(bytes[index + 2])! << 4 | ASCII.hexDigit(bytes[index + 3])!)
        hasWord = true
        index += 3
      default:
        word.append(bytes[index])
        hasWord = true
      }
      index += 1
    }
    if hasWord { words.append(word) }
    return words
  }
}

/// The bytes of a text.
func bytes(_ text: some StringProtocol) -> [UInt8] { Array(text.utf8) }

/// The bytes of a number in decimal.
func bytes(_ number: Int) -> [UInt8] { Array(String(number).utf8) }
