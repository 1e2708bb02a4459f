// Lines and blocks that begin with a tag and a number, as many protocols have them, each with a single check for room:
//
//     append(tag: "$", counted: hello)     $ 5 CR LF h e l l o CR LF
//     append(tag: ":", number: -12)        : - 1 2 CR LF
//     append(tag: "+", line: "OK")         + O K CR LF

extension ByteBuffer {
  /// The most that a tag, a number and the end of a line take: 1 + 20 + 2.
  private static let numberLineBytesMax = 23

  /// Appends a tag, a number in decimal, CR LF.
  public mutating func append(tag: UInt8, number: Int64) {
    reserve(Self.numberLineBytesMax)
    write(tag, to: count)
    var end = count + 1
    if number < 0 {
      write(UInt8(ascii: "-"), to: end)
      end += 1
    }
    end = writeDecimal(number.magnitude, to: end)
    count = writeLineEnd(to: end)
  }

  /// Appends a tag, the length of `bytes` in decimal, CR LF, the bytes, CR LF.
  public mutating func append(tag: UInt8, counted bytes: Span<UInt8>) {
    let length = bytes.count
    reserve(length + Self.numberLineBytesMax + 2)
    write(tag, to: count)
    let start = writeLineEnd(to: writeDecimal(UInt64(truncatingIfNeeded: length), to: count + 1))
    bytes.withUnsafeBufferPointer { source in
      if let first = source.baseAddress { (base + start).update(from: first, count: length) }
    }
    count = writeLineEnd(to: start + length)
  }

  /// Appends a tag, the bytes of a literal, CR LF.
  public mutating func append(tag: UInt8, line: StaticString) {
    let length = line.utf8CodeUnitCount
    reserve(length + 3)
    write(tag, to: count)
    (base + count + 1).update(from: line.utf8Start, count: length)
    count = writeLineEnd(to: count + 1 + length)
  }

  /// Inserts a tag, a number in decimal, CR LF in front of the byte at `offset`; moves what stands behind it, once.
  public mutating func insert(tag: UInt8, number: UInt64, at offset: Int) {
    precondition(offset >= 0 && offset <= count, "a line is inserted within the buffer")
    let length = 1 + number.decimalDigitCount + 2
    reserve(length)
    (base + offset + length).update(from: base + offset, count: count - offset)
    write(tag, to: offset)
    _ = writeLineEnd(to: writeDecimal(number, to: offset + 1))
    count += length
  }

  // Each of these writes where there is room already, since its caller has reserved it, and returns the offset behind.

  @inline(__always)
  private func write(_ byte: UInt8, to offset: Int) { base[offset] = byte }

  @inline(__always)
  private func writeLineEnd(to offset: Int) -> Int {
    base[offset] = UInt8(ascii: "\r")
    base[offset + 1] = UInt8(ascii: "\n")
    return offset + 2
  }

  @inline(__always)
  private func writeDecimal(_ number: UInt64, to offset: Int) -> Int {
    if number < 10 {
      base[offset] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number)
      return offset + 1
    }
    return writeLongDecimal(number, to: offset)
  }

  private func writeLongDecimal(_ number: UInt64, to offset: Int) -> Int {
    let end = offset + number.decimalDigitCount
    var index = end
    var rest = number
    while index > offset {
      index -= 1
      let tenth = rest / 10
      base[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest &- tenth &* 10)
      rest = tenth
    }
    return end
  }
}

extension UInt64 {
  /// How many digits the number has in decimal.
  public var decimalDigitCount: Int {
    var count = 1
    var bound: UInt64 = 10
    while count < 20, self >= bound {
      count += 1
      bound = bound &* 10
    }
    return count
  }
}
