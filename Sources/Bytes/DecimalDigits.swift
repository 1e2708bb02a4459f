// The decimal digits of one number, without a block of memory.

/// Room for the digits of a number: 20 bytes.
public struct DecimalDigits {
  private var bytes: InlineArray<20, UInt8> = .init(repeating: 0)

  /// Creates room.
  public init() {}

  /// Writes a number in decimal, and lends its digits; the last one stands at the end of the room.
  @_lifetime(&self)
  public mutating func write(_ number: Int64) -> Span<UInt8> {
    var first = 20
    var rest = number.magnitude
    repeat {
      first -= 1
      bytes[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    if number < 0 {
      first -= 1
      bytes[first] = UInt8(ascii: "-")
    }
    return bytes.span.extracting(first..<20)
  }
}
