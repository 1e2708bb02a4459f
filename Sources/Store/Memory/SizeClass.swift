/// The sizes of blocks: every multiple of 4 from 8 to 256 bytes, then eight steps a doubling up to 8 KiB.
///
/// Rounding up so adds at most 3 bytes below 256, and at most an eighth above.
enum SizeClass {
  static let count = 63 + 8 * 5

  /// The class of the smallest block that holds `byteCount` bytes, which are at most `StoreLimits.blockBytesMax`.
  @inline(__always)
  static func index(for byteCount: Int) -> Int {
    if byteCount <= 256 { return max(byteCount &+ 3, 8) &>> 2 &- 2 }
    let last = byteCount &- 1
    let exponent = 63 &- last.leadingZeroBitCount
    return 63 &+ (exponent &- 8) &* 8 &+ (last &>> (exponent &- 3)) &- 8
  }

  /// Bytes of a block of the class.
  @inline(__always)
  static func blockBytes(_ index: Int) -> Int {
    if index < 63 { return (index &+ 2) &* 4 }
    let exponent = 8 &+ (index &- 63) &>> 3
    let step = (index &- 63) & 7
    return (9 &+ step) &<< (exponent &- 3)
  }
}
