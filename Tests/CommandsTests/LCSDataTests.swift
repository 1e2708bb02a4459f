import TestSupport
import Testing
import Wire

@testable import Commands

@Suite struct LCSDataTests {
  /// The usual table, cell by cell.
  private func table(_ left: [UInt8], _ right: [UInt8]) -> [[Int]] {
    var table = [[Int]](repeating: [Int](repeating: 0, count: right.count + 1), count: left.count + 1)
    for i in 0..<left.count {
      for j in 0..<right.count {
        table[i + 1][j + 1] = left[i] == right[j] ? table[i][j] + 1 : max(table[i][j + 1], table[i + 1][j])
      }
    }
    return table
  }

  /// The pairs of indices that Redis's way back through the table passes, the last one first.
  private func pairs(_ left: [UInt8], _ right: [UInt8], _ table: [[Int]]) -> [(Int, Int)] {
    var pairs: [(Int, Int)] = []
    var i = left.count
    var j = right.count
    while i > 0, j > 0 {
      if left[i - 1] == right[j - 1] {
        i -= 1
        j -= 1
        pairs.append((i, j))
      } else if table[i - 1][j] > table[i][j - 1] {
        i -= 1
      } else {
        j -= 1
      }
    }
    return pairs
  }

  private func randomValue(_ letters: UInt8, _ generator: inout SeededGenerator) -> [UInt8] {
    let count = Int.random(in: 0...150, using: &generator)
    return (0..<count).map { _ in UInt8.random(in: 97...96 + letters, using: &generator) }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `all three forms agree with the table filled cell by cell`(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let driver = Session()
    for _ in 0..<150 {
      let letters = UInt8.random(in: 1...6, using: &generator)
      let left = randomValue(letters, &generator)
      let right = randomValue(letters, &generator)
      driver.run([bytes("MSET"), bytes("a"), left, bytes("b"), right])
      let table = table(left, right)
      let pairs = pairs(left, right, table)
      #expect(pairs.count == table[left.count][right.count])
      #expect(driver.integer(bytes("LCS"), bytes("a"), bytes("b"), bytes("LEN")) == pairs.count, "seed \(seed)")
      let subsequence = pairs.reversed().map { left[$0.0] }
      #expect(driver.bulk(bytes("LCS"), bytes("a"), bytes("b")) == subsequence, "seed \(seed)")
      var matches: [SubsequenceTable.Match] = []
      SubsequenceTable(left.span, right.span, keepsRows: true)
        .forEachMatch(left.span, right.span) { matches.append($0) }
      let covered = matches.flatMap { match in
        (0..<match.count).reversed().map { (match.left + $0, match.right + $0) }
      }
      #expect(covered.map(\.0) == pairs.map(\.0) && covered.map(\.1) == pairs.map(\.1), "seed \(seed)")
    }
  }

  @Test func `values longer than LCS compares are refused with a line that says how long they may be`() {
    let driver = Session(.line)
    driver.ask("SETRANGE", "long", "1048575", "x")
    driver.ask("SET", "short", "x")
    #expect(driver.ask("LCS", "long", "short", "LEN") == "VALUE 1\\x0a")
    driver.ask("APPEND", "long", "x")
    let refusal = """
      ERROR values too long to compare: at most 1048576 bytes each, and a product of their lengths of at most 134217728

      """
    #expect(driver.run([bytes("LCS"), bytes("long"), bytes("short")]) == bytes(refusal))
    driver.ask("SETRANGE", "half", "12000", "x")
    #expect(driver.run([bytes("LCS"), bytes("half"), bytes("half"), bytes("LEN")]) == bytes(refusal))
  }

  @Test func `RESP3 shows the matches as a map, and lines show them one by one`() {
    for (dialect, expected) in [
      (.resp3, "%2|$7|matches|*1|*2|*2|:1|:2|*2|:0|:1|$3|len|:2"),
      (.line, "matches\\x0aVALUE 1\\x0aVALUE 2\\x0aVALUE 0\\x0aVALUE 1\\x0alen\\x0aVALUE 2\\x0aEND 7\\x0a"),
    ] as [(Dialect, String)] {
      let driver = Session(dialect)
      driver.ask("MSET", "a", "xbc", "b", "bcy")
      #expect(driver.ask("LCS", "a", "b", "IDX") == expected)
    }
  }
}
