// The short way for nearly every line: short, there whole, its words bare and one space apart. Eight bytes at a time
// are searched for one below `!`, which ends a word or is unusual:
//
//     G E T ␠ k e y : │ 0 4 2 ⏎
//           ▲                 ▲      marks of bytes below 0x21; the lowest mark of a word is always right
//
// Whatever is unusual, unfinished or wrong is left to the general way, which knows how to tell. Nothing is decoded in
// place here, so lines that are taken may be parsed again.

import Bytes

/// Takes lines that are there whole and are of the usual kind.
enum OrdinaryLine {
  /// A longer line goes the general way, which finds its end faster.
  static let lineBytesMax = 512
  static let wordsMax = 16

  /// Whether lines of this kind keep all limits, as they do unless someone has set very low ones.
  static func keeps(_ limits: WireLimits) -> Bool {
    // The end of a word is seen up to seven bytes late.
    limits.lineBytesMax >= lineBytesMax + 8 && limits.argumentsMax >= wordsMax
  }

  /// Takes the lines from `position` on into `batch`, until it holds `requestsMax` or one is not ordinary.
  static func takeAll(
    _ input: Span<UInt8>, _ position: inout Int, into batch: inout RequestBatch, _ requestsMax: Int
  ) {
    while batch.count < requestsMax {
      guard let end = take(input, position, into: &batch.words) else { return batch.forgetUnfinished() }
      batch.add(end: end)
      position = end
    }
  }

  /// Puts the words of the line at `start` into `words` and returns where the next begins; nil if it is not ordinary.
  @inline(__always)
  private static func take(_ input: Span<UInt8>, _ start: Int, into words: inout RangeList) -> Int? {
    let head = input.paddedWord(at: start)
    // `Host:` is a browser's.
    guard head & 0xDF != UInt64(UInt8(ascii: "H")) else { return nil }
    let isPut = head & 0xFF_DFDFDF == 0x20_545550
    var word = head
    var cursor = start
    var room = wordsMax
    while true {
      let wordStart = cursor
      guard word & 0xFF != UInt64(LineByte.quote) else { return nil }
      var marks = marksBelow(0x21, word)
      while marks == 0 {
        cursor &+= 8
        guard cursor &- start < lineBytesMax else { return nil }
        word = input.paddedWord(at: cursor)
        marks = marksBelow(0x21, word)
      }
      let offset = marks.trailingZeroBitCount & ~7
      cursor &+= offset &>> 3
      room &-= 1
      guard cursor > wordStart, room > 0 else { return nil }
      words.append(ByteRange(offset: wordStart, count: cursor &- wordStart))
      let end = (word &>> UInt64(truncatingIfNeeded: offset)) & 0xFF
      guard end == UInt64(UInt8(ascii: " ")) else {
        if end == UInt64(LineByte.lineFeed) { return cursor &+ 1 }
        guard end == UInt64(LineByte.carriageReturn), input.halfword(at: cursor) == NumberLine.lineEnd else {
          return nil
        }
        return cursor &+ 2
      }
      cursor &+= 1
      if isPut, room == wordsMax &- 2 { return takeValue(input, start, cursor, into: &words) }
      word = input.paddedWord(at: cursor)
    }
  }

  /// Takes PUT's value, the rest of its line.
  @inline(__always)
  private static func takeValue(
    _ input: Span<UInt8>, _ start: Int, _ valueStart: Int, into words: inout RangeList
  ) -> Int? {
    var cursor = valueStart
    var word = input.paddedWord(at: cursor)
    guard word & 0xFF != UInt64(LineByte.quote) else { return nil }
    let lineFeeds = UInt64(LineByte.lineFeed) &* 0x0101_0101_0101_0101
    var marks = marksBelow(1, word ^ lineFeeds)
    while marks == 0 {
      cursor &+= 8
      guard cursor &- start < lineBytesMax, cursor < input.count else { return nil }
      word = input.paddedWord(at: cursor)
      marks = marksBelow(1, word ^ lineFeeds)
    }
    let lineFeed = cursor &+ marks.trailingZeroBitCount &>> 3
    guard lineFeed > valueStart else { return nil }
    let end = input.halfword(at: lineFeed &- 1) == NumberLine.lineEnd ? lineFeed &- 1 : lineFeed
    guard end > valueStart else { return nil }
    words.append(ByteRange(offset: valueStart, count: end &- valueStart))
    return lineFeed &+ 1
  }

  /// Marks the top bit of each byte below `limit`, of at most 0x80; bytes above the lowest mark may be marked wrongly.
  @inline(__always)
  private static func marksBelow(_ limit: UInt64, _ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    return (word &- ones &* limit) & ~word & (ones &* 0x80)
  }
}
