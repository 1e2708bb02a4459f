import Bytes
import Wire

/// The commands about the connection itself.
enum ConnectionCommands {
  static let rows: [Command] = [
    Command(
      "PING", .connection, [.options("[message]")], [.fast, .forSubscribers], "O(1)",
      "Ask for a sign of life", run: ping),
    Command("ECHO", .connection, [.word("message", "a message")], .fast, "O(1)", "Send a message back", run: echo),
    Command(
      "HELLO", .connection, [.options("[protover [AUTH username password] [SETNAME clientname]]")],
      [.fast, .noAuth], "O(1)", "Choose the version of the Redis protocol, and introduce oneself",
      run: hello),
    Command(
      "AUTH", .connection, [.word("password | username", "a password"), .options("[password]")], [.fast, .noAuth],
      "O(N), N being the number of passwords",
      "Give the password", run: auth),
    Command(
      "SELECT", .connection, [.word("index", "a database's number")], .fast, "O(1)",
      "Choose the database: there is one, 0",
      unlikeRedis: "There is one database, 0.", run: select),
    Command(
      "QUIT", .connection, [.options("[argument ...]")], [.fast, .noAuth, .unqueued, .forSubscribers], "O(1)",
      "Close the connection", run: quit),
    Command(
      "RESET", .connection, [], [.fast, .noAuth, .unqueued, .forSubscribers], "O(1)",
      "Put the connection back into the state of a new one", run: reset),
    Command(
      "HELP", .connection, [.optional("verb", "a verb")], .fast, "O(N), N being the number of commands",
      "List the commands, or explain one", unlikeRedis: "Redis has no such command.", run: HelpCommand.help),
    ClientCommands.row,
  ]

  static func ping(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard request.count <= 2 else {
      executor.refuseArity(CommandTable.rows[executor.row])
      return .replied
    }
    let isListening = executor.clients[executor.current].flags.contains(.isSubscriber)
    if isListening, executor.replies.dialect == .resp2 {
      executor.replies.array(2)
      executor.replies.value("pong")
      if request.count > 1 { executor.replies.value(request[1]) } else { executor.replies.value("") }
    } else if request.count > 1 {
      executor.replies.value(request[1])
    } else {
      executor.replies.status("PONG")
    }
    return .replied
  }

  static func echo(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.replies.value(request[1])
    return .replied
  }

  static func quit(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.replies.ok()
    return .closing
  }

  static func select(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    switch request[1].integer {
    case nil: executor.replies.notAnInteger()
    case 0: executor.replies.ok()
    case let index? where Int32(exactly: index) == nil:
      executor.replies.error("ERR", "value is out of range, value must between -2147483648 and 2147483647")
    default: executor.replies.error("ERR", "DB index is out of range")
    }
    return .replied
  }

  static func auth(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    switch request.count {
    case 2 where executor.settings.password.isEmpty:
      executor.replies.error(
        "ERR",
        """
        AUTH <password> called without any password configured for the default user. \
        Are you sure your configuration is correct?
        """
      )
    case 2: if executor.authenticate(password: request[1]) { executor.replies.ok() }
    case 3: if executor.authenticate(user: request[1], password: request[2]) { executor.replies.ok() }
    default: executor.replies.syntaxError()
    }
    return .replied
  }

  static func reset(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let slot = executor.current
    executor.forgetSubscriptions(of: slot)
    executor.endTransaction(slot)
    executor.clients.withDetails(of: slot) { $0.name = [] }
    executor.clients[slot].flags = executor.settings.password.isEmpty ? [] : .mustAuthenticate
    if executor.replies.dialect == .resp3 { executor.setDialect(.resp2) }
    executor.replies.status("RESET")
    return .replied
  }

  static func hello(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    var dialect: Dialect?
    if request.count > 1 {
      guard let version = request[1].integer else {
        executor.replies.error("ERR", "Protocol version is not an integer or out of range")
        return .replied
      }
      guard executor.replies.dialect != .line else {
        executor.replies.error(
          "ERR", "this connection speaks lines: open one whose first byte is * to speak the Redis protocol")
        return .replied
      }
      guard version == 2 || version == 3 else {
        executor.replies.error("NOPROTO", "unsupported protocol version")
        return .replied
      }
      dialect = version == 2 ? .resp2 : .resp3
    }
    guard carryOutOptions(of: request, &executor) else { return .replied }
    if executor.clients[executor.current].flags.contains(.mustAuthenticate) {
      executor.replies.error(
        "NOAUTH",
        """
        HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> \
        option can be used to authenticate the client and select the RESP protocol version at the same time
        """
      )
      return .replied
    }
    if let dialect { executor.setDialect(dialect) }
    executor.replyIdentity()
    return .replied
  }

  /// Carries out HELLO's options one after the other, as Redis does, so that those in front of a bad one hold; false if
  /// an error is written.
  private static func carryOutOptions(of request: borrowing Request, _ executor: inout CommandExecutor) -> Bool {
    var index = 2
    while index < request.count {
      if request[index].isWord("AUTH"), index + 2 < request.count {
        guard executor.authenticate(user: request[index + 1], password: request[index + 2]) else { return false }
        index += 3
      } else if request[index].isWord("SETNAME"), index + 1 < request.count {
        guard ClientCommands.isName(request[index + 1]) else {
          executor.replies.error("ERR", "Client names cannot contain spaces, newlines or special characters.")
          return false
        }
        let name = request[index + 1].copied
        executor.clients.withDetails(of: executor.current) { $0.name = name }
        index += 2
      } else {
        let option = request[index]
        executor.replies.error("ERR") { message in
          message.append("Syntax error in HELLO option '")
          message.append(excerpt: option)
          message.append("'")
        }
        return false
      }
    }
    return true
  }
}

extension CommandExecutor {
  mutating func setDialect(_ dialect: Dialect) {
    clients[current].dialect = dialect
    replies.dialect = dialect
  }

  /// Lets the current client in if the password is right; writes the refusal if it is not.
  mutating func authenticate(user: Span<UInt8>? = nil, password: Span<UInt8>) -> Bool {
    var isKnown = true
    if let user { isKnown = user.hasSameBytes(as: Array("default".utf8).span) }
    guard isKnown, settings.password.isEmpty || password.hasSameBytesInConstantTime(as: settings.password.span) else {
      replies.error("WRONGPASS", "invalid username-password pair or user is disabled.")
      return false
    }
    clients[current].flags.remove(.mustAuthenticate)
    return true
  }

  /// The reply to HELLO.
  mutating func replyIdentity() {
    replies.map(7)
    replies.value("server")
    replies.value("redis")
    replies.value("version")
    replies.value(Identity.redisVersion)
    replies.value("proto")
    replies.integer(replies.dialect == .resp3 ? 3 : 2)
    replies.value("id")
    replies.integer(Int64(clients[current].id))
    replies.value("mode")
    replies.value("standalone")
    replies.value("role")
    replies.value("master")
    replies.value("modules")
    replies.array(0)
  }
}

extension Span<UInt8> {
  /// Whether both hold the same bytes, in a time that does not tell how many of them are.
  fileprivate func hasSameBytesInConstantTime(as other: Span<UInt8>) -> Bool {
    var difference = count ^ other.count
    for index in 0..<count {
      difference |= Int(self[index] ^ (other.isEmpty ? 0 : other[index % other.count]))
    }
    return difference == 0
  }
}
