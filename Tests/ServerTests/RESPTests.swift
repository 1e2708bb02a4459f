import Glibc
import TestSupport
import Testing

extension ServerTests {
  /// The Redis protocol on real sockets: what only the server as a whole can get wrong.
  @Suite struct RESPTests {
    @Test func `the first byte chooses the dialect and both see the same keys`() throws {
      let server = try ServerProcess()
      let lines = try Client(port: server.port)
      let client = try RESPClient(port: server.port)
      #expect(try client.ask("SET shared value") == .status(Array("OK".utf8)))
      #expect(try lines.ask("GET shared") == "VALUE value")
    }

    @Test func `a listener for one dialect refuses the other or speaks its own`() throws {
      let server = try ServerProcess(["--listen", "resp://127.0.0.1:0"], listens: false)
      let port = server.port
      let typed = try Client(port: port)
      try typed.send("PING\r\nECHO \"a b\"\r\n")
      #expect(try typed.readLine() == "+PONG\r")
      #expect(try typed.readLine() == "$3\r")
      let lines = try ServerProcess(["--listen", "line://127.0.0.1:0"], listens: false)
      let refused = try Client(port: lines.port)
      try refused.send("*1\r\n$4\r\nPING\r\n")
      #expect(try refused.readToEnd().hasPrefix("-ERR the Redis protocol is not spoken here"))
    }

    @Test func `a browser cannot write through a listener for the Redis protocol`() throws {
      let server = try ServerProcess(["--listen", "resp://127.0.0.1:0"], listens: false)
      let browser = try Client(port: server.port)
      try browser.send("POST / HTTP/1.1\r\nHost: x\r\n\r\nSET a b\r\n")
      #expect(try browser.readToEnd().hasPrefix("-ERR this is not an HTTP server"))
      #expect(server.waitsForLog("opened in another protocol"))
    }

    @Test func `a thousand clients that announce a million words cost what they have sent`() throws {
      raiseOpenFileLimit()
      let server = try ServerProcess()
      let other = try RESPClient(port: server.port)
      #expect(try other.ask("PING") == .status(Array("PONG".utf8)))
      let before = server.residentBytes
      var clients: [Client] = []
      for _ in 0..<1_000 {
        let client = try Client(port: server.port)
        try client.send("*1000000\r\n$512000000\r\nSET")
        clients.append(client)
      }
      #expect(try other.ask("PING") == .status(Array("PONG".utf8)))
      usleep(200_000)
      #expect(server.residentBytes - before < 4_000_000)
      #expect(try other.ask("SET k v") == .status(Array("OK".utf8)))
    }

    @Test func `a large value that comes in pieces is stored whole`() throws {
      let server = try ServerProcess()
      let client = try Client(port: server.port)
      let count = 2_000_000
      try client.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$\(count)\r\n")
      let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 100_000)
      for _ in 0..<count / piece.count { try client.send(piece) }
      try client.send("\r\n*2\r\n$6\r\nSTRLEN\r\n$1\r\nk\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*1\r\n$4\r\nPING\r\n")
      #expect(try client.readLine() == "+OK\r")
      #expect(try client.readLine() == ":\(count)\r")
      #expect(try client.readLine() == "$\(count)\r")
      #expect(try client.readLine()?.utf8.count == count + 1)
      #expect(try client.readLine() == "+PONG\r")
    }

    @Test func `KEYS over many keys holds nobody up`() throws {
      let server = try ServerProcess()
      let client = try RESPClient(port: server.port)
      for part in 0..<100 {
        let pairs = (0..<1_000).map { "key:\(part):\($0) v" }.joined(separator: " ")
        #expect(try client.ask("MSET \(pairs)") == .status(Array("OK".utf8)))
      }
      let lister = try Client(port: server.port, seconds: 60)
      try lister.send("*2\r\n$4\r\nKEYS\r\n$1\r\n*\r\n*2\r\n$4\r\nKEYS\r\n$8\r\nkey:*:1*\r\n")
      let other = try Client(port: server.port)
      for _ in 0..<50 { #expect(try other.ask("GET key:1:1") == "VALUE v") }
      #expect(try lister.readLine() == "*100000\r")
      for _ in 0..<200_000 { try #require(try lister.readLine() != nil) }
      #expect(try lister.readLine() == "*11100\r")
    }

    @Test func `a publisher that leaves gets its replies and the subscribers their messages`() throws {
      let server = try ServerProcess()
      let subscriber = try RESPClient(port: server.port)
      _ = try subscriber.ask("SUBSCRIBE news")
      let publisher = try Client(port: server.port)
      try publisher.send("PING before\nPUBLISH news one\nPUBLISH news two\nQUIT\n")
      #expect(try publisher.readToEnd() == "VALUE before\nVALUE 1\nVALUE 1\nOK\n")
      for text in ["one", "two"] {
        let message = try RESPValue(whole: try subscriber.readReply())
        #expect(message == .array(["message", "news", text].map { .bulk(Array($0.utf8)) }))
      }
    }

    @Test func `a subscriber that takes nothing is closed at its limit and others hear on`() throws {
      let server = try ServerProcess()
      let deaf = try Client(port: server.port)
      try deaf.send("*2\r\n$9\r\nSUBSCRIBE\r\n$4\r\nnews\r\n")
      let publisher = try RESPClient(port: server.port)
      let message = [UInt8](repeating: UInt8(ascii: "m"), count: 500_000)
      let before = server.residentBytes
      var published = 0
      while published < 200 {
        published += 1
        let heard = try publisher.ask(Array("PUBLISH".utf8), Array("news".utf8), message)
        if heard == .integer(0) { break }
      }
      #expect(published < 150, "closed after some 32 MiB of messages")
      #expect(server.waitsForLog("closed a subscriber that does not take its messages"))
      #expect(server.residentBytes - before < 100_000_000)
      #expect(try publisher.ask("PING") == .status(Array("PONG".utf8)))
    }

    @Test func `paused clients wait and lose nothing`() throws {
      let server = try ServerProcess()
      let admin = try RESPClient(port: server.port)
      let writer = try Client(port: server.port)
      #expect(try admin.ask("CLIENT PAUSE 60000 WRITE") == .status(Array("OK".utf8)))
      try writer.send("GET k\nPUT k \"a\\nb\"\nGET k\n")
      #expect(try writer.readLine() == "ERROR key not found")
      usleep(100_000)
      #expect(try admin.ask("EXISTS k") == .integer(0))
      #expect(try admin.ask("CLIENT UNPAUSE") == .status(Array("OK".utf8)))
      #expect(try writer.readLine() == "OK")
      #expect(try writer.readLine() == #"VALUE "a\nb""#)
    }

    @Test func `keys that expire give their memory back while others are served`() throws {
      let server = try ServerProcess()
      let client = try RESPClient(port: server.port)
      var sent: [[[UInt8]]] = []
      for number in 0..<50_000 { sent.append(["SET", "k\(number)", "v", "PX", "1500"].map { Array($0.utf8) }) }
      for part in stride(from: 0, to: sent.count, by: 1_000) {
        try client.send(Array(sent[part..<part + 1_000]))
        for _ in 0..<1_000 { _ = try client.readReply() }
      }
      let start = now()
      var count = RESPValue.integer(1)
      while now() < start + 10, count != .integer(0) {
        count = try client.ask("DBSIZE")
        usleep(50_000)
      }
      #expect(count == .integer(0))
    }

    @Test func `the password comes first`() throws {
      let folder = try TemporaryFolder()
      try writeFile(folder.path + "/password", "open sesame\n")
      let server = try ServerProcess(["--password-file", folder.path + "/password"])
      let client = try RESPClient(port: server.port)
      #expect(try client.ask("GET k") == .error(Array("NOAUTH Authentication required.".utf8)))
      #expect(
        try client.ask(Array("AUTH".utf8), Array("wrong".utf8))
          == .error(Array("WRONGPASS invalid username-password pair or user is disabled.".utf8)))
      #expect(try client.ask(Array("AUTH".utf8), Array("open sesame".utf8)) == .status(Array("OK".utf8)))
      #expect(try client.ask("SET k v") == .status(Array("OK".utf8)))
      let stranger = try Client(port: server.port)
      try stranger.send("*11\r\n")
      #expect(try stranger.readToEnd() == "-ERR Protocol error: unauthenticated multibulk length\r\n")
    }
  }
}
