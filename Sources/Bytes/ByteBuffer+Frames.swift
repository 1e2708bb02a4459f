// Lines and blocks that begin with a tag and a number, as many protocols have them, each with a single check for room:
//
//     append(tag: "$", counted: hello)     $ 5 CR LF h e l l o CR LF
//     append(tag: ":", number: -12)        : - 1 2 CR LF
//     append(tag: "+", line: "OK")         + O K CR LF
//
// A tag, a number below 100 and the end of the line are one or two instructions' worth of arithmetic and one store,
// which may write a few bytes more than count: there is room for the longest number.

extension ByteBuffer {
  /// The most that a tag, a number and the end of a line take: 1 + 20 + 2.
  private static let numberLineBytesMax = 23

  /// Appends a tag, a number in decimal, CR LF.
  public mutating func append(tag: UInt8, number: Int64) {
    reserve(Self.numberLineBytesMax)
    if number >= 0 {
      filled &+= Self.write(tag, UInt64(bitPattern: number), to: base + count)
    } else {
      let written = Self.write(UInt8(ascii: "-"), number.magnitude, to: base + count + 1)
      base[count] = tag
      filled += 1 + written
    }
  }

  /// Appends a tag, the length of `bytes` in decimal, CR LF, the bytes, CR LF.
  ///
  /// A few bytes, as most values are, are appended without a call.
  public mutating func append(tag: UInt8, counted bytes: Span<UInt8>) {
    let length = bytes.count
    guard length >= 16, length <= 64, capacity &- count >= 64 &+ Self.numberLineBytesMax &+ 2 else {
      return append(tag: tag, countedAny: bytes)
    }
    writeCounted(tag, bytes)
  }

  @inline(never)
  private mutating func append(tag: UInt8, countedAny bytes: Span<UInt8>) {
    reserve(bytes.count &+ Self.numberLineBytesMax &+ 2)
    writeCounted(tag, bytes)
  }

  /// The same, where there is room.
  @inline(__always)
  private mutating func writeCounted(_ tag: UInt8, _ bytes: Span<UInt8>) {
    let length = bytes.count
    let start = base + count
    let header = Self.write(tag, UInt64(truncatingIfNeeded: length), to: start)
    let end = UnsafeMutableRawPointer(start + header)
    bytes.withUnsafeBytes { source in
      if let first = source.baseAddress { end.copyBytes(from: first, count: length) }
    }
    (end + length).storeBytes(of: Self.lineEnd, as: UInt16.self)
    filled &+= header &+ length &+ 2
  }

  /// Appends a tag, the bytes of a literal, CR LF.
  public mutating func append(tag: UInt8, line: StaticString) {
    let length = line.utf8CodeUnitCount
    reserve(length + 3)
    base[count] = tag
    let end = UnsafeMutableRawPointer(base + count + 1)
    end.copyMemory(from: line.utf8Start, byteCount: length)
    (end + length).storeBytes(of: Self.lineEnd, as: UInt16.self)
    filled += length + 3
  }

  /// Appends the lowest `length` bytes of `word`, at most 8, the lowest first.
  public mutating func append(word: UInt64, length: Int) {
    precondition(length >= 0 && length <= 8, "a word has eight bytes")
    reserve(8)
    UnsafeMutableRawPointer(base + count).storeBytes(of: word.littleEndian, as: UInt64.self)
    filled &+= length
  }

  /// Inserts a tag, a number in decimal, CR LF in front of the byte at `offset`; moves what stands behind it, once.
  public mutating func insert(tag: UInt8, number: UInt64, at offset: Int) {
    precondition(offset >= 0 && offset <= count, "a line is inserted within the buffer")
    var line: InlineArray<24, UInt8> = .init(repeating: 0)
    var span = line.mutableSpan
    let length = span.withUnsafeMutableBufferPointer { Self.write(tag, number, to: $0.baseAddress.unsafelyUnwrapped) }
    reserve(length)
    (base + offset + length).update(from: base + offset, count: count - offset)
    for index in 0..<length { base[offset + index] = line[index] }
    filled += length
  }

  /// CR LF as it lies in memory.
  private static var lineEnd: UInt16 { UInt16(littleEndian: 0x0A0D) }

  /// Writes a tag, a number in decimal, CR LF to where there are at least 23 bytes of room; returns how many there are.
  @inline(__always)
  private static func write(_ tag: UInt8, _ number: UInt64, to start: UnsafeMutablePointer<UInt8>) -> Int {
    let bytes = UnsafeMutableRawPointer(start)
    if number < 10 {
      let word = 0x0A0D_3000 | UInt32(truncatingIfNeeded: number) << 8 | UInt32(tag)
      bytes.storeBytes(of: word.littleEndian, as: UInt32.self)
      return 4
    }
    if number < 100 {
      // The quotient by 10 of a number below 100, without dividing.
      let tens = (number &* 205) >> 11
      let ones = number &- tens &* 10
      let word = 0x0A_0D30_3000 | ones << 16 | tens << 8 | UInt64(tag)
      bytes.storeBytes(of: word.littleEndian, as: UInt64.self)
      return 5
    }
    return writeLong(tag, number, to: start)
  }

  private static func writeLong(_ tag: UInt8, _ number: UInt64, to start: UnsafeMutablePointer<UInt8>) -> Int {
    let digits = number.decimalDigitCount
    var index = digits
    var rest = number
    start[0] = tag
    while index > 0 {
      let tenth = rest / 10
      start[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest &- tenth &* 10)
      rest = tenth
      index -= 1
    }
    UnsafeMutableRawPointer(start + 1 + digits).storeBytes(of: lineEnd, as: UInt16.self)
    return 1 + digits + 2
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
