// One clear line for each thing that can be wrong with a request: what was wrong, and what would be right. Clients of
// the Redis protocol get Redis's own words, which their libraries look for.

import Bytes
import Store
import Wire

extension CommandExecutor {
  /// `unknown command "GTE": did you mean GET? HELP lists all commands`.
  @inline(never)
  mutating func refuseUnknown(_ request: borrowing Request, verb index: Int = 0) {
    let verb = request[index]
    guard replies.dialect == .line else {
      refuseUnknownAsRedis(request, index)
      return
    }
    let nearest = Suggestion.nearest(to: verb, among: CommandTable.rows)
    refuse("ERR") { message in
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

  /// `unknown command 'GTE', with args beginning with: 'key' `.
  private mutating func refuseUnknownAsRedis(_ request: borrowing Request, _ verb: Int) {
    var message = ByteBuffer()
    message.append("unknown command '")
    message.append(excerpt: request[verb])
    message.append("', with args beginning with: ")
    let start = message.count
    for index in verb + 1..<request.count {
      guard message.count - start < ErrorExcerpt.bytesMax else { break }
      let bytesMax = ErrorExcerpt.bytesMax - (message.count - start)
      message.append("'")
      message.append(excerpt: request[index], bytesMax: bytesMax)
      message.append("' ")
    }
    refuse("ERR") { $0.append(message.span) }
  }

  mutating func refuseUnknownSubcommand(_ name: Span<UInt8>, _ container: StaticString) {
    refuse("ERR") { message in
      message.append("unknown subcommand '")
      message.append(excerpt: name)
      message.append("'. Try ")
      message.append(container)
      message.append(" HELP.")
    }
  }

  /// What Redis says of some subcommands with too many arguments.
  mutating func refuseSubcommandSyntax(_ name: Span<UInt8>, _ container: StaticString) {
    refuse("ERR") { message in
      message.append("unknown subcommand or wrong number of arguments for '")
      message.append(excerpt: name)
      message.append("'. Try ")
      message.append(container)
      message.append(" HELP.")
    }
  }

  /// The command at hand has got too few arguments, or too many.
  @inline(never)
  mutating func refuseArity() { refuseArity(CommandTable.rows[row]) }

  /// `PUT takes a key and a value: PUT key value`, or `wrong number of arguments for 'put' command`.
  mutating func refuseArity(_ command: Command, container: StaticString? = nil) {
    let isLine = replies.dialect == .line
    reject(command.name) { message in
      guard isLine else {
        message.append("wrong number of arguments for '")
        if let container {
          message.append(lowercased: container)
          message.append("|")
        }
        message.append(lowercased: command.name)
        message.append("' command")
        return
      }
      if let container {
        message.append(container)
        message.append(" ")
      }
      message.append(command.name)
      message.append(" takes ")
      command.appendPhrase(to: &message)
      message.append(": ")
      if let container {
        message.append(container)
        message.append(" ")
      }
      command.appendUsage(to: &message)
    }
  }

  /// `key of 20000 bytes: at most 16384 are allowed (--max-key-bytes)`; returns false.
  @inline(never)
  mutating func refuseKeyLength(_ length: Int) -> Bool {
    refuseLength("key", length, settings.keyBytesMax, flag: "--max-key-bytes")
  }

  /// `value of 20000 bytes: at most 16384 are allowed (--max-value-bytes)`; returns false.
  mutating func refuseLength(_ what: StaticString, _ length: Int, _ most: Int, flag: StaticString?) -> Bool {
    refuse("ERR") { message in
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

  /// `the value would be too long: at most 20 bytes are allowed (--max-value-bytes)`, or Redis's words.
  mutating func refuseLongValue() {
    guard replies.dialect == .line else {
      refuse("ERR", "string exceeds maximum allowed size (proto-max-bulk-len)")
      return
    }
    let most = settings.valueBytesMax
    refuse("ERR") { message in
      message.append("the value would be too long: at most ")
      message.append(decimal: Int64(most))
      message.append(" bytes are allowed (--max-value-bytes)")
    }
  }

  mutating func refuseUnauthenticated() {
    refuse("NOAUTH", replies.dialect == .line ? "the password comes first: AUTH password" : "Authentication required.")
  }

  /// Whether the words from `first` on are no longer than allowed; writes the refusal if one is.
  mutating func areShort(
    _ request: borrowing Request, from first: Int, to bytesMax: Int, _ what: StaticString
  ) -> Bool {
    for index in first..<max(first, request.count) where request[index].count > bytesMax {
      return refuseLength(what, request[index].count, bytesMax, flag: nil)
    }
    return true
  }

  /// `Can't execute 'get': only …`, to a client that may only listen.
  mutating func refuseSubscriber(_ request: borrowing Request) {
    let command = CommandTable.rows[row]
    let subcommand = request.count < 2 ? nil : Self.subcommand(request[1], among: command.subcommands)
    reject(command.name) { message in
      message.append("Can't execute '")
      message.append(lowercased: command.name)
      if let subcommand {
        message.append("|")
        message.append(lowercased: subcommand.name)
      }
      message.append(
        "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context")
    }
  }

  /// The line for what the store could not do.
  @inline(never)
  mutating func refuse(_ error: StoreError) {
    switch error {
    case .memoryLimitReached where replies.dialect == .line:
      refuse("OOM", "the memory limit is reached: delete keys, or raise --memory-limit")
    case .memoryLimitReached:
      refuse("OOM", "command not allowed when used memory > 'maxmemory'.")
    case .outOfMemory:
      refuse("OOM", "the machine has no memory left: delete keys, or set --memory-limit below what it has")
    case .tooManyWalks: preconditionFailure("a listing waits until there is room for its walk")
    }
  }

  /// An error that keeps a command from being executed. If that is EXEC, its transaction is over.
  private mutating func reject(_ name: StaticString, _ message: (inout ByteBuffer) -> Void) {
    guard replies.dialect != .line, FoldedWord(name) == FoldedWord("EXEC") else {
      refuse("ERR", message)
      return
    }
    endTransaction(current)
    refuse("EXECABORT") { text in
      text.append("Transaction discarded because of: ")
      message(&text)
    }
  }

  /// An error whose sentence `message` appends.
  mutating func refuse(_ code: StaticString, _ message: (inout ByteBuffer) -> Void) {
    replies.error(code, message)
  }

  /// An error.
  mutating func refuse(_ code: StaticString, _ message: StaticString) {
    replies.error(code, message)
  }
}

/// How much of what a client sent an error shows.
enum ErrorExcerpt {
  static let bytesMax = 128
}

extension ByteBuffer {
  /// Appends the beginning of what a client sent, up to a zero byte, line ends as spaces, as Redis shows it.
  mutating func append(excerpt bytes: Span<UInt8>, bytesMax: Int = ErrorExcerpt.bytesMax) {
    for index in 0..<min(bytes.count, bytesMax) {
      guard bytes[index] != 0 else { return }
      let isLineEnd = bytes[index] == UInt8(ascii: "\r") || bytes[index] == UInt8(ascii: "\n")
      append(isLineEnd ? UInt8(ascii: " ") : bytes[index])
    }
  }

  /// Appends a literal in capitals in small letters.
  mutating func append(lowercased literal: StaticString) {
    for index in 0..<literal.utf8CodeUnitCount {
      let byte = literal.byte(index)
      append(byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte)
    }
  }
}
