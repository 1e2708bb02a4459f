// Numbers and escaped bytes as text.

extension ByteBuffer {
  /// Appends a number in decimal.
  public mutating func append(decimal number: Int64) {
    if number < 0 { append(UInt8(ascii: "-")) }
    append(decimal: number.magnitude)
  }

  /// Appends a number in decimal.
  public mutating func append(decimal number: UInt64) {
    var digits: InlineArray<20, UInt8> = .init(repeating: 0)
    var first = 20
    var rest = number
    repeat {
      first -= 1
      digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    append(digits.span.extracting(first..<20))
  }

  /// Appends a byte as it stands within quotes: printable ASCII itself, others as an escape.
  public mutating func append(escaped byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append("\\\"")
    case UInt8(ascii: "\\"): append("\\\\")
    case UInt8(ascii: "\n"): append("\\n")
    case UInt8(ascii: "\r"): append("\\r")
    case UInt8(ascii: "\t"): append("\\t")
    case 0x20..<0x7F: append(byte)
    default:
      append("\\x")
      append(ASCII.hexDigits.byte(Int(byte >> 4)))
      append(ASCII.hexDigits.byte(Int(byte & 15)))
    }
  }

  /// Appends what a client sent, for an error message: in quotes, escaped, at most 64 bytes of it.
  public mutating func append(quotedExcerpt bytes: Span<UInt8>) {
    append(UInt8(ascii: "\""))
    for index in 0..<min(bytes.count, 64) { append(escaped: bytes[index]) }
    append(bytes.count > 64 ? "...\"" : "\"")
  }
}
