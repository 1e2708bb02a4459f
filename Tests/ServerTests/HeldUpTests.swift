import TestSupport
import Testing

extension ServerTests {
  /// Clients whose requests wait, and what is behind them in the same pipeline.
  @Suite struct HeldUpTests {
    @Test func `what follows a pause in its own pipeline is answered after it`() throws {
      let server = try ServerProcess()
      let other = try RESPClient(port: server.port)
      #expect(try other.ask("SET k other") == .status(Array("OK".utf8)))
      let client = try RESPClient(port: server.port)
      let requests = ["CLIENT PAUSE 100 ALL", "GET k", "PING"]
      try client.send(requests.map { $0.split(separator: " ").map { Array($0.utf8) } })
      #expect(try RESPValue(whole: client.readReply()) == .status(Array("OK".utf8)))
      #expect(try RESPValue(whole: client.readReply()) == .bulk(Array("other".utf8)))
      #expect(try RESPValue(whole: client.readReply()) == .status(Array("PONG".utf8)))
    }

    @Test func `a typed request that waits is executed as it was typed`() throws {
      let server = try ServerProcess()
      let client = try Client(port: server.port)
      try client.send("CLIENT PAUSE 100 ALL\nSET \"a b\" \"c\\x64\"\nGET \"a b\"\n")
      #expect(try client.readLine() == "OK")
      #expect(try client.readLine() == "OK")
      #expect(try client.readLine() == "VALUE cd")
    }

    @Test(arguments: ["", "*0\r\n", "*-1\r\n*0\r\n"])
    func `a typed request of the Redis protocol that waits is executed as it was typed`(before: String) throws {
      let server = try ServerProcess()
      let client = try Client(port: server.port)
      let pause = RESPClient.encode("CLIENT PAUSE 100 ALL".split(separator: " ").map { Array($0.utf8) })
      try client.send(pause + Array("\(before)SET \"a b\" \"c\\x64\"\r\nGET \"a b\"\r\n".utf8))
      #expect(try client.readLine() == "+OK\r")
      #expect(try client.readLine() == "+OK\r")
      #expect(try client.readLine() == "$2\r")
      #expect(try client.readLine() == "cd\r")
    }

    @Test func `a sleeper that wants no reply gets none and nobody else loses one`() throws {
      let server = try ServerProcess()
      let sleeper = try RESPClient(port: server.port)
      let requests = ["CLIENT REPLY SKIP", "DEBUG SLEEP 0.2", "ECHO awake"]
      try sleeper.send(requests.map { $0.split(separator: " ").map { Array($0.utf8) } })
      let other = try RESPClient(port: server.port)
      for _ in 0..<3 {
        try other.send([[Array("ECHO".utf8), Array("first".utf8)], [Array("LASTSAVE".utf8)]])
        #expect(try RESPValue(whole: other.readReply()) == .bulk(Array("first".utf8)))
        #expect(try other.readReply().first == UInt8(ascii: ":"))
      }
      #expect(try RESPValue(whole: sleeper.readReply()) == .bulk(Array("awake".utf8)))
    }

    @Test func `a client that wants replies again is told so although it skipped the next`() throws {
      let server = try ServerProcess()
      let client = try RESPClient(port: server.port)
      let requests = ["CLIENT REPLY SKIP", "CLIENT REPLY ON", "ECHO x"]
      try client.send(requests.map { $0.split(separator: " ").map { Array($0.utf8) } })
      #expect(try RESPValue(whole: client.readReply()) == .status(Array("OK".utf8)))
      #expect(try RESPValue(whole: client.readReply()) == .bulk(Array("x".utf8)))
    }

    @Test func `a message by many patterns is written no longer than it may wait`() throws {
      let server = try ServerProcess()
      let subscriber = try RESPClient(port: server.port)
      for number in 0..<200 { _ = try subscriber.ask("PSUBSCRIBE \(String(repeating: "*", count: number + 1))") }
      let publisher = try RESPClient(port: server.port)
      let before = server.residentBytes
      let message = [UInt8](repeating: 120, count: 2_000_000)
      #expect(try publisher.ask([Array("PUBLISH".utf8), Array("c".utf8), message]) == .integer(200))
      #expect(subscriber.client.isEnded())
      #expect(server.residentBytes - before < 150_000_000)
      // One that is longer than what may wait closes its subscriber at once.
      let other = try RESPClient(port: server.port)
      _ = try other.ask("SUBSCRIBE c")
      let longer = [UInt8](repeating: 120, count: 40_000_000)
      #expect(try publisher.ask([Array("PUBLISH".utf8), Array("c".utf8), longer]) == .integer(1))
      #expect(other.client.isEnded())
    }

    @Test func `messages count as bytes sent`() throws {
      let server = try ServerProcess()
      let subscriber = try RESPClient(port: server.port)
      _ = try subscriber.ask("SUBSCRIBE c")
      let publisher = try RESPClient(port: server.port)
      let message = [UInt8](repeating: 120, count: 10_000)
      #expect(try publisher.ask([Array("PUBLISH".utf8), Array("c".utf8), message]) == .integer(1))
      _ = try subscriber.readReply()
      guard case .bulk(let text) = try publisher.ask("INFO stats") else { throw TestFailure("INFO is a text") }
      let line = String(decoding: text, as: UTF8.self).split(separator: "\r\n").first {
        $0.hasPrefix("total_net_output_bytes:")
      }
      #expect(Int(line?.split(separator: ":").last ?? "") ?? 0 > 10_000)
    }

    @Test func `a subscriber that has quit is none even while its connection lingers`() throws {
      let server = try ServerProcess()
      let subscriber = try RESPClient(port: server.port)
      _ = try subscriber.ask("SUBSCRIBE c")
      #expect(try subscriber.ask("QUIT") == .status(Array("OK".utf8)))
      let publisher = try RESPClient(port: server.port)
      #expect(try publisher.ask("PUBLISH c 1") == .integer(0))
    }
  }
}
