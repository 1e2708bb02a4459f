/// A part of some span of bytes: 8 bytes, so that lists of them stay small.
///
/// Spans that are described this way are shorter than 4 GiB.
public struct ByteRange: Equatable, Sendable {
  /// Offset of the first byte.
  public var offset: UInt32
  /// Length in bytes.
  public var count: UInt32

  /// Creates the range of `count` bytes from `offset`.
  @inlinable
  public init(offset: Int, count: Int) {
    precondition((offset | count) >> 32 == 0, "spans of described parts are shorter than 4 GiB")
    self.offset = UInt32(truncatingIfNeeded: offset)
    self.count = UInt32(truncatingIfNeeded: count)
  }

  /// The same part as a range of indices; its bounds are in order whatever they are, being sums of 32 bits.
  @inlinable
  public var indices: Range<Int> {
    Range(uncheckedBounds: (Int(offset), Int(offset) &+ Int(count)))
  }
}
