// Whole numbers in headers of files: at a fixed place, the lowest byte first, whatever the alignment.

extension Span<UInt8> {
  /// The number whose bytes, the lowest first, begin at `offset`; all of them have to lie within the span.
  @inlinable @inline(__always)
  public func littleEndian<Number: FixedWidthInteger & BitwiseCopyable>(
    _: Number.Type = Number.self, at offset: Int
  ) -> Number {
    let size = MemoryLayout<Number>.size
    precondition(offset >= 0 && count >= size && offset <= count &- size, "a number lies within its span")
    return Number(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: Number.self))
  }

  /// Whether each byte is zero; O(length), eight bytes at a time.
  public var isAllZero: Bool {
    var index = 0
    while index &+ 8 <= count {
      guard littleEndian(UInt64.self, at: index) == 0 else { return false }
      index &+= 8
    }
    while index < count {
      guard self[index] == 0 else { return false }
      index &+= 1
    }
    return true
  }
}

extension ByteBuffer {
  /// Overwrites the bytes from `offset` on with a number, the lowest byte first; they have to be filled already.
  @inlinable @inline(__always)
  public mutating func put<Number: FixedWidthInteger & BitwiseCopyable>(littleEndian number: Number, at offset: Int) {
    let size = MemoryLayout<Number>.size
    precondition(offset >= 0 && count >= size && offset <= count &- size, "a number lies within its buffer")
    UnsafeMutableRawPointer(base + offset).storeBytes(of: number.littleEndian, as: Number.self)
  }
}
