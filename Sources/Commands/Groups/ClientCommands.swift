import Bytes
import Wire

/// CLIENT: what clients are connected, and what one of them wants for itself.
enum ClientCommands {
  static let row = Command(
    "CLIENT", .connection, [], "Tell about clients, name or close them, hold them up",
    subcommands: [
      Command("ID", .connection, [], [], "O(1)", "Tell the connection's number", run: id),
      Command("INFO", .connection, [], [], "O(1)", "Tell about this connection", run: info),
      Command(
        "LIST", .connection, [.options("[TYPE NORMAL | MASTER | REPLICA | PUBSUB] [ID client-id ...]")], .admin,
        "O(N), N being the number of connections", "Tell about connections", run: list),
      Command(
        "KILL", .connection,
        [
          .word("ip:port | ID | TYPE | USER | ADDR | LADDR | MAXAGE | SKIPME", "an address or filters"),
          .options("[value ...]"),
        ], .admin, "O(N), N being the number of connections", "Close connections", run: ClientKill.kill),
      Command("GETNAME", .connection, [], [], "O(1)", "Tell the connection's name", run: getName),
      Command(
        "SETNAME", .connection, [.word("connection-name", "a name")], [], "O(1)", "Name the connection", run: setName),
      Command(
        "SETINFO", .connection, [.word("LIB-NAME | LIB-VER", "an attribute"), .word("value", "a value")], [], "O(1)",
        "Tell which library is used", run: setInfo),
      Command(
        "REPLY", .connection, [.word("ON | OFF | SKIP", "a mode")], [], "O(1)", "Turn replies off or on", run: reply),
      Command(
        "PAUSE", .connection, [.word("timeout", "a time in milliseconds"), .optional("WRITE | ALL", "a mode")], .admin,
        "O(1)", "Let clients' requests wait", run: pause),
      Command("UNPAUSE", .connection, [], .admin, "O(1)", "Let clients go on", run: unpause),
      Command(
        "NO-EVICT", .connection, [.word("ON | OFF", "a mode")], .admin, "O(1)",
        "Protect the connection from eviction: none is evicted", run: noEvict),
      Command(
        "NO-TOUCH", .connection, [.word("ON | OFF", "a mode")], [], "O(1)",
        "Let commands not count as uses of keys: uses are not counted", run: noTouch),
    ])

  static func id(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.replies.integer(Int64(executor.clients[executor.current].id))
    return .replied
  }

  static func info(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.asked = .describeSelf
    return .asks
  }

  static func list(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    var filter = ClientFilter()
    if request.count == 4, request[2].isWord("TYPE") {
      guard let type = ClientKill.type(request[3], &executor) else { return .replied }
      filter.type = type
    } else if request.count > 3, request[2].isWord("ID") {
      var ids: [UInt64] = []
      for index in 3..<request.count {
        guard let id = request[index].integer else {
          executor.replies.error("ERR", "Invalid client ID")
          return .replied
        }
        if id > 0 { ids.append(UInt64(id)) }
      }
      filter.ids = ids
    } else if request.count > 2 {
      executor.replies.syntaxError()
      return .replied
    }
    executor.asked = .listClients(filter)
    return .asks
  }

  static func getName(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let name = executor.clients.details(of: executor.current).name
    if name.isEmpty { executor.replies.null() } else { executor.replies.value(name.span) }
    return .replied
  }

  static func setName(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard isName(request[2]) else {
      executor.replies.error("ERR", "Client names cannot contain spaces, newlines or special characters.")
      return .replied
    }
    let name = request[2].copied
    executor.clients.withDetails(of: executor.current) { $0.name = name }
    executor.replies.ok()
    return .replied
  }

  /// Whether a name shows as one word: printable ASCII without spaces, not too long.
  static func isName(_ name: Span<UInt8>) -> Bool {
    guard name.count <= CommandLimits.nameBytesMax else { return false }
    for index in 0..<name.count where name[index] <= 0x20 || name[index] > 0x7E { return false }
    return true
  }

  static func setInfo(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let isName = request[2].isWord("LIB-NAME")
    guard isName || request[2].isWord("LIB-VER") else {
      let option = request[2]
      executor.replies.error("ERR") { message in
        message.append("Unrecognized option '")
        message.append(excerpt: option)
        message.append("'")
      }
      return .replied
    }
    guard self.isName(request[3]) else {
      let attribute: StaticString = isName ? "lib-name" : "lib-ver"
      executor.replies.error("ERR") { message in
        message.append(attribute)
        message.append(" cannot contain spaces, newlines or special characters.")
      }
      return .replied
    }
    let value = request[3].copied
    executor.clients.withDetails(of: executor.current) { details in
      if isName { details.libraryName = value } else { details.libraryVersion = value }
    }
    executor.replies.ok()
    return .replied
  }

  static func reply(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let slot = executor.current
    if request[2].isWord("ON") {
      executor.clients[slot].flags.remove(.repliesOff)
      executor.skipsReply = false
      executor.replies.ok()
    } else if request[2].isWord("OFF") {
      executor.clients[slot].flags.insert(.repliesOff)
    } else if request[2].isWord("SKIP") {
      if !executor.clients[slot].flags.contains(.repliesOff) {
        executor.clients[slot].flags.insert(.skipsNextReply)
      }
    } else {
      executor.replies.syntaxError()
    }
    return .replied
  }

  static func pause(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let isForWritesOnly = request.count == 4 && request[3].isWord("WRITE")
    if request.count == 4, !isForWritesOnly, !request[3].isWord("ALL") {
      executor.replies.error("ERR", "CLIENT PAUSE mode must be WRITE or ALL")
      return .replied
    }
    guard let milliseconds = request[2].integer else {
      executor.replies.error("ERR", "timeout is not an integer or out of range")
      return .replied
    }
    guard milliseconds >= 0 else {
      executor.replies.error("ERR", "timeout is negative")
      return .replied
    }
    let (until, overflow) = executor.now.addingReportingOverflow(milliseconds)
    executor.pause.begin(
      until: overflow ? .max : until, isForWritesOnly: isForWritesOnly, now: executor.now)
    executor.replies.ok()
    return .replied
  }

  static func unpause(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.pause = Pause()
    executor.replies.ok()
    return .replied
  }

  static func noEvict(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    setFlag(.noEvict, request, &executor)
  }

  static func noTouch(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    setFlag(.noTouch, request, &executor)
  }

  private static func setFlag(
    _ flag: Client.Flags, _ request: borrowing Request, _ executor: inout CommandExecutor
  ) -> Outcome {
    if request[2].isWord("ON") {
      executor.clients[executor.current].flags.insert(flag)
    } else if request[2].isWord("OFF") {
      executor.clients[executor.current].flags.remove(flag)
    } else {
      executor.replies.syntaxError()
      return .replied
    }
    executor.replies.ok()
    return .replied
  }
}
