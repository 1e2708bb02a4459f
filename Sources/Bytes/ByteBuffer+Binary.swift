// Numbers as binary formats have them: little-endian words, and LEB128, seven bits a byte, the lowest first, each byte
// but the last with its top bit set (DWARF 5, 7.6).

extension ByteBuffer {
  /// Appends eight bytes, the lowest first.
  public mutating func append(littleEndian word: UInt64) { append(word: word, length: 8) }

  /// Appends a number in LEB128: one byte below 128, at most ten.
  @inlinable
  public mutating func append(varint number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }
}

/// Reads binary numbers from bytes, front to back; nil where there are too few, or too many for the number.
public struct BinaryReader: Sendable {
  /// Where it stands.
  public private(set) var position = 0

  /// Creates a reader that stands at the start.
  public init() {}

  /// The next byte.
  @inline(__always)
  public mutating func byte(of bytes: Span<UInt8>) -> UInt8? {
    guard position < bytes.count else { return nil }
    defer { position &+= 1 }
    return bytes[position]
  }

  /// Eight bytes, the lowest first.
  public mutating func word(of bytes: Span<UInt8>) -> UInt64? {
    guard bytes.count - position >= 8 else { return nil }
    var word: UInt64 = 0
    for index in 0..<8 { word |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    position += 8
    return word
  }

  /// A number in LEB128, in as few bytes as it needs.
  @inline(__always)
  public mutating func varint(of bytes: Span<UInt8>) -> UInt64? {
    guard let first = byte(of: bytes) else { return nil }
    return first < 0x80 ? UInt64(first) : longVarint(UInt64(first & 0x7F), of: bytes)
  }

  private mutating func longVarint(_ low: UInt64, of bytes: Span<UInt8>) -> UInt64? {
    var number = low
    var shift: UInt64 = 7
    while let next = byte(of: bytes) {
      let bits = UInt64(next & 0x7F)
      guard shift < 63 || bits <= 1 else { return nil }
      number |= bits << shift
      if next < 0x80 { return next == 0 ? nil : number }
      shift += 7
      guard shift <= 63 else { return nil }
    }
    return nil
  }

  /// A length in LEB128, then so many bytes: their place.
  @inline(__always)
  public mutating func counted(of bytes: Span<UInt8>) -> Range<Int>? {
    guard let length = varint(of: bytes), length <= UInt64(bytes.count &- position) else { return nil }
    let start = position
    position &+= Int(length)
    return start..<position
  }
}
