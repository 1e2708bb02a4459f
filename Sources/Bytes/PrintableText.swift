// Whether bytes can be shown as they are: valid UTF-8 (RFC 3629) without control characters.

extension Span<UInt8> {
  /// Whether the bytes are valid UTF-8 and hold none of U+0000–001F and U+007F–009F.
  ///
  /// O(length); eight bytes a step while they are ASCII.
  public var isPrintableText: Bool { endOfPrintableText(from: 0, to: count) != nil }

  /// Where to go on looking after the bytes from `start` to `end`, which are such text from the beginning of a
  /// character on; nil if they are not.
  ///
  /// It is `end`, or lies up to three bytes behind, where the last character ends.
  public func endOfPrintableText(from start: Int, to end: Int) -> Int? {
    var index = start
    while true {
      index = endOfPrintableASCII(from: index, to: end)
      if index >= end { return index }
      let length = printableSequenceLength(at: index)
      if length == 0 { return nil }
      index += length
    }
  }

  /// The index of the first byte from `start` on that is not printable ASCII, or the end.
  private func endOfPrintableASCII(from start: Int, to end: Int) -> Int {
    withUnsafeBytes { bytes in
      let ones: UInt64 = 0x0101_0101_0101_0101
      var index = start
      while index + 8 <= end {
        let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        // Per byte: the top bit is set if it is below 0x20, is 0x7F, or has its top bit set. A borrow or carry out of a
        // byte comes only from one that is itself reported.
        let below = (word &- (ones &* 0x20))
        let delete = (word &+ ones)
        if (below | delete | word) & (ones &* 0x80) != 0 { break }
        index += 8
      }
      while index < end, bytes[index] >= 0x20, bytes[index] < 0x7F { index += 1 }
      return index
    }
  }

  /// The length of the valid multi-byte sequence at `index` that is no control character, or 0.
  private func printableSequenceLength(at index: Int) -> Int {
    func continuation(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
      index + offset < count && range.contains(self[index + offset])
    }
    let first = self[index]
    switch first {
    case 0xC2: return continuation(1, 0xA0...0xBF) ? 2 : 0
    case 0xC3...0xDF: return continuation(1) ? 2 : 0
    case 0xE0...0xEF:
      let second: ClosedRange<UInt8> = first == 0xE0 ? 0xA0...0xBF : first == 0xED ? 0x80...0x9F : 0x80...0xBF
      return continuation(1, second) && continuation(2) ? 3 : 0
    case 0xF0...0xF4:
      let second: ClosedRange<UInt8> = first == 0xF0 ? 0x90...0xBF : first == 0xF4 ? 0x80...0x8F : 0x80...0xBF
      return continuation(1, second) && continuation(2) && continuation(3) ? 4 : 0
    default: return 0
    }
  }
}
