// Where a line reply stands within lists. Each element of a list is a line, lists within lists included, and when the
// outermost one is complete, `END` and the number of its lines follow:
//
//     array(2), value(a), array(2), value(b), value(c)        VALUE a ⏎ VALUE b ⏎ VALUE c ⏎ END 3 ⏎
//
// What is kept is how many elements each open list still lacks: a small stack of fixed size.

/// The lists that are being written as lines.
struct LineAggregates: Sendable {
  /// No command's reply is nested deeper.
  private static let depthMax = 16

  /// Elements that are still to come of each open list, the innermost last; `uncounted` until a list is ended.
  private var missing: InlineArray<16, Int> = .init(repeating: 0)
  private var depth = 0
  private var lineCount = 0

  private static let uncounted = Int.max

  /// Whether a line would be an element of a list.
  var isOpen: Bool { depth > 0 }

  /// Opens a list of `count` elements, or, without a count, one to be closed with `close`; returns how many lines there
  /// are if the outermost list is complete with it.
  mutating func open(_ count: Int?) -> Int? {
    if depth == 0 { lineCount = 0 }
    if count == 0 { return depth == 0 ? 0 : endElement(lines: 0) }
    precondition(depth < Self.depthMax, "lists are nested at most 16 deep")
    missing[depth] = count ?? Self.uncounted
    depth += 1
    return nil
  }

  /// Closes the innermost list, which was opened without a count.
  mutating func close() -> Int? {
    precondition(depth > 0 && missing[depth - 1] == Self.uncounted, "the list has no count")
    depth -= 1
    return depth == 0 ? lineCount : endElement(lines: 0)
  }

  /// Notes an element of `lines` lines, and ends each list that is complete with it.
  mutating func endElement(lines: Int) -> Int? {
    lineCount += lines
    while depth > 0 {
      if missing[depth - 1] == Self.uncounted { return nil }
      missing[depth - 1] -= 1
      if missing[depth - 1] > 0 { return nil }
      depth -= 1
    }
    return lineCount
  }
}
