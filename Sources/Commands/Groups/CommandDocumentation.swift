import Bytes
import Wire

/// What COMMAND DOCS tells of a command, with Redis's names, all of it drawn from the command's row.
struct CommandDocumentation {
  /// Swiftlet's version that all commands are in since.
  private static let since: StaticString = "0.1.0"

  let command: Command
  let container: Command?

  init(_ command: Command, of container: Command? = nil) {
    self.command = command
    self.container = container
  }

  /// Writes the command's name, and a map of what there is to tell.
  func write(to replies: inout ReplyWriter) {
    // A command of several is documented by those.
    let isContainer = !command.subcommands.isEmpty
    let arguments = isContainer ? [] : command.arguments.flatMap(ArgumentDocumentation.all)
    replies.value(nameOf: command, of: container)
    replies.map(4 + (arguments.isEmpty ? 0 : 1) + (isContainer ? 1 : 0))
    replies.value("summary")
    replies.value(command.summary)
    replies.value("since")
    replies.value(Self.since)
    replies.value("group")
    replies.value(text: command.group.rawValue)
    replies.value("complexity")
    replies.value(command.complexity)
    if !arguments.isEmpty {
      replies.value("arguments")
      replies.array(arguments.count)
      for argument in arguments { argument.write(to: &replies) }
    }
    if isContainer {
      replies.value("subcommands")
      let subcommands = command.listedSubcommands
      replies.map(subcommands.count)
      for subcommand in subcommands { CommandDocumentation(subcommand, of: command).write(to: &replies) }
    }
  }
}

/// An argument, or a part of one, as COMMAND DOCS tells of it.
private struct ArgumentDocumentation {
  let name: String
  let type: StaticString
  var token: String?
  var isOptional = false
  var isMultiple = false
  var parts: [ArgumentDocumentation] = []

  /// What an argument of a row is to programs: options are several.
  static func all(_ argument: Argument) -> [ArgumentDocumentation] {
    switch argument.kind {
    case .key:
      [ArgumentDocumentation(name: "\(argument.name)", type: "key", isMultiple: argument.presence == .repeated)]
    case .pair:
      [ArgumentDocumentation(name: "data", type: "block", isMultiple: true, parts: all(.key) + all(.value))]
    case .word, .value:
      UsageNode.parse(argument.name).map { node in
        var part = ArgumentDocumentation(node)
        if argument.presence == .optional { part.isOptional = true }
        if argument.presence == .repeated { part.isMultiple = true }
        return part
      }
    }
  }

  private init(
    name: String, type: StaticString, isMultiple: Bool = false, parts: [ArgumentDocumentation] = []
  ) {
    self.name = name
    self.type = type
    self.isMultiple = isMultiple
    self.parts = parts
  }

  private init(_ node: UsageNode) {
    name = node.name
    token = node.token
    isOptional = node.isOptional
    isMultiple = node.isMultiple
    switch node.kind {
    case .token: type = "pure-token"
    case .value: type = node.name == "pattern" ? "pattern" : "string"
    case .choice(let nodes):
      type = "oneof"
      parts = nodes.map(ArgumentDocumentation.init)
    case .block(let nodes):
      type = "block"
      parts = nodes.map(ArgumentDocumentation.init)
    }
  }

  func write(to replies: inout ReplyWriter) {
    let isKey = type.hasSameBytes(as: "key" as StaticString)
    let flags: [StaticString] = (isOptional ? ["optional"] : []) + (isMultiple ? ["multiple"] : [])
    replies.map(2 + (isKey ? 1 : 0) + (token == nil ? 0 : 1) + (flags.isEmpty ? 0 : 1) + (parts.isEmpty ? 0 : 1))
    replies.value("name")
    replies.value(text: name)
    replies.value("type")
    replies.value(type)
    if isKey {
      replies.value("key_spec_index")
      replies.integer(0)
    }
    if let token {
      replies.value("token")
      replies.value(text: token)
    }
    if !flags.isEmpty {
      replies.value("flags")
      replies.set(flags.count)
      for flag in flags { replies.status(flag) }
    }
    if !parts.isEmpty {
      replies.value("arguments")
      replies.array(parts.count)
      for part in parts { part.write(to: &replies) }
    }
  }
}

extension ReplyWriter {
  fileprivate mutating func value(text: String) { value(Array(text.utf8).span) }
}
