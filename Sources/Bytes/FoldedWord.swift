// A short word as two integers, its letters capitalised, so that verbs of any case compare in two instructions.

/// A word of 1 to 16 bytes, ASCII letters folded to capitals.
public struct FoldedWord: Equatable, Sendable, BitwiseCopyable {
  /// The first eight bytes, the first one lowest; zero where there are fewer.
  public let low: UInt64
  /// The next eight.
  public let high: UInt64

  /// Folds `bytes`; nil if they are none or more than 16, or if the last is zero: it could not be told from a shorter
  /// word.
  @inlinable
  public init?(_ bytes: Span<UInt8>) {
    let count = bytes.count
    guard count &- 1 < 16, count > 0, bytes[count &- 1] != 0 else { return nil }
    if count >= 8 {
      low = Self.fold(bytes.loadWord(at: 0))
      high =
        count > 8 ? Self.fold(bytes.loadWord(at: count &- 8) &>> UInt64(truncatingIfNeeded: (16 &- count) &* 8)) : 0
    } else if count >= 4 {
      let end = bytes.loadHalf(at: count &- 4)
      low = Self.fold(bytes.loadHalf(at: 0) | end &<< UInt64(truncatingIfNeeded: (count &- 4) &* 8))
      high = 0
    } else {
      let middle = UInt64(bytes[count / 2]) &<< UInt64(truncatingIfNeeded: count / 2 &* 8)
      let last = UInt64(bytes[count &- 1]) &<< UInt64(truncatingIfNeeded: (count &- 1) &* 8)
      low = Self.fold(UInt64(bytes[0]) | middle | last)
      high = 0
    }
  }

  /// Folds a word of at most eight bytes, the first one lowest, zero where there are fewer.
  @inlinable @inline(__always)
  public init(short: UInt64) {
    low = Self.fold(short)
    high = 0
  }

  /// Folds a literal; nil if it is empty or longer than 16 bytes.
  public init?(_ literal: StaticString) {
    self.init(Span(_unsafeStart: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }

  /// Clears bit 5 of each byte that is a lowercase ASCII letter.
  @inlinable @inline(__always)
  static func fold(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let lowBits = word & (ones &* 0x7F)
    let fromA = lowBits &+ (ones &* (0x80 - 0x61))
    let beyondZ = lowBits &+ (ones &* (0x80 - 0x7B))
    let lowercase = fromA & ~beyondZ & ~word & (ones &* 0x80)
    return word ^ (lowercase >> 2)
  }
}

extension Span<UInt8> {
  /// A part of 1 to 8 bytes as one word, the first one lowest, zero where there are fewer, so that parts with zeros at
  /// their end are told apart by their lengths only; nil if it is empty or longer, or so near the end that fewer than
  /// eight bytes can be loaded.
  @inlinable @inline(__always)
  public func shortWord(_ part: ByteRange) -> UInt64? {
    guard part.count &- 1 < 8, let word = word(at: Int(part.offset)) else { return nil }
    return word & (UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- part.count &* 8))
  }

  /// The eight bytes from `index` on, the first one lowest.
  @inlinable
  func loadWord(at index: Int) -> UInt64 {
    precondition(index >= 0 && index &+ 8 <= count, "a word lies within its span")
    return withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: index, as: UInt64.self)) }
  }

  /// The four bytes from `index` on, the first one lowest.
  @inlinable
  func loadHalf(at index: Int) -> UInt64 {
    precondition(index >= 0 && index &+ 4 <= count, "a word lies within its span")
    return withUnsafeBytes { UInt64(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: index, as: UInt32.self))) }
  }
}
