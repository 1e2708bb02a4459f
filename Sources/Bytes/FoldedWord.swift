// A short word as two integers, its letters capitalised, so that verbs of any case compare in two instructions.

/// A word of 1 to 16 bytes, ASCII letters folded to capitals.
public struct FoldedWord: Equatable, Sendable, BitwiseCopyable {
  /// The first eight bytes, the first one lowest; zero where there are fewer.
  public let low: UInt64
  /// The next eight.
  public let high: UInt64

  /// Folds `bytes`; nil if they are none or more than 16.
  public init?(_ bytes: Span<UInt8>) {
    let count = bytes.count
    guard count > 0, count <= 16 else { return nil }
    (low, high) = bytes.withUnsafeBytes { raw in
      func word(_ offset: Int) -> UInt64 {
        UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      }
      func half(_ offset: Int) -> UInt64 {
        UInt64(UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
      }
      if count > 8 { return (Self.fold(word(0)), Self.fold(word(count - 8) >> UInt64((16 - count) * 8))) }
      if count == 8 { return (Self.fold(word(0)), 0) }
      if count >= 4 { return (Self.fold(half(0) | half(count - 4) << UInt64((count - 4) * 8)), 0) }
      let middle = UInt64(raw[count / 2]) << UInt64(count / 2 * 8)
      return (Self.fold(UInt64(raw[0]) | middle | UInt64(raw[count - 1]) << UInt64((count - 1) * 8)), 0)
    }
  }

  /// Folds a literal; nil if it is empty or longer than 16 bytes.
  public init?(_ literal: StaticString) {
    self.init(Span(_unsafeStart: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }

  /// Clears bit 5 of each byte that is a lowercase ASCII letter.
  @inline(__always)
  private static func fold(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let lowBits = word & (ones &* 0x7F)
    let fromA = lowBits &+ (ones &* (0x80 - 0x61))
    let beyondZ = lowBits &+ (ones &* (0x80 - 0x7B))
    let lowercase = fromA & ~beyondZ & ~word & (ones &* 0x80)
    return word ^ (lowercase >> 2)
  }
}
