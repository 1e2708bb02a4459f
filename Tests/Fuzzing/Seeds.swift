// The first corpora, drawn from the command table, so that a new command is fuzzed from its first day: each command
// with words for all that it takes, in both dialects; payloads, journals and records that are good. The examples of the
// protocol's article are added by `run`.

import Bytes
import Commands
import Wire

enum Seeds {
  static func of(_ target: Target) -> [[UInt8]] {
    switch target {
    case .resp: requests.flatMap { [head() + RESPTarget.multibulk($0), head(1) + RESPTarget.multibulk($0)] } + inline
    case .line: requests.flatMap { [head() + line($0), head(1) + line($0)] }
    case .words: texts.map { head(0, gap: 3) + $0 }
    case .glob: patterns
    case .dump: dumps
    case .lzf: values
    case .journal: journals
    case .records: records
    case .connection: visits
    }
  }

  /// The words of all commands, for libFuzzer: `"GET"`, a line each.
  static var dictionary: [UInt8] {
    var words: Set<String> = [
      "\\x0d\\x0a", "*1\\x0d\\x0a$4\\x0d\\x0a", "*3\\x0d\\x0a$3\\x0d\\x0a", "$-1", "PUT k \\\"",
    ]
    for request in commands.flatMap({ $0 }) {
      for word in request {
        let isPlain = word.allSatisfy { $0 > 32 && $0 < 127 && $0 != 34 && $0 != 92 }
        if isPlain, !word.isEmpty { words.insert(String(decoding: word, as: UTF8.self)) }
      }
    }
    return Array(words.sorted().map { "\"\($0)\"\n" }.joined().utf8)
  }

  /// What stands in front of a body: flags and how it is cut.
  static func head(_ flags: UInt8 = 0, gap: UInt8 = 7) -> [UInt8] { [flags, gap, 1, 0, 13, 2, 64, 5] }

  // MARK: - Requests

  /// Each row's requests: with what it has to have, and with its options one by one.
  private static let commands: [[[[UInt8]]]] = CommandTable.rows.map { row in
    if row.subcommands.isEmpty { return requests(of: row, [bytes("\(row.name)")]) }
    return row.subcommands.flatMap { requests(of: $0, [bytes("\(row.name)"), bytes("\($0.name)")]) }
  }

  private static var requests: [[[UInt8]]] { commands.flatMap { $0 } }

  private static func requests(of row: Command, _ verb: [[UInt8]]) -> [[[UInt8]]] {
    var request = verb
    var found: [[[UInt8]]] = []
    for argument in row.arguments {
      switch argument.presence {
      case .required, .repeated: request += words(argument)
      case .optional:
        found.append(request)
        request += words(argument)
      case .free:
        // Each choice of `[EX seconds | PX milliseconds] [GET]` by itself.
        let options = "\(argument.name)".split { "[]|".contains($0) }.map { $0.split(separator: " ").map(optionWord) }
        found += options.filter { !$0.isEmpty }.map { request + $0 }
      }
    }
    return found + [request]
  }

  private static func optionWord(_ word: Substring) -> [UInt8] {
    word.allSatisfy { $0.isUppercase || $0.isNumber } ? bytes(String(word)) : bytes("10")
  }

  private static func words(_ argument: Argument) -> [[UInt8]] {
    switch argument.kind {
    case .key: return [bytes("k")]
    case .pair: return [bytes("k"), bytes("1")]
    case .value: return [bytes("a value")]
    case .word:
      let name = "\(argument.name)"
      let isText = ["pattern", "message", "channel", "script", "element", "value"].contains { name.contains($0) }
      return [bytes(isText ? "*" : "1")]
    }
  }

  static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// A line as a person may type it.
  private static func line(_ words: [[UInt8]]) -> [UInt8] {
    var text = ByteBuffer()
    for (index, word) in words.enumerated() {
      if index > 0 { text.append(32) }
      let isBare = !word.isEmpty && word.allSatisfy { $0 > 32 && $0 < 127 && $0 != 34 }
      if isBare { text.append(word.span) } else { text.append("\"a \\x41\\n\"") }
    }
    text.append(10)
    return text.span.copied
  }

  private static let inline: [[UInt8]] = {
    let texts = [
      "SET a \"b\\r\\n\\x00c\"\r\n", "SET a 'b \"c\" it\\'s'\r\n", "GET a\"b\r\n", "*1\r\n$4\r\nPING\r\nGET a\r\n",
      "*0\r\n*-1\r\n", "*2147483648\r\n", "*1\r\n$-1\r\n", "*1\r\nPING\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "\u{16}\u{3}\u{1}",
    ]
    return texts.map { head() + bytes($0) }
  }()

  private static let visits: [[UInt8]] = {
    let set = [bytes("SET"), bytes("k"), bytes("1")]
    var found: [[UInt8]] = []
    for request in requests {
      found.append(head(0x14) + line(set) + line(request))
      found.append(head(0x14) + RESPTarget.multibulk(set) + RESPTarget.multibulk(request))
    }
    let transaction = [[bytes("MULTI")], set, [bytes("GET"), bytes("k")], [bytes("LIST")], [bytes("EXEC")]]
    let large = [
      [bytes("SETRANGE"), bytes("k"), bytes("290000"), bytes("x")], [bytes("GET"), bytes("k")],
      [bytes("DUMP"), bytes("k")],
    ]
    for story in [transaction, large] {
      for flags in [0x54, 0x58] as [UInt8] {
        found.append(head(flags) + story.flatMap(line))
        found.append(head(flags) + story.flatMap(RESPTarget.multibulk))
      }
    }
    return found
  }()
}
