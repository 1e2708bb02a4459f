import Bytes
import Wire

/// COMMAND: the table, for programs. What it tells of a command is in CommandDescription.swift and
/// CommandDocumentation.swift.
enum CommandCommand {
  static let row = Command(
    "COMMAND", .server, [.timed], "Tell about the commands",
    unlikeRedis: "Tips are left out, and keys' flags say whether a command reads or writes, not how.", alone: all,
    subcommands: [
      Command("COUNT", .server, [], [], "O(1)", "Count the commands", run: count),
      Command(
        "DOCS", .server, [.options("[command-name ...]")], [], "O(N), N being the number of commands",
        "Document commands, or all", run: documentation),
      Command(
        "GETKEYS", .server, [.word("command", "a command"), .words("argument", "one or more arguments")], [],
        "O(N), N being the number of arguments", "Tell which words of a request are keys", run: keys),
      Command(
        "GETKEYSANDFLAGS", .server, [.word("command", "a command"), .words("argument", "one or more arguments")], [],
        "O(N), N being the number of arguments", "Tell which words are keys, and what is done with them",
        run: keysAndFlags),
      Command(
        "INFO", .server, [.options("[command-name ...]")], [], "O(N), N being the number of commands",
        "Describe commands, or all", run: information),
      Command(
        "LIST", .server, [.options("[FILTERBY MODULE module-name | ACLCAT category | PATTERN pattern]")], [],
        "O(N), N being the number of commands", "List the commands' names", run: list),
    ])

  static func all(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.replies.array(CommandTable.rows.count)
    for command in CommandTable.rows { CommandDescription(command).write(to: &executor.replies) }
    return .replied
  }

  static func count(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.replies.integer(Int64(CommandTable.rows.count))
    return .replied
  }

  static func information(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard request.count > 2 else { return all(request, &executor) }
    executor.replies.array(request.count - 2)
    for index in 2..<request.count {
      if let found = NamedCommand(request[index]) {
        CommandDescription(found.command, of: found.container).write(to: &executor.replies)
      } else {
        executor.replies.null()
      }
    }
    return .replied
  }

  static func documentation(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard request.count > 2 else {
      executor.replies.map(CommandTable.rows.count)
      for command in CommandTable.rows { CommandDocumentation(command).write(to: &executor.replies) }
      return .replied
    }
    let found = (2..<request.count).compactMap { NamedCommand(request[$0]) }
    executor.replies.map(found.count)
    for named in found { CommandDocumentation(named.command, of: named.container).write(to: &executor.replies) }
    return .replied
  }

  // MARK: - LIST

  private enum Filter {
    case none, module
    case category([UInt8])
    case pattern([UInt8])

    func passes(_ command: Command, of container: Command?) -> Bool {
      switch self {
      case .none: return true
      case .module: return false
      case .category(let name):
        return CommandDescription(command, of: container).categories.contains { name.span.isCategory($0) }
      case .pattern(let pattern):
        var name = ByteBuffer()
        name.append(nameOf: command, of: container)
        return Glob.matches(pattern: pattern.span, text: name.span)
      }
    }
  }

  static func list(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    var filter = Filter.none
    if request.count == 5, request[2].isWord("FILTERBY"), request[3].isWord("MODULE") {
      filter = .module
    } else if request.count == 5, request[2].isWord("FILTERBY"), request[3].isWord("ACLCAT") {
      filter = .category(request[4].lowercased)
    } else if request.count == 5, request[2].isWord("FILTERBY"), request[3].isWord("PATTERN") {
      let limit = executor.settings.patternBytesMax
      guard request[4].count <= limit || executor.refuseLength("pattern", request[4].count, limit, flag: nil) else {
        return .replied
      }
      filter = .pattern(request[4].lowercased)
    } else if request.count > 2 {
      executor.refuse("ERR", "syntax error")
      return .replied
    }
    let start = executor.replies.beginDeferred()
    var count = 0
    for command in CommandTable.rows {
      for (row, container) in [(command, nil)] + command.listedSubcommands.map({ ($0, command) })
      where filter.passes(row, of: container) {
        executor.replies.value(nameOf: row, of: container)
        count += 1
      }
    }
    executor.replies.endDeferred(start, count: count)
    return .replied
  }

  // MARK: - GETKEYS

  static func keys(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard let found = keyWords(request, &executor) else { return .replied }
    executor.replies.array(found.words.count)
    for word in found.words { executor.replies.value(request[word]) }
    return .replied
  }

  static func keysAndFlags(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard let found = keyWords(request, &executor) else { return .replied }
    let flags = CommandDescription(found.command).keyFlags
    executor.replies.array(found.words.count)
    for word in found.words {
      executor.replies.array(2)
      executor.replies.value(request[word])
      executor.replies.set(flags.count)
      for flag in flags { executor.replies.status(flag) }
    }
    return .replied
  }

  /// Which words of the request that begins at word 2 are keys; nil if an error is written.
  private static func keyWords(
    _ request: borrowing Request, _ executor: inout CommandExecutor
  ) -> (command: Command, words: [Int])? {
    var verb = 2
    guard let row = executor.row(of: request[2]) else {
      executor.refuse("ERR", "Invalid command specified")
      return nil
    }
    var command = CommandTable.rows[row]
    if !command.subcommands.isEmpty {
      verb = 3
      let name = FoldedWord(request[3])
      guard let subcommand = command.subcommands.first(where: { FoldedWord($0.name) == name }) else {
        executor.refuse("ERR", "Invalid command specified")
        return nil
      }
      command = subcommand
    }
    let argumentCount = Int32(clamping: request.count - verb - 1)
    guard argumentCount >= command.argumentsMin, argumentCount <= command.argumentsMax else {
      executor.refuse("ERR", "Invalid number of arguments specified for command")
      return nil
    }
    guard command.keys.first != 0 else {
      executor.refuse("ERR", "The command has no key arguments")
      return nil
    }
    return (command, command.keys.indices(wordCount: request.count - verb).map { $0 + verb })
  }
}

/// A command that is named as COMMAND names it: `get`, `config|get`.
struct NamedCommand {
  let command: Command
  let container: Command?

  init?(_ name: Span<UInt8>) {
    let bar = name.firstIndex(of: UInt8(ascii: "|"))
    let first = FoldedWord(name.extracting(0..<(bar ?? name.count)))
    guard first != nil, let row = CommandTable.rows.first(where: { FoldedWord($0.name) == first }) else { return nil }
    guard let bar else {
      (command, container) = (row, nil)
      return
    }
    let second = FoldedWord(name.extracting(bar + 1..<name.count))
    guard second != nil, let subcommand = row.listedSubcommands.first(where: { FoldedWord($0.name) == second })
    else {
      return nil
    }
    (command, container) = (subcommand, row)
  }
}

extension Span<UInt8> {
  /// A copy with ASCII letters made small.
  var lowercased: [UInt8] {
    copied.map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 | 0x20 : $0 }
  }

  /// Whether these bytes, in small letters, are the name of a category that is written with its @.
  fileprivate func isCategory(_ category: StaticString) -> Bool {
    guard count + 1 == category.utf8CodeUnitCount else { return false }
    return (0..<count).allSatisfy { self[$0] == category.byte($0 + 1) }
  }
}

extension ByteBuffer {
  /// Appends a command's name as COMMAND tells it: `get`, `config|get`.
  mutating func append(nameOf command: Command, of container: Command?) {
    if let container {
      append(lowercased: container.name)
      append(UInt8(ascii: "|"))
    }
    append(lowercased: command.name)
  }
}

extension ReplyWriter {
  /// A command's name as COMMAND tells it.
  mutating func value(nameOf command: Command, of container: Command?) {
    var name = ByteBuffer()
    name.append(nameOf: command, of: container)
    value(name.span)
  }
}
