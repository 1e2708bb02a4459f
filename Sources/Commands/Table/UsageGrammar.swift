// The usage of arguments as a tree, for programs: `[NX | XX] [EX seconds]` is a choice that may be left out, and a
// value behind a word that may be left out. Words in capitals stand for themselves, others for what is put in their
// place.
//
//     choice    sequence, or several with | between them
//     sequence  items one after the other
//     item      value, WORD, WORD value, WORD choice if that begins with a word in capitals, or [ choice ], which may
//               be left out; ... behind it: it may stand several times

/// A part of a usage.
struct UsageNode: Equatable {
  enum Kind: Equatable {
    /// A word that stands for itself.
    case token
    /// A word that something is put in the place of.
    case value
    /// One of several.
    case choice([UsageNode])
    /// Several in order.
    case block([UsageNode])
  }

  var kind: Kind
  /// A value's name, or the name of what begins a choice or block, or a token in small letters.
  var name: String
  /// The word in capitals that stands for the node, or in front of it.
  var token: String?
  var isOptional = false
  var isMultiple = false

  /// The nodes that a usage consists of.
  static func parse(_ usage: StaticString) -> [UsageNode] {
    guard usage.hasSeveralWords else { return [UsageNode(kind: .value, name: "\(usage)")] }
    var parser = UsageParser("\(usage)")
    let node = parser.choice()
    if case .block(let nodes) = node.kind, !node.isOptional { return nodes }
    return [node]
  }
}

extension StaticString {
  /// Whether the literal is more than a name.
  fileprivate var hasSeveralWords: Bool {
    (0..<utf8CodeUnitCount).contains { byte($0) == UInt8(ascii: " ") || byte($0) == UInt8(ascii: "[") }
  }
}

private struct UsageParser {
  private let words: [Substring]
  private var position = 0

  init(_ usage: String) {
    words = usage.split(separator: " ").flatMap { word in
      let opening = word.prefix { $0 == "[" }
      let closing = word.reversed().prefix { $0 == "]" }.count
      let inner = word.dropFirst(opening.count).dropLast(closing)
      return opening.map { _ in "[" } + (inner.isEmpty ? [] : [inner]) + Array(repeating: "]", count: closing)
    }
  }

  private var next: Substring? { position < words.count ? words[position] : nil }

  mutating func choice() -> UsageNode {
    var alternatives = [sequence()]
    while next == "|" {
      position += 1
      alternatives.append(sequence())
    }
    return alternatives.count == 1
      ? alternatives[0] : UsageNode(kind: .choice(alternatives), name: alternatives[0].name)
  }

  private mutating func sequence() -> UsageNode {
    var nodes: [UsageNode] = []
    while let word = next, word != "|", word != "]" {
      position += 1
      if word == "[" {
        var node = choice()
        node.isOptional = true
        nodes.append(node)
        position += 1
      } else if word == "..." {
        if !nodes.isEmpty { nodes[nodes.count - 1].isMultiple = true }
      } else if isToken(word) {
        nodes.append(token(word))
      } else {
        nodes.append(UsageNode(kind: .value, name: String(word)))
      }
    }
    return nodes.count == 1 ? nodes[0] : UsageNode(kind: .block(nodes), name: nodes.first?.name ?? "")
  }

  /// A token with the values behind it, or with the choice that it stands in front of: `SKIPME YES | NO`.
  private mutating func token(_ word: Substring) -> UsageNode {
    if let following = next, isToken(following) {
      var node = choice()
      node.name = word.lowercased()
      if case .choice = node.kind {} else { node.kind = .block([node]) }
      node.token = String(word)
      return node
    }
    var values: [UsageNode] = []
    while let value = next, !isToken(value), !["[", "]", "|", "..."].contains(value) {
      values.append(UsageNode(kind: .value, name: String(value)))
      position += 1
    }
    if values.isEmpty { return UsageNode(kind: .token, name: word.lowercased(), token: String(word)) }
    var node = values.count == 1 ? values[0] : UsageNode(kind: .block(values), name: word.lowercased())
    node.token = String(word)
    return node
  }

  private func isToken(_ word: Substring) -> Bool {
    word.contains { $0.isUppercase } && !word.contains { $0.isLowercase }
  }
}
