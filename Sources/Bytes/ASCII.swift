/// ASCII letters.
public enum ASCII {
  /// The capital of a lowercase letter; every other byte as it is.
  public static func uppercased(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte & 0xDF : byte
  }

  /// The hexadecimal digits, by value.
  public static let hexDigits: StaticString = "0123456789abcdef"

  /// The value of a hexadecimal digit of either case, or nil.
  public static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

extension StaticString {
  /// Lends the bytes of a literal.
  public func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    body(Span(_unsafeStart: utf8Start, count: utf8CodeUnitCount))
  }

  /// The byte at `index` of a literal.
  public func byte(_ index: Int) -> UInt8 {
    precondition(index >= 0 && index < utf8CodeUnitCount, "an index lies within its literal")
    return utf8Start[index]
  }
}

extension Span<UInt8> {
  /// A copy of the bytes in an array, for what outlives the request they came in.
  public var copied: [UInt8] { withUnsafeBufferPointer { Array($0) } }
}

extension [UInt8] {
  /// Appends a copy of the bytes of a span.
  public mutating func append(_ bytes: Span<UInt8>) {
    bytes.withUnsafeBufferPointer { append(contentsOf: $0) }
  }
}
