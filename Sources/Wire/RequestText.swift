// Requests, for whoever sends them: keys written down so that a server that reads them has them again. Lines are those
// that people type: PUT, whose value stands as it is, or SET with its value as a word where an expiry has to follow.

public import Bytes

/// Writes requests that store keys.
public enum RequestText {
  /// Appends the request that stores a key; `expiry` is in milliseconds since 1970, nil: the key does not expire.
  public static func append(
    key: Span<UInt8>, value: Span<UInt8>, expiry: Int64?, _ dialect: Dialect, to text: inout ByteBuffer
  ) {
    if dialect == .line {
      appendLine(key, value, expiry, to: &text)
    } else {
      appendRESP(key, value, expiry, to: &text)
    }
  }

  private static func appendLine(
    _ key: Span<UInt8>, _ value: Span<UInt8>, _ expiry: Int64?, to text: inout ByteBuffer
  ) {
    text.append(expiry == nil ? "PUT " : "SET ")
    LineText.appendKey(key, to: &text)
    text.append(UInt8(ascii: " "))
    if let expiry {
      LineText.appendKey(value, to: &text)
      text.append(" PXAT ")
      text.append(decimal: expiry)
    } else {
      LineText.appendValue(value, to: &text)
    }
    text.append(LineByte.lineFeed)
  }

  private static func appendRESP(
    _ key: Span<UInt8>, _ value: Span<UInt8>, _ expiry: Int64?, to text: inout ByteBuffer
  ) {
    text.append(tag: UInt8(ascii: "*"), number: expiry == nil ? 3 : 5)
    text.append("$3\r\nSET\r\n")
    text.append(tag: UInt8(ascii: "$"), counted: key)
    text.append(tag: UInt8(ascii: "$"), counted: value)
    guard let expiry else { return }
    text.append("$4\r\nPXAT\r\n")
    var digits = ByteBuffer()
    digits.append(decimal: expiry)
    text.append(tag: UInt8(ascii: "$"), counted: digits.span)
  }
}
