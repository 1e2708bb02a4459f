// The longest common subsequence of two byte strings, 64 cells of the usual table at a time.
//
//           b:  m y n e w t e x t
//     row 0     1 1 1 1 1 1 1 1 1        A row has a bit for each byte of b: 0 where the common subsequence with a's
//     row 1  o  1 1 1 1 1 1 1 1 1        beginning gets longer by that byte, 1 where it does not. So its length is
//     row 2  h  1 1 1 1 1 1 1 1 1        the number of zeros. From a row to the next, M being where b holds a's byte:
//     row 3  m  0 1 1 1 1 1 1 1 1
//     row 4  y  0 0 1 1 1 1 1 1 1        next = (row + (row & M)) | (row & ~M)
//      ...                               (Hyyrö, Bit-parallel LCS-length computation revisited, 2004)
//
// The bits of all rows are enough to walk back through the table: where the bytes differ, the cell above is greater
// than the one to the left if and only if the bit is 0.

import Bytes

/// The table of two byte strings' common subsequences; its bits take an eighth of a byte for each pair of their bytes.
struct SubsequenceTable: ~Copyable {
  /// Bytes that both have in the same order: first where they begin in either, then how many.
  struct Match: Equatable {
    let left: Int
    let right: Int
    let count: Int
  }

  private let wordsPerRow: Int
  /// Row 0 and all others, or the last one only.
  private var rows: ZeroedArray<UInt64>
  /// The length of the longest common subsequence.
  private(set) var count = 0

  /// Compares two byte strings; O(product of their lengths), 64 pairs a step.
  ///
  /// Without `keepsRows` only the length is to be had, and little memory is taken.
  init(_ left: Span<UInt8>, _ right: Span<UInt8>, keepsRows: Bool) {
    wordsPerRow = (right.count + 63) / 64
    rows = ZeroedArray(count: wordsPerRow * (keepsRows ? left.count + 1 : 1))
    let places = Places(of: left, in: right, wordsPerRow: wordsPerRow)
    for word in 0..<wordsPerRow { rows[word] = .max }
    var row = 0
    for index in 0..<left.count {
      let next = keepsRows ? row + wordsPerRow : row
      advance(from: row, to: next, places, places.offset(of: left[index]))
      row = next
    }
    for word in 0..<wordsPerRow { count += (~rows[row + word]).nonzeroBitCount }
  }

  @inline(__always)
  private mutating func advance(from row: Int, to next: Int, _ places: borrowing Places, _ offset: Int) {
    var carry: UInt64 = 0
    for word in 0..<wordsPerRow {
      let old = rows[row &+ word]
      let place = places.words[offset &+ word]
      let (sum, overflow) = old.addingReportingOverflow(old & place)
      let (total, carried) = sum.addingReportingOverflow(carry)
      carry = overflow || carried ? 1 : 0
      rows[next &+ word] = total | (old & ~place)
    }
  }

  /// Walks back through the table as Redis does; calls `body` with each match, the last one first.
  ///
  /// The two byte strings have to be those that were compared, and the rows kept.
  func forEachMatch(_ left: Span<UInt8>, _ right: Span<UInt8>, _ body: (Match) -> Void) {
    var i = left.count
    var j = right.count
    var length = 0
    while i > 0, j > 0 {
      if left[i - 1] == right[j - 1] {
        length += 1
        i -= 1
        j -= 1
        continue
      }
      if length > 0 {
        body(Match(left: i, right: j, count: length))
        length = 0
      }
      let isLonger = rows[i * wordsPerRow + (j - 1) >> 6] >> UInt64((j - 1) & 63) & 1 == 0
      if isLonger { i -= 1 } else { j -= 1 }
    }
    if length > 0 { body(Match(left: i, right: j, count: length)) }
  }

  /// Where the second byte string holds each byte that the first one has: a row of bits for each.
  private struct Places: ~Copyable {
    var words: ZeroedArray<UInt64>
    /// Where a byte's row begins; −1 if the first byte string does not have it.
    private var offsets = [Int](repeating: -1, count: 256)

    init(of left: Span<UInt8>, in right: Span<UInt8>, wordsPerRow: Int) {
      var end = 0
      for index in 0..<left.count where offsets[Int(left[index])] < 0 {
        offsets[Int(left[index])] = end
        end += wordsPerRow
      }
      words = ZeroedArray(count: end)
      for index in 0..<right.count {
        let offset = offsets[Int(right[index])]
        if offset >= 0 { words[offset + index >> 6] |= 1 << UInt64(index & 63) }
      }
    }

    func offset(of byte: UInt8) -> Int { offsets[Int(byte)] }
  }
}
