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
    let arguments = isContainer ? [] : command.arguments
    replies.value(nameOf: command, of: container)
    replies.map(4 + (arguments.isEmpty ? 0 : 1) + (isContainer ? 1 : 0))
    replies.value("summary")
    replies.value(command.summary)
    replies.value("since")
    replies.value(Self.since)
    replies.value("group")
    replies.value(Array(command.group.rawValue.utf8).span)
    replies.value("complexity")
    replies.value(command.complexity)
    if !arguments.isEmpty {
      replies.value("arguments")
      replies.array(arguments.count)
      for argument in arguments { Self.write(argument, to: &replies) }
    }
    if isContainer {
      replies.value("subcommands")
      replies.map(command.subcommands.count)
      for subcommand in command.subcommands { CommandDocumentation(subcommand, of: command).write(to: &replies) }
    }
  }

  private static func write(_ argument: Argument, to replies: inout ReplyWriter) {
    let flags: [StaticString] =
      switch argument.presence {
      case .required, .free: []
      case .optional: ["optional"]
      case .repeated: ["multiple"]
      }
    let isPair = argument.kind == .pair
    replies.map(2 + (argument.kind == .key ? 1 : 0) + (flags.isEmpty ? 0 : 1) + (isPair ? 1 : 0))
    replies.value("name")
    if isPair { replies.value("data") } else { replies.value(argument.name) }
    replies.value("type")
    switch argument.kind {
    case .key: replies.value("key")
    case .pair: replies.value("block")
    case .word: replies.value("string")
    }
    if argument.kind == .key {
      replies.value("key_spec_index")
      replies.integer(0)
    }
    if !flags.isEmpty {
      replies.value("flags")
      replies.set(flags.count)
      for flag in flags { replies.status(flag) }
    }
    if isPair {
      replies.value("arguments")
      replies.array(2)
      write(.key, to: &replies)
      write(.value, to: &replies)
    }
  }
}
