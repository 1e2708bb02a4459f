import Wire

/// What COMMAND INFO tells of a command, in Redis's words, all of it drawn from the command's row.
struct CommandDescription {
  let command: Command
  let container: Command?

  init(_ command: Command, of container: Command? = nil) {
    self.command = command
    self.container = container
  }

  /// Words that a container's name adds in front of what a subcommand counts.
  private var offset: Int { container == nil ? 0 : 1 }

  private var arity: Int { command.arity < 0 ? command.arity - offset : command.arity + offset }

  private var hasKeys: Bool { command.keys.first != 0 }

  /// What the command touches and where it may be used.
  private var flags: [StaticString] {
    let traits = command.traits
    guard command.subcommands.isEmpty else { return [] }
    var flags: [StaticString] = []
    if traits.contains(.writes) { flags.append("write") } else if traits.contains(.reads) { flags.append("readonly") }
    if traits.contains(.grows) { flags.append("denyoom") }
    if traits.contains(.admin) { flags.append("admin") }
    if traits.contains(.pubsub) { flags.append("pubsub") }
    if traits.isDisjoint(with: [.reads, .writes]) { flags += ["loading", "stale"] }
    if traits.contains(.fast) { flags.append("fast") }
    if traits.contains(.noAuth) { flags.append("no_auth") }
    if traits.contains(.noTransaction) { flags.append("no_multi") }
    return flags
  }

  /// The categories by which access is granted in Redis, each with its @.
  var categories: [StaticString] {
    let traits = command.traits
    guard command.subcommands.isEmpty else { return ["@slow"] }
    var categories: [StaticString] = []
    if command.group == .generic, !traits.isDisjoint(with: [.reads, .writes]) { categories.append("@keyspace") }
    if traits.contains(.writes) {
      categories.append("@write")
    } else if traits.contains(.reads) {
      categories.append("@read")
    }
    switch command.group {
    case .string: categories.append("@string")
    case .bitmap: categories.append("@bitmap")
    case .pubsub: categories.append("@pubsub")
    case .generic, .transactions, .connection, .server, .scripting: break
    }
    if traits.contains(.admin) { categories.append("@admin") }
    categories.append(traits.contains(.fast) ? "@fast" : "@slow")
    if traits.contains(.admin) || traits.isSuperset(of: [.writes, .allKeys]) { categories.append("@dangerous") }
    switch command.group {
    case .connection: categories.append("@connection")
    case .transactions: categories.append("@transaction")
    case .scripting: categories.append("@scripting")
    case .string, .bitmap, .generic, .pubsub, .server: break
    }
    return categories
  }

  /// What is done with the keys.
  var keyFlags: [StaticString] {
    if command.traits.contains(.writes) {
      return command.traits.contains(.reads) ? ["RW", "access", "update"] : ["RW", "update"]
    }
    return ["RO", "access"]
  }

  /// Writes the ten fields.
  func write(to replies: inout ReplyWriter) {
    let keys = command.keys
    replies.array(10)
    replies.value(nameOf: command, of: container)
    replies.integer(Int64(arity))
    Self.write(flags, to: &replies)
    replies.integer(hasKeys ? Int64(keys.first) + Int64(offset) : 0)
    replies.integer(hasKeys && keys.last > 0 ? Int64(keys.last) + Int64(offset) : Int64(keys.last))
    replies.integer(Int64(keys.step))
    Self.write(categories, to: &replies)
    replies.set(0)
    writeKeySpecifications(to: &replies)
    let subcommands = command.listedSubcommands
    if subcommands.isEmpty { replies.set(0) } else { replies.array(subcommands.count) }
    for subcommand in subcommands { CommandDescription(subcommand, of: command).write(to: &replies) }
  }

  private static func write(_ words: [StaticString], to replies: inout ReplyWriter) {
    replies.set(words.count)
    for word in words { replies.status(word) }
  }

  /// Where keys are found: from the first on, to the last, in steps.
  private func writeKeySpecifications(to replies: inout ReplyWriter) {
    let keys = command.keys
    replies.set(hasKeys ? 1 : 0)
    guard hasKeys else { return }
    replies.map(3)
    replies.value("flags")
    Self.write(keyFlags, to: &replies)
    replies.value("begin_search")
    replies.map(2)
    replies.value("type")
    replies.value("index")
    replies.value("spec")
    replies.map(1)
    replies.value("index")
    replies.integer(Int64(keys.first) + Int64(offset))
    replies.value("find_keys")
    replies.map(2)
    replies.value("type")
    replies.value("range")
    replies.value("spec")
    replies.map(3)
    replies.value("lastkey")
    replies.integer(keys.last < 0 ? Int64(keys.last) : Int64(keys.last) - Int64(keys.first))
    replies.value("keystep")
    replies.integer(Int64(keys.step))
    replies.value("limit")
    replies.integer(0)
  }
}

extension Command {
  /// What COMMAND lists of a command's subcommands: HELP too, which has no row.
  var listedSubcommands: [Command] {
    guard !subcommands.isEmpty else { return [] }
    return subcommands + [Command("HELP", group, [], [], "O(1)", "List these subcommands") { _, _ in .replied }]
  }
}
