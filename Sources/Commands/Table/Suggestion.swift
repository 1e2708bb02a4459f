import Bytes

/// What a mistyped verb was probably meant to be.
enum Suggestion {
  /// A longer verb is no typing error; it also bounds the work.
  private static let verbBytesMax = 24

  /// The command whose name is the fewest edits away from `verb`, if that is at most half of the name's length;
  /// O(commands × length²).
  static func nearest(to verb: Span<UInt8>, among rows: [Command]) -> StaticString? {
    guard verb.count <= verbBytesMax else { return nil }
    let typed = (0..<verb.count).map { ASCII.uppercased(verb[$0]) }
    var best: (name: StaticString, distance: Int)?
    for row in rows {
      let name = (0..<row.name.utf8CodeUnitCount).map { row.name.byte($0) }
      let distance = editDistance(typed, name)
      if distance <= (name.count + 1) / 2, distance < best?.distance ?? Int.max { best = (row.name, distance) }
    }
    return best?.name
  }

  /// Insertions, deletions, replacements and swaps of neighbours between two words: the optimal string alignment
  /// distance, a restricted form of Damerau's (Communications of the ACM 7(3), 1964).
  static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for i in 0..<left.count {
      var row = [i + 1]
      for j in 0..<right.count {
        var distance = min(last[j + 1] + 1, row[j] + 1, last[j] + (left[i] == right[j] ? 0 : 1))
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
          distance = min(distance, beforeLast[j - 1] + 1)
        }
        row.append(distance)
      }
      beforeLast = last
      last = row
    }
    return last[right.count]
  }
}
