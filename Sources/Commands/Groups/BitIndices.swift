import Bytes

/// Ranges as the commands over bits give them: both ends count, negative ones from behind.
enum BitIndices {
  /// The part of `count` units from `start` to `end`, or nil if it is empty.
  ///
  /// An end before the beginning means the first unit, as it does in Redis.
  static func range(_ start: Int64, _ end: Int64, count: Int64) -> Range<Int>? {
    let first = max(0, start < 0 ? start + count : start)
    let last = min(count - 1, max(0, end < 0 ? end + count : end))
    guard first <= last else { return nil }
    return Int(first)..<Int(last) + 1
  }
}

extension Span<UInt8> {
  /// How many of these bits are set; they lie within the bytes. O(their number), eight bytes a step.
  func nonzeroBitCount(in bits: Range<Int>) -> Int {
    guard !bits.isEmpty else { return 0 }
    let first = bits.lowerBound >> 3
    let last = (bits.upperBound - 1) >> 3
    let before = ~(UInt8.max >> UInt8(bits.lowerBound & 7))
    let after = UInt8(truncatingIfNeeded: UInt(0xFF) >> UInt((bits.upperBound - 1) & 7 + 1))
    return extracting(first..<last + 1).nonzeroBitCount - (self[first] & before).nonzeroBitCount
      - (self[last] & after).nonzeroBitCount
  }

  /// The first of these bits that is set, or that is not; nil if there is none. They lie within the bytes. O(what is
  /// passed over), eight bytes a step.
  func firstBit(_ isSet: Bool, in bits: Range<Int>) -> Int? {
    guard !bits.isEmpty else { return nil }
    // Turned over where it is a clear bit that is sought, so that it is a set one.
    let others: UInt8 = isSet ? 0 : 0xFF
    var index = bits.lowerBound >> 3
    let end = (bits.upperBound + 7) >> 3
    var sought = (self[index] ^ others) & (UInt8.max >> UInt8(bits.lowerBound & 7))
    if sought == 0 {
      index += 1
      guard let next = extracting(index..<end).firstIndex(otherThan: others) else { return nil }
      index += next
      sought = self[index] ^ others
    }
    let found = index << 3 + sought.leadingZeroBitCount
    return found < bits.upperBound ? found : nil
  }
}
