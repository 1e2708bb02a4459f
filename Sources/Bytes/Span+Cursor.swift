extension Span<UInt8> {
  /// The number that the bytes spell as C's strtoul(3) reads it, or nil: what redis-server takes as the cursor of a
  /// SCAN.
  ///
  /// In contrast to `integer`, a sign and leading zeros are allowed, a negative number stands for what it is modulo
  /// 2⁶⁴, no bytes at all are 0, and the text ends at the first zero byte. White space is refused.
  public var cursor: UInt64? {
    let end = firstIndex(of: 0) ?? count
    if end == 0 { return 0 }
    let isNegative = self[0] == UInt8(ascii: "-")
    var index = isNegative || self[0] == UInt8(ascii: "+") ? 1 : 0
    guard index < end else { return nil }
    var value: UInt64 = 0
    while index < end {
      let digit = self[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflows) = product.addingReportingOverflow(UInt64(digit))
      guard !isTooLarge, !overflows else { return nil }
      value = sum
      index += 1
    }
    return isNegative ? 0 &- value : value
  }
}
