// The short way for nearly every request: few short arguments, all there. One load of eight bytes sees the end of one
// argument and the whole announcement of the next:
//
//     byte      0  1  2  3  4  5  6  7
//              \r \n  $  3 \r \n  G  E          a length of one digit; where one stands is masked out
//              \r \n  $  1  6 \r \n  k          a length of two
//
// Whatever is unusual, unfinished or wrong is left to the general way, which knows how to tell.

import Bytes

/// Takes requests that are there whole and are of the usual kind.
enum OrdinaryRequest {
  /// More arguments, or longer ones than four digits can say, go the general way.
  static let argumentsMax = 99
  static let bulkBytesMax = 9_999
  /// What such a request takes at most, with its lengths and line ends.
  static let requestBytesMax = 5 + argumentsMax * (bulkBytesMax + 9)

  /// Takes the requests from `position` on into `batch`, until it holds `requestsMax` or one is not ordinary.
  static func takeAll(
    _ input: Span<UInt8>, _ position: inout Int, into batch: inout RequestBatch, _ requestsMax: Int, argumentsMax: Int
  ) {
    while batch.count < requestsMax {
      guard let end = take(input, position, argumentsMax, into: &batch.words) else { return batch.forgetUnfinished() }
      batch.add(end: end)
      position = end
    }
  }

  /// Puts the words of the request at `start` into `words` and returns where it ends; nil if it is not ordinary.
  @inline(__always)
  private static func take(_ input: Span<UInt8>, _ start: Int, _ countMax: Int, into words: inout RangeList) -> Int? {
    guard let head = input.word(at: start), head & 0xFF == UInt64(RESPByte.array) else { return nil }
    var missing = digit(head, 1)
    var cursor = start &+ 2
    if (head >> 16) & 0xFF != UInt64(LineByte.carriageReturn) {
      guard missing != 0, digit(head, 2) <= 9 else { return nil }
      missing = missing &* 10 &+ digit(head, 2)
      cursor &+= 1
    }
    guard missing &- 1 < UInt64(truncatingIfNeeded: countMax) else { return nil }
    repeat {
      guard let word = input.word(at: cursor) else { return nil }
      let length: UInt64
      if word & 0xFFFF_00FF_FFFF == 0x0A0D_0024_0A0D {
        length = digit(word, 3)
        guard length <= 9 else { return nil }
        cursor &+= 6
      } else if word & 0xFF_FF00_00FF_FFFF == 0x0A_0D00_0024_0A0D {
        let tens = digit(word, 3)
        guard tens &- 1 < 9, digit(word, 4) <= 9 else { return nil }
        length = tens &* 10 &+ digit(word, 4)
        cursor &+= 7
      } else {
        guard word & 0xFF_FFFF == 0x24_0A0D,
          let long = NumberLine.readShort(input, cursor &+ 2, tag: RESPByte.bulk)
        else { return nil }
        length = UInt64(truncatingIfNeeded: long.number)
        cursor = long.end
      }
      words.append(ByteRange(offset: cursor, count: Int(truncatingIfNeeded: length)))
      cursor &+= Int(truncatingIfNeeded: length)
      missing &-= 1
    } while missing > 0
    return input.halfword(at: cursor) == NumberLine.lineEnd ? cursor &+ 2 : nil
  }

  /// The digit that stands in byte `index` of a word; more than 9 if there is none.
  @inline(__always)
  private static func digit(_ word: UInt64, _ index: UInt64) -> UInt64 {
    (word &>> (index &* 8)) & 0xFF &- 0x30
  }
}
