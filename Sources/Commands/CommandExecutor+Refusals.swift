// One clear line for each thing that can be wrong with a request: what was wrong, and what would be right.

import Bytes
import Store
import Wire

extension CommandExecutor {
  /// `unknown command "GTE": did you mean GET? HELP lists all commands`.
  mutating func refuseUnknown(_ verb: Span<UInt8>) {
    let nearest = Suggestion.nearest(to: verb, among: CommandTable.rows)
    replies.error("ERR") { message in
      message.append("unknown command ")
      message.append(quotedExcerpt: verb)
      if let nearest {
        message.append(": did you mean ")
        message.append(nearest)
        message.append("?")
      } else {
        message.append(":")
      }
      message.append(" HELP lists all commands")
    }
  }

  /// `PUT takes a key and a value: PUT key value`.
  mutating func refuseArity(_ command: Command) {
    replies.error("ERR") { message in
      message.append(command.name)
      message.append(" takes ")
      command.appendPhrase(to: &message)
      message.append(": ")
      command.appendUsage(to: &message)
    }
  }

  /// `key of 20000 bytes: at most 16384 are allowed (--max-key-bytes)`; returns false.
  mutating func refuseLength(_ what: StaticString, _ length: Int, _ most: Int, flag: StaticString?) -> Bool {
    replies.error("ERR") { message in
      message.append(what)
      message.append(" of ")
      message.append(decimal: Int64(length))
      message.append(" bytes: at most ")
      message.append(decimal: Int64(most))
      message.append(" are allowed")
      if let flag {
        message.append(" (")
        message.append(flag)
        message.append(")")
      }
    }
    return false
  }

  /// The line for what the store could not do.
  mutating func refuse(_ error: StoreError) {
    switch error {
    case .memoryLimitReached:
      replies.error("OOM", "the memory limit is reached: delete keys, or raise --memory-limit")
    case .outOfMemory:
      replies.error("OOM", "the machine has no memory left: delete keys, or set --memory-limit below what it has")
    case .tooManyWalks:
      replies.error("ERR", "too many LIST commands are running: wait for one to end, and read its reply")
    }
  }
}

extension Command {
  /// `PUT key value`, `LIST [pattern]`, `EXISTS key [key ...]`.
  func appendUsage(to text: inout ByteBuffer) {
    text.append(name)
    for argument in arguments {
      text.append(argument.presence == .optional ? " [" : " ")
      text.append(argument.name)
      switch argument.presence {
      case .required: break
      case .optional: text.append("]")
      case .repeated:
        text.append(" [")
        text.append(argument.name)
        text.append(" ...]")
      }
    }
  }

  /// `a key and a value`, `no arguments`, `at most a pattern`.
  func appendPhrase(to text: inout ByteBuffer) {
    if arguments.isEmpty { text.append("no arguments") }
    for (index, argument) in arguments.enumerated() {
      let isFirst = index == 0
      let isLast = index == arguments.count - 1
      if !isFirst { text.append(isLast ? " and " : ", ") }
      if argument.presence == .optional { text.append("at most ") }
      text.append(argument.phrase)
    }
  }
}
