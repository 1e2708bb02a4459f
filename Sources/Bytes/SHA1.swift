// SHA-1 (NIST, FIPS 180-4, sections 5 and 6.1.2), by which clients name scripts. Not for secrets: collisions are known.
//
// The message is cut into blocks of 64 bytes; behind its end stand a bit that is set, zeros, and its length in bits as
// a number of eight bytes, so that one or two blocks more are made of the rest. Each block is stretched to 80 words,
// of which only the last 16 are kept, and stirred into five words of state, which are the digest in the end.

/// The SHA-1 digest of bytes.
public struct SHA1: Sendable {
  private static let blockBytes = 64

  /// The digest, as five words whose highest byte comes first.
  private var words: InlineArray<5, UInt32> = [
    0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0,
  ]

  /// Digests bytes; O(length).
  public init(of bytes: Span<UInt8>) {
    var offset = 0
    while bytes.count - offset >= Self.blockBytes {
      stir(bytes, at: offset)
      offset += Self.blockBytes
    }
    var rest: InlineArray<128, UInt8> = .init(repeating: 0)
    let restCount = bytes.count - offset
    for index in 0..<restCount { rest[index] = bytes[offset + index] }
    rest[restCount] = 0x80
    let end = restCount + 1 + 8 <= Self.blockBytes ? Self.blockBytes : 2 * Self.blockBytes
    let bitCount = UInt64(bytes.count) * 8
    for index in 0..<8 { rest[end - 1 - index] = UInt8(truncatingIfNeeded: bitCount >> UInt64(index * 8)) }
    for block in stride(from: 0, to: end, by: Self.blockBytes) { stir(rest.span, at: block) }
  }

  /// The digest's 40 digits, in small letters.
  public var hexadecimal: [UInt8] {
    (0..<40).map { index in
      ASCII.hexDigits.byte(Int(words[index / 8] >> UInt32(28 - index % 8 * 4)) & 15)
    }
  }

  /// Takes in the block of 64 bytes at `offset`.
  private mutating func stir(_ bytes: Span<UInt8>, at offset: Int) {
    var schedule: InlineArray<16, UInt32> = .init(repeating: 0)
    for index in 0..<16 {
      var word: UInt32 = 0
      for byte in 0..<4 { word = word << 8 | UInt32(bytes[offset + index * 4 + byte]) }
      schedule[index] = word
    }
    var (a, b, c, d, e) = (words[0], words[1], words[2], words[3], words[4])
    for round in 0..<80 {
      let slot = round & 15
      if round >= 16 {
        schedule[slot] = Self.rotated(
          schedule[(round - 3) & 15] ^ schedule[(round - 8) & 15] ^ schedule[(round - 14) & 15] ^ schedule[slot], by: 1)
      }
      let (mixed, constant) = Self.mix(b, c, d, round)
      let next = Self.rotated(a, by: 5) &+ mixed &+ e &+ constant &+ schedule[slot]
      (a, b, c, d, e) = (next, a, Self.rotated(b, by: 30), c, d)
    }
    words[0] &+= a
    words[1] &+= b
    words[2] &+= c
    words[3] &+= d
    words[4] &+= e
  }

  /// The function and the constant of a round.
  private static func mix(_ b: UInt32, _ c: UInt32, _ d: UInt32, _ round: Int) -> (UInt32, UInt32) {
    switch round {
    case ..<20: ((b & c) ^ (~b & d), 0x5A82_7999)
    case ..<40: (b ^ c ^ d, 0x6ED9_EBA1)
    case ..<60: ((b & c) ^ (b & d) ^ (c & d), 0x8F1B_BCDC)
    default: (b ^ c ^ d, 0xCA62_C1D6)
    }
  }

  private static func rotated(_ word: UInt32, by count: UInt32) -> UInt32 {
    word << count | word >> (32 - count)
  }
}
