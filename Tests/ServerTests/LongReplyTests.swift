import Glibc
import TestSupport
import Testing

extension ServerTests {
  /// Replies that take many turns, and what others do meanwhile.
  @Suite struct LongReplyTests {
    private static let huge = [UInt8](repeating: 7, count: 64_000_000)

    /// Reads the reply that begins with `length`, and counts the requests of another client that are answered before
    /// its end; a request is sent behind each part that comes.
    private func answersWhileReading(_ reader: Client, from server: ServerProcess, count: Int) throws -> Int {
      let other = try Client(port: server.port)
      var answers = 0
      var received = 0
      while received < count {
        received += try reader.receiveAndForget()
        #expect(try other.ask("PING") == "PONG")
        if received < count { answers += 1 }
      }
      return answers
    }

    @Test(arguments: ["GET k", "DUMP k", "GETRANGE k 1 -1", "GETDEL k", "GETEX k PERSIST"])
    func `others are served while a huge value is shown`(request: String) throws {
      let server = try ServerProcess()
      let client = try RESPClient(port: server.port)
      try client.ask([Array("SET".utf8), Array("k".utf8), Self.huge])
      try client.send([request.split(separator: " ").map { Array($0.utf8) }])
      let header = try #require(try client.client.readLine())
      let count = try #require(Int(header.dropFirst().dropLast())) + 2
      let early = client.client.takeReceived()
      let answers = try answersWhileReading(client.client, from: server, count: count - early)
      // A whole reply at once would leave none to be answered before its end but those that the sockets' buffers allow.
      #expect(answers > (request == "DUMP k" ? 1 : 20))
      #expect(try client.ask("PING") == .status(Array("PONG".utf8)))
    }

    @Test func `a value is shown as it was whatever happens to its key while nobody reads`() throws {
      let server = try ServerProcess()
      let reader = try RESPClient(port: server.port)
      let value = (0..<32_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
      let other = try RESPClient(port: server.port)
      try other.ask([Array("SET".utf8), Array("k".utf8), value])
      try reader.send([[Array("GET".utf8), Array("k".utf8)], [Array("STRLEN".utf8), Array("k".utf8)]])
      #expect(try reader.client.readLine() == "$32000000\r")
      #expect(try other.ask("SETRANGE k 0 changed") == .integer(32_000_000))
      #expect(try other.ask("APPEND k behind") == .integer(32_000_006))
      #expect(try other.ask("DEL k") == .integer(1))
      #expect(try other.ask("FLUSHALL") == .status(Array("OK".utf8)))
      #expect(try reader.client.read(count: 32_000_002) == value + [13, 10])
      #expect(try reader.client.readLine() == ":0\r")
    }

    @Test func `who takes nothing of a huge value is closed, and its memory goes back`() throws {
      let server = try ServerProcess(["--stall-timeout", "1", "--log-level", "info"])
      let client = try RESPClient(port: server.port)
      try client.ask([Array("SET".utf8), Array("k".utf8), Self.huge])
      let stalled = try RESPClient(port: server.port)
      stalled.client.setReceiveBuffer(4_096)
      try stalled.send([[Array("GETDEL".utf8), Array("k".utf8)]])
      #expect(try stalled.client.readLine() == "$64000000\r")
      #expect(try client.ask("EXISTS k") == .integer(0))
      #expect(server.residentBytes > 60_000_000)
      let deadline = now() + 15
      while server.residentBytes > 40_000_000, now() < deadline { usleep(20_000) }
      #expect(server.residentBytes <= 40_000_000)
      #expect(server.log.contains("took nothing"))
    }

    @Test(arguments: ["GET k", "DUMP k", "KEYS *", "KEYS f*", "LIST"], [true, false])
    func `messages stand behind a reply that takes many turns`(request: String, isRESP: Bool) throws {
      let server = try ServerProcess()
      let publisher = try RESPClient(port: server.port)
      try publisher.ask([Array("SET".utf8), Array("k".utf8), Array(repeating: 120, count: 32_000_000)])
      let filler = String(repeating: "f", count: 3_996)
      let keys = (1_000..<5_000).map { Array("\(filler)\($0)".utf8) }
      for key in keys { try publisher.send([[Array("SET".utf8), key, []]]) }
      for _ in keys { _ = try publisher.readReply() }
      let reader = try Client(port: server.port)
      func words(_ text: String) -> [[UInt8]] { text.split(separator: " ").map { Array($0.utf8) } }
      for setUp in isRESP ? ["HELLO 3", "SUBSCRIBE c"] : ["SUBSCRIBE c"] {
        try reader.send(isRESP ? RESPClient.encode(words(setUp)) : Array("\(setUp)\n".utf8))
      }
      // The confirmation ends with the number of subscriptions.
      var line = ""
      while !(isRESP ? line == ":1\r" : line.hasPrefix("END")) { line = try #require(try reader.readLine()) }
      try reader.send(isRESP ? RESPClient.encode(words(request)) : Array("\(request)\n".utf8))
      var text = try reader.readSome()
      for number in 0..<3 {
        #expect(try publisher.ask("PUBLISH c message-\(number)") == .integer(1))
      }
      try reader.send(isRESP ? RESPClient.encode(words("ECHO end")) : Array("PING end\n".utf8))
      let last = Array((isRESP ? "$3\r\nend\r\n" : "VALUE end\n").utf8)
      while text.suffix(last.count) != last[...] { text += try reader.readSome() }
      let messages = (0..<3).map { number in
        Array(
          (isRESP
            ? ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$9\r\nmessage-\(number)\r\n"
            : "VALUE message\nVALUE c\nVALUE message-\(number)\nEND 3\n").utf8)
      }
      let end = Array((messages + [last]).joined())
      #expect(text.suffix(end.count) == end[...])
    }

    @Test func `messages for a client whose listing was lost are nothing to the next one in its place`() throws {
      let server = try ServerProcess()
      let client = try RESPClient(port: server.port)
      let filler = String(repeating: "x", count: 7_990)
      let keys = (10_000..<22_000).map { Array("\($0)\(filler)".utf8) }
      for part in stride(from: 0, to: keys.count, by: 500) {
        for key in keys[part..<part + 500] { try client.send([[Array("SET".utf8), key, []]]) }
        for _ in 0..<500 { _ = try client.readReply() }
      }
      let victim = try RESPClient(port: server.port)
      victim.client.setReceiveBuffer(4_096)
      _ = try victim.ask("HELLO 3")
      _ = try victim.ask("SUBSCRIBE secret")
      try victim.send([[Array("LIST".utf8)]])
      while try client.ask("PUBLISH secret not-for-you") != .integer(0) {
        // Removed keys are kept for the walk, until they are too many.
        for key in keys { try client.send([[Array("DEL".utf8), key]]) }
        for _ in keys { _ = try client.readReply() }
        for _ in 0..<200 where !victim.client.hasEnded() { victim.client.discardReceived() }
      }
      let next = try RESPClient(port: server.port)
      try client.ask([Array("SET".utf8), Array("big".utf8), Array(repeating: 7, count: 1_000_000)])
      #expect(try next.ask("STRLEN big") == .integer(1_000_000))
      try next.send([[Array("GET".utf8), Array("big".utf8)], [Array("PING".utf8)]])
      #expect(try next.readReply().count == 1_000_012)
      #expect(try RESPValue(whole: next.readReply()) == .status(Array("PONG".utf8)))
    }

    @Test func `a listing that is taken too slowly gives way to one that waits`() throws {
      let server = try ServerProcess(["--log-level", "info"])
      let client = try RESPClient(port: server.port)
      let filler = String(repeating: "x", count: 3_996)
      let keys = (1_000..<2_500).map { Array("\($0)\(filler)".utf8) }
      for key in keys { try client.send([[Array("SET".utf8), key, []]]) }
      for _ in keys { _ = try client.readReply() }
      var stalled: [Client] = []
      for _ in 0..<63 {
        let lister = try Client(port: server.port)
        lister.setReceiveBuffer(4_096)
        try lister.send("LIST\n")
        stalled.append(lister)
      }
      let waiting = try Client(port: server.port)
      try waiting.send("LIST\n")
      // Some take a little now and then, which keeps them from being timed out.
      let deadline = now() + 20
      while !waiting.receiveAvailable() || waiting.isEmpty, now() < deadline {
        for lister in stalled.prefix(40) { _ = lister.takeSome(100) }
        usleep(100_000)
      }
      var received = waiting.takeReceived()
      let count = 1_500 * (4 + 4_000 + 1) + 9
      while received < count { received += try waiting.receiveAndForget() }
      #expect(received == count)
      #expect(server.log.contains("while others waited"))
    }

    @Test(arguments: [true, false])
    func `listings beyond those that can run wait for one to end`(isRESP: Bool) throws {
      let server = try ServerProcess()
      let client = try RESPClient(port: server.port)
      let filler = String(repeating: "x", count: 3_996)
      let keys = (1_000..<2_500).map { Array("\($0)\(filler)".utf8) }
      for key in keys { try client.send([[Array("SET".utf8), key, []]]) }
      for _ in keys { _ = try client.readReply() }
      let list = isRESP ? RESPClient.encode([Array("KEYS".utf8), Array("*".utf8)]) : Array("LIST\n".utf8)
      let count = isRESP ? 7 + 1_500 * (7 + 4_000 + 2) : 1_500 * (4 + 4_000 + 1) + 9

      // Clients that do not read keep all places.
      var stalled: [Client] = []
      for _ in 0..<63 {
        let lister = try Client(port: server.port)
        lister.setReceiveBuffer(4_096)
        try lister.send(list)
        stalled.append(lister)
      }
      let waiting = try (0..<3).map { _ in try Client(port: server.port) }
      for lister in waiting { try lister.send(list) }
      // A typed request that waits is executed as it was typed.
      let typed = try Client(port: server.port)
      try typed.send("KEYS \"1\\x31\\x37*\"\nPING\n")
      let deadline = now() + 20
      var information = ""
      while !information.contains("blocked_clients:4\r\n"), now() < deadline {
        guard case .bulk(let text) = try client.ask("INFO clients") else { throw TestFailure("INFO is a text") }
        information = String(decoding: text, as: UTF8.self)
      }
      #expect(information.contains("blocked_clients:4\r\n"))
      // A transaction does not wait.
      for request in ["MULTI", "KEYS 17*"] { try client.ask(request) }
      guard case .array(let replies) = try client.ask("EXEC"), case .array(let found) = replies.first else {
        throw TestFailure("EXEC replies with a list of lists")
      }
      #expect(found.count == 100)

      for lister in stalled { lister.close() }
      for lister in waiting {
        var received = 0
        while received < count { received += try lister.receiveAndForget() }
        #expect(received == count)
      }
      for _ in 0..<10 { #expect(try typed.readLine()?.hasPrefix("VALUE 117") == true) }
      #expect(try typed.readLine() == "END 10")
      #expect(try typed.readLine() == "PONG")
      guard case .bulk(let text) = try client.ask("INFO commandstats") else { throw TestFailure("INFO is a text") }
      #expect(!isRESP || String(decoding: text, as: UTF8.self).contains("cmdstat_keys:calls=68\r\n"))
    }
  }
}
