// Patterns: a matcher that first takes a pattern apart and then fills a table, product of the two lengths, says the
// same of each. Both can be repeated eight times, so that a matcher that tries every way would be caught by libFuzzer's
// time limit.
//
// The first gap says how much of the body is the pattern. Flags: 0 repeated.

import Bytes

enum GlobTarget {
  static func run(_ input: FuzzInput) {
    var pattern = Array(input.body.prefix(Int(input.gaps[0])))
    var text = Array(input.body.dropFirst(pattern.count).prefix(256))
    if input.has(0) {
      pattern = [[UInt8]](repeating: pattern, count: 8).flatMap { $0 }
      text = [[UInt8]](repeating: text, count: 8).flatMap { $0 }
    }
    let found = Glob.matches(pattern: pattern.span, text: text.span)
    check(found == PatternTable(pattern).matches(text), "\(pattern) and \(text) match, or do not: \(found)")
    // A text whose every special byte is taken as it is matches itself, and nothing longer.
    let literal: [UInt8] = text.flatMap { [92, $0] }
    check(Glob.matches(pattern: literal.span, text: text.span), "\(text) matches itself")
    check(!Glob.matches(pattern: literal.span, text: (text + [0]).span), "\(text) matches nothing longer")
    check(Glob.matches(pattern: (literal + [42]).span, text: (text + pattern).span), "a star takes the rest")
  }
}

/// A pattern taken apart.
private struct PatternTable {
  private enum Element {
    case star
    case oneOf([ClosedRange<UInt8>], isNegated: Bool)
  }

  private var elements: [Element] = []

  init(_ pattern: [UInt8]) {
    var rest = pattern[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "*"): elements.append(.star)
      case UInt8(ascii: "?"): elements.append(.oneOf([0...255], isNegated: false))
      case UInt8(ascii: "["): elements.append(Self.set(&rest))
      case UInt8(ascii: "\\"):
        let literal = rest.popFirst() ?? byte
        elements.append(.oneOf([literal...literal], isNegated: false))
      default: elements.append(.oneOf([byte...byte], isNegated: false))
      }
    }
  }

  /// What stands between brackets; the closing one may be missing.
  private static func set(_ rest: inout ArraySlice<UInt8>) -> Element {
    var ranges: [ClosedRange<UInt8>] = []
    let isNegated = rest.first == UInt8(ascii: "^")
    if isNegated { rest.removeFirst() }
    while let byte = rest.popFirst(), byte != UInt8(ascii: "]") {
      if byte == UInt8(ascii: "\\"), let literal = rest.popFirst() {
        ranges.append(literal...literal)
      } else if rest.count >= 2, rest.first == UInt8(ascii: "-") {
        let other = rest.dropFirst().first!
        ranges.append(min(byte, other)...max(byte, other))
        rest = rest.dropFirst(2)
      } else {
        ranges.append(byte...byte)
      }
    }
    return .oneOf(ranges, isNegated: isNegated)
  }

  func matches(_ text: [UInt8]) -> Bool {
    // Whether the elements so far match the text's first bytes, as many as the index says.
    var reached = [true] + Array(repeating: false, count: text.count)
    for element in elements {
      var next = Array(repeating: false, count: text.count + 1)
      switch element {
      case .star:
        var isReached = false
        for index in 0...text.count {
          isReached = isReached || reached[index]
          next[index] = isReached
        }
      case .oneOf(let ranges, let isNegated):
        for index in text.indices where reached[index] {
          next[index + 1] = ranges.contains { $0.contains(text[index]) } != isNegated
        }
      }
      reached = next
    }
    return reached[text.count]
  }
}
