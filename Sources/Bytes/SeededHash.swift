// A seeded 64-bit hash of byte strings, in the manner of wyhash (Wang Yi, https://github.com/wangyi-fudan/wyhash):
// eight bytes of input at a time are mixed by the two halves of a 64 × 64 → 128 bit product.
//
// All four multiplicands are secret and drawn afresh for each process, so that nobody outside can prepare keys that
// fall into one bucket. It is not a cryptographic hash: do not publish its values.

/// The secret of a hash function over byte strings; 32 bytes.
public struct HashSeed: Sendable {
  @usableFromInline let a: UInt64
  @usableFromInline let b: UInt64
  @usableFromInline let c: UInt64
  @usableFromInline let d: UInt64

  /// Creates a seed from four random words.
  public init(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) {
    self.a = a
    self.b = b
    self.c = c
    self.d = d
  }

  /// The hash of `bytes`; O(length), 16 bytes a step.
  @inlinable @inline(__always)
  public func hash(_ bytes: Span<UInt8>) -> UInt64 {
    bytes.withUnsafeBytes { input in
      guard input.count >= 8, input.count <= 16 else { return hashElsewhere(input) }
      return hash(Self.word(input, 0), Self.word(input, input.count &- 8), input.count)
    }
  }

  /// The hash of at most 16 bytes, given as two words.
  @inlinable @inline(__always)
  func hash(_ low: UInt64, _ high: UInt64, _ count: Int) -> UInt64 {
    let state = a ^ UInt64(truncatingIfNeeded: count)
    return Self.fold(Self.fold(low ^ b, high ^ state), c ^ state)
  }

  /// The hash of fewer or more bytes than keys mostly have.
  @inlinable @inline(never)
  func hashElsewhere(_ input: UnsafeRawBufferPointer) -> UInt64 {
    let count = input.count
    if count <= 16 {
      let (low, high) = Self.ends(input)
      return hash(low, high, count)
    }
    var state = a ^ UInt64(truncatingIfNeeded: count)
    var position = 0
    while count - position > 16 {
      state = Self.fold(Self.word(input, position) ^ b, Self.word(input, position + 8) ^ state)
      position += 16
    }
    let low = Self.word(input, count - 16)
    let high = Self.word(input, count - 8)
    return Self.fold(Self.fold(low ^ d, high ^ state), c ^ UInt64(truncatingIfNeeded: count))
  }

  /// At most 16 bytes as two words that together hold each of them.
  @inlinable @inline(__always)
  static func ends(_ input: UnsafeRawBufferPointer) -> (UInt64, UInt64) {
    let count = input.count
    if count >= 8 { return (word(input, 0), word(input, count - 8)) }
    if count >= 4 { return (UInt64(half(input, 0)), UInt64(half(input, count - 4))) }
    if count == 0 { return (0, 0) }
    let middle = UInt64(input[count / 2])
    return (UInt64(input[0]) << 16 | middle << 8 | UInt64(input[count - 1]), 0)
  }

  @inlinable @inline(__always)
  static func word(_ input: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    let base = input.baseAddress.unsafelyUnwrapped
    return UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  @inlinable @inline(__always)
  static func half(_ input: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
    let base = input.baseAddress.unsafelyUnwrapped
    return UInt32(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  @inlinable @inline(__always)
  static func fold(_ x: UInt64, _ y: UInt64) -> UInt64 {
    let product = x.multipliedFullWidth(by: y)
    return product.high ^ product.low
  }
}
