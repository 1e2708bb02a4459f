// Byte strings as strings of bits, the highest bit of the first byte first. All of it goes by words of eight bytes.

extension Span<UInt8> {
  /// How many bits are set; O(length).
  ///
  /// Eight words at a time are added up bit by bit, as in the columns of a sum on paper, so that only every eighth of
  /// them has to be counted: Harley and Seal's method (Warren, Hacker's Delight, 5-1).
  public var nonzeroBitCount: Int {
    withUnsafeBytes { bytes in
      var ones: UInt64 = 0
      var twos: UInt64 = 0
      var fours: UInt64 = 0
      var eights = 0
      var offset = 0
      while bytes.count &- offset >= 64 {
        let a = Self.add(&ones, Self.word(bytes, offset), Self.word(bytes, offset &+ 8))
        let b = Self.add(&ones, Self.word(bytes, offset &+ 16), Self.word(bytes, offset &+ 24))
        let c = Self.add(&ones, Self.word(bytes, offset &+ 32), Self.word(bytes, offset &+ 40))
        let d = Self.add(&ones, Self.word(bytes, offset &+ 48), Self.word(bytes, offset &+ 56))
        let e = Self.add(&twos, a, b)
        let f = Self.add(&twos, c, d)
        eights &+= Self.add(&fours, e, f).nonzeroBitCount
        offset &+= 64
      }
      var total = 8 &* eights &+ 4 &* fours.nonzeroBitCount &+ 2 &* twos.nonzeroBitCount &+ ones.nonzeroBitCount
      while bytes.count &- offset >= 8 {
        total &+= Self.word(bytes, offset).nonzeroBitCount
        offset &+= 8
      }
      while offset < bytes.count {
        total &+= bytes[offset].nonzeroBitCount
        offset &+= 1
      }
      return total
    }
  }

  /// Adds two words to a third, bit by bit; returns the carries.
  @inline(__always)
  private static func add(_ sum: inout UInt64, _ x: UInt64, _ y: UInt64) -> UInt64 {
    let half = sum ^ x
    let carries = (sum & x) | (half & y)
    sum = half ^ y
    return carries
  }

  /// The index of the first byte that is another than `byte`, or nil; O(what is passed over).
  public func firstIndex(otherThan byte: UInt8) -> Int? {
    withUnsafeBytes { bytes in
      let same = UInt64(byte) &* 0x0101_0101_0101_0101
      var offset = 0
      while bytes.count &- offset >= 8 {
        let difference = Self.word(bytes, offset) ^ same
        guard difference == 0 else { return offset &+ difference.trailingZeroBitCount &>> 3 }
        offset &+= 8
      }
      while offset < bytes.count {
        guard bytes[offset] == byte else { return offset }
        offset &+= 1
      }
      return nil
    }
  }

  @inline(__always)
  fileprivate static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}

/// What becomes of two bits.
public enum BitOperation: Sendable {
  case and, or, xor
}

extension MutableSpan<UInt8> {
  /// Combines the bits with those of `other`, which has to be no longer, and with zeros behind its end; O(length).
  @_lifetime(self: copy self)
  public mutating func combine(_ operation: BitOperation, with other: Span<UInt8>) {
    switch operation {
    case .and:
      combine(with: other, { $0 & $1 }, { $0 & $1 })
      withUnsafeMutableBytes { _ = $0[other.count...].initializeMemory(as: UInt8.self, repeating: 0) }
    case .or: combine(with: other, { $0 | $1 }, { $0 | $1 })
    case .xor: combine(with: other, { $0 ^ $1 }, { $0 ^ $1 })
    }
  }

  @_lifetime(self: copy self)
  @inline(__always)
  private mutating func combine(
    with other: Span<UInt8>, _ words: (UInt64, UInt64) -> UInt64, _ bytes: (UInt8, UInt8) -> UInt8
  ) {
    precondition(other.count <= count, "what is combined lies within its target")
    withUnsafeMutableBytes { target in
      other.withUnsafeBytes { source in
        var offset = 0
        while source.count &- offset >= 8 {
          let word = words(
            target.loadUnaligned(fromByteOffset: offset, as: UInt64.self),
            source.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
          target.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
          offset &+= 8
        }
        while offset < source.count {
          target[offset] = bytes(target[offset], source[offset])
          offset &+= 1
        }
      }
    }
  }

  /// Turns all bits over.
  @_lifetime(self: copy self)
  public mutating func invert() {
    withUnsafeMutableBytes { bytes in
      var offset = 0
      while bytes.count &- offset >= 8 {
        let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        bytes.storeBytes(of: ~word, toByteOffset: offset, as: UInt64.self)
        offset &+= 8
      }
      while offset < bytes.count {
        bytes[offset] = ~bytes[offset]
        offset &+= 1
      }
    }
  }
}
