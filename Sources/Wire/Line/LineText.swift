// Keys and values as they stand in a reply: plain if that can be read back as the same bytes, else in quotes.

import Bytes

/// Writes keys and values of replies.
enum LineText {
  /// Appends a value; plain, it may hold spaces anywhere, since PUT takes the rest of its line.
  static func appendValue(_ bytes: Span<UInt8>, to text: inout ByteBuffer) {
    if !bytes.isEmpty, bytes[0] != LineByte.quote, bytes.isPrintableText {
      text.append(bytes)
    } else {
      appendQuoted(bytes, to: &text)
    }
  }

  /// Appends a key; plain, it holds no space.
  static func appendKey(_ bytes: Span<UInt8>, to text: inout ByteBuffer) {
    if !bytes.isEmpty, bytes[0] != LineByte.quote, bytes.firstIndex(of: UInt8(ascii: " ")) == nil,
      bytes.isPrintableText
    {
      text.append(bytes)
    } else {
      appendQuoted(bytes, to: &text)
    }
  }

  /// Appends `bytes` in quotes, with an escape for each byte that is not printable ASCII.
  static func appendQuoted(_ bytes: Span<UInt8>, to text: inout ByteBuffer) {
    text.append(LineByte.quote)
    appendEscaped(bytes, to: &text)
    text.append(LineByte.quote)
  }

  /// Appends what stands between the quotes.
  static func appendEscaped(_ bytes: Span<UInt8>, to text: inout ByteBuffer) {
    for index in 0..<bytes.count { text.append(escaped: bytes[index]) }
  }
}
