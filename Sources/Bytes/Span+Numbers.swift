// Whole numbers as clients write them. Each number has one spelling only, so that text that was read as a number can be
// stored as a number and shown again as it was.

extension Span<UInt8> {
  /// The number that the bytes spell in decimal, or nil.
  ///
  /// There is one spelling of each: an optional `-`, then digits without a leading zero, nothing else. The whole range
  /// of Int64 is covered. O(1): at most 20 bytes are looked at.
  public var integer: Int64? {
    guard count > 0, count <= 20 else { return nil }
    let isNegative = self[0] == UInt8(ascii: "-")
    guard let magnitude = digits(from: isNegative ? 1 : 0) else { return nil }
    if !isNegative { return Int64(exactly: magnitude) }
    // There is no second zero, and one negative number more than there are positive ones.
    guard magnitude > 0, magnitude <= Int64.min.magnitude else { return nil }
    return Int64(truncatingIfNeeded: 0 &- magnitude)
  }

  /// The number that the bytes from `start` on spell, without sign and leading zeros, or nil.
  private func digits(from start: Int) -> UInt64? {
    guard start < count else { return nil }
    var value = UInt64(self[start] &- UInt8(ascii: "0"))
    guard value <= 9 else { return nil }
    if value == 0 { return start + 1 == count ? 0 : nil }
    var index = start + 1
    // Eighteen digits fit whatever they are; only what follows has to be held against the range.
    let safeEnd = min(count, start + 18)
    while index < safeEnd {
      let digit = UInt64(self[index] &- UInt8(ascii: "0"))
      guard digit <= 9 else { return nil }
      value = value &* 10 &+ digit
      index += 1
    }
    while index < count {
      let digit = UInt64(self[index] &- UInt8(ascii: "0"))
      guard digit <= 9 else { return nil }
      let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflows) = product.addingReportingOverflow(digit)
      guard !isTooLarge, !overflows else { return nil }
      value = sum
      index += 1
    }
    return value
  }

  /// The eight bytes from `index` on as one word, the first one lowest; nil if there are not so many.
  @inlinable @inline(__always)
  public func word(at index: Int) -> UInt64? {
    guard count >= 8, UInt(bitPattern: index) <= UInt(bitPattern: count &- 8) else { return nil }
    return UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self))
  }

  /// The eight bytes from `index` on as one word, the first one lowest; zeros stand for those behind the end.
  @inlinable @inline(__always)
  public func paddedWord(at index: Int) -> UInt64 { word(at: index) ?? lastWord(from: index) }

  /// The fewer than eight bytes from `index` on as one word.
  @inlinable @inline(never)
  func lastWord(from index: Int) -> UInt64 {
    precondition(index >= 0, "a word lies behind the start of its span")
    guard index < count else { return 0 }
    if count >= 8, let last = word(at: count &- 8) { return last &>> UInt64((index &- (count &- 8)) &* 8) }
    var word: UInt64 = 0
    for place in index..<count { word |= UInt64(self[place]) &<< UInt64((place &- index) &* 8) }
    return word
  }

  /// The two bytes from `index` on as one word, the first one lowest; nil if there are not so many.
  @inlinable @inline(__always)
  public func halfword(at index: Int) -> UInt16? {
    guard count >= 2, UInt(bitPattern: index) <= UInt(bitPattern: count &- 2) else { return nil }
    return UInt16(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt16.self))
  }
}
