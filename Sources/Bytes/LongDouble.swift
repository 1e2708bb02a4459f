// Numbers with a fraction, as INCRBYFLOAT reads and writes them. Redis keeps them as C's `long double`, which on x86-64
// has 64 bits of mantissa, and leaves both directions to the C library; so does this.

import Glibc

#if arch(x86_64)
  /// C's `long double`.
  public typealias LongDouble = Float80
#else
  /// As near to C's `long double` as Swift has it here.
  public typealias LongDouble = Double
#endif

/// What is longer is no number: Redis's MAX_LONG_DOUBLE_CHARS, which holds the largest number with its fraction.
private let textBytesMax = 5 * 1024

extension Span<UInt8> {
  /// The number that the bytes spell, or nil.
  ///
  /// All that strtold(3) takes is taken, so also `inf`, `0x1p3` and `.5`; but no white space, no NaN, and nothing too
  /// large or too close to zero to be told from it.
  public var longDouble: LongDouble? {
    let length = count
    guard length > 0, length < textBytesMax, !isSpace(self[0]) else { return nil }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: length + 1) { text in
      for index in 0..<length { text[index] = CChar(bitPattern: self[index]) }
      text[length] = 0
      let start = text.baseAddress.unsafelyUnwrapped
      var end: UnsafeMutablePointer<CChar>?
      errno = 0
      #if arch(x86_64)
        let number = strtold(start, &end)
      #else
        let number = strtod(start, &end)
      #endif
      guard end == start + length, !number.isNaN, errno != EINVAL else { return nil }
      if errno == ERANGE, number.isInfinite || number.isZero { return nil }
      return number
    }
  }
}

/// C's isspace.
private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

extension ByteBuffer {
  /// Appends a finite number as people write it: without exponent, with at most 17 digits of fraction and no zeros
  /// at their end.
  public mutating func append(longDouble number: LongDouble) {
    precondition(number.isFinite, "only finite numbers have digits")
    let start = count
    reserve(textBytesMax)
    let free = UnsafeMutableRawPointer(base + count).assumingMemoryBound(to: CChar.self)
    #if arch(x86_64)
      let length = withVaList([number]) { vsnprintf(free, textBytesMax, "%.17Lf", $0) }
    #else
      let length = withVaList([number]) { vsnprintf(free, textBytesMax, "%.17f", $0) }
    #endif
    precondition(length > 0 && length < textBytesMax, "the largest number has 4,933 digits")
    var end = start + Int(length)
    while base[end - 1] == UInt8(ascii: "0") { end -= 1 }
    if base[end - 1] == UInt8(ascii: ".") { end -= 1 }
    if end - start == 2, base[start] == UInt8(ascii: "-"), base[start + 1] == UInt8(ascii: "0") {
      base[start] = UInt8(ascii: "0")
      end -= 1
    }
    filled = end
  }
}
