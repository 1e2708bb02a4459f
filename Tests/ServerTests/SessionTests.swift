import TestSupport
import Testing

extension ServerTests {
  @Suite struct SessionTests {
    @Test func `a person puts gets lists and deletes`() throws {
      let server = try ServerProcess()
      let client = try Client(port: server.port)
      #expect(try client.ask("PUT greeting hello world") == "OK")
      #expect(try client.ask("GET greeting") == "VALUE hello world")
      #expect(try client.ask("put \"two words\" \"a\\nb\"") == "OK")
      #expect(try client.ask("COUNT") == "VALUE 2")
      #expect(try client.ask("EXISTS greeting nobody greeting") == "VALUE 2")
      try client.send("LIST\n")
      let keys = [try client.readLine(), try client.readLine()]
      #expect(Set(keys) == ["KEY greeting", "KEY \"two words\""])
      #expect(try client.readLine() == "END 2")
      try client.send("LIST gr*\n")
      #expect(try client.readLine() == "KEY greeting")
      #expect(try client.readLine() == "END 1")
      #expect(try client.ask("DELETE greeting") == "OK")
      #expect(try client.ask("DELETE greeting") == "ERROR key not found")
      #expect(try client.ask("GET greeting") == "ERROR key not found")
      #expect(try client.ask("PING") == "PONG")
      #expect(try client.ask("PING hello") == "VALUE hello")
      #expect(try client.ask("QUIT") == "OK")
      #expect(try client.readLine() == nil)
    }

    @Test(arguments: [
      ("PUT a", "ERROR PUT takes a key and a value: PUT key value"),
      ("GET", "ERROR GET takes a key: GET key"),
      ("GET a b", "ERROR GET takes a key: GET key"),
      ("EXISTS", "ERROR EXISTS takes one or more keys: EXISTS key [key ...]"),
      ("COUNT x", "ERROR COUNT takes no arguments: COUNT"),
      ("LIST a b", "ERROR LIST takes at most a pattern: LIST [pattern]"),
      ("GTE a", "ERROR unknown command \"GTE\": did you mean GET? HELP lists all commands"),
      ("DELTE a", "ERROR unknown command \"DELTE\": did you mean DELETE? HELP lists all commands"),
      ("xyzzy", "ERROR unknown command \"xyzzy\": HELP lists all commands"),
      ("GET \"a", "ERROR a quoted word has no closing quote: end it with \" (a quote inside is \\\")"),
    ])
    func `a mistake gets one line that says what is right and the connection lives on`(
      request: String, reply: String
    ) throws {
      let server = try ServerProcess()
      let client = try Client(port: server.port)
      #expect(try client.ask(request) == reply)
      #expect(try client.ask("PING") == "PONG")
    }

    @Test func `limits have flags and the refusal names them`() throws {
      let server = try ServerProcess([
        "--max-key-bytes", "10", "--max-value-bytes", "20", "--max-line-bytes", "200", "--max-arguments", "3",
      ])
      let client = try Client(port: server.port)
      let tenBytes = "0123456789"
      #expect(try client.ask("PUT \(tenBytes) \(tenBytes)\(tenBytes)") == "OK")
      #expect(try client.ask("PUT 012345678 0123456789012345678") == "OK", "one byte less than allowed of each")
      #expect(
        try client.ask("PUT \(tenBytes)x y") == "ERROR key of 11 bytes: at most 10 are allowed (--max-key-bytes)")
      #expect(
        try client.ask("GET \(tenBytes)x") == "ERROR key of 11 bytes: at most 10 are allowed (--max-key-bytes)")
      #expect(
        try client.ask("PUT k \(tenBytes)\(tenBytes)x")
          == "ERROR value of 21 bytes: at most 20 are allowed (--max-value-bytes)")
      #expect(
        try client.ask("EXISTS a b c d") == "ERROR too many arguments: at most 3 are allowed (--max-arguments)")
      #expect(
        try client.ask("GET " + String(repeating: "x", count: 197))
          == "ERROR the line is too long: at most 200 bytes are allowed (--max-line-bytes)")
      #expect(try client.ask("GET \(tenBytes)") == "VALUE \(tenBytes)\(tenBytes)")
    }

    @Test func `writes beyond the memory limit are refused and reads go on`() throws {
      let server = try ServerProcess(["--memory-limit", "1m"])
      let client = try Client(port: server.port)
      let value = String(repeating: "v", count: 1000)
      var refusal: String?
      for number in 0..<2000 where refusal == nil {
        let reply = try client.ask("PUT key\(number) \(value)")
        if reply != "OK" { refusal = reply }
      }
      #expect(refusal == "ERROR the memory limit is reached: delete keys, or raise --memory-limit")
      #expect(try client.ask("GET key0") == "VALUE \(value)")
      #expect(try client.ask("DELETE key0") == "OK")
      #expect(try client.ask("PUT key0 \(value)") == "OK")
    }

    @Test func `HELP lists each command and explains one`() throws {
      let server = try ServerProcess()
      let client = try Client(port: server.port)
      try client.send("HELP\nHELP exists\nHELP nothing\nQUIT\n")
      let reply = try client.readToEnd()
      #expect(reply.contains("PUT key value"))
      let end = try #require(reply.split(separator: "\n").first { $0.hasPrefix("END ") })
      #expect(Int(end.dropFirst(4)) ?? 0 > 80)
      #expect(
        reply.contains(
          """
          EXISTS key [key ...]
          Count how many of the named keys exist
          time: O(N), N being the number of keys
          END 3
          """))
      #expect(reply.contains("ERROR unknown command \"nothing\""))
    }

    @Test func `a value of the largest size goes in and comes back`() throws {
      let server = try ServerProcess(["--max-value-bytes", "1m"])
      let client = try Client(port: server.port)
      let value = String(repeating: "0123456789abcdef", count: 65_536)
      #expect(try client.ask("PUT big \(value)") == "OK")
      #expect(try client.ask("GET big") == "VALUE \(value)")
      #expect(
        try client.ask("PUT big \(value)x")
          == "ERROR value of 1048577 bytes: at most 1048576 are allowed (--max-value-bytes)")
    }

    @Test(.enabled(if: mayUse("nc"), "nc is not installed"))
    func `nc gets all replies though it closes its side at once`() throws {
      let server = try ServerProcess()
      var input = ""
      for number in 0..<3_000 { input += "PUT key\(number) value \(number)\nGET key\(number)\n" }
      let result = try run(["nc", "-N", "127.0.0.1", "\(server.port)"], input: input + "PUT half don't")
      var expected = ""
      for number in 0..<3_000 { expected += "OK\nVALUE value \(number)\n" }
      #expect(result.output == expected)
      let client = try Client(port: server.port)
      #expect(try client.ask("GET half") == "ERROR key not found")
    }

    @Test func `a LIST that is cut off by the end of input is still sent whole`() throws {
      let server = try ServerProcess()
      let client = try Client(port: server.port)
      for number in 0..<5_000 { try client.send("PUT key\(number) v\n") }
      for _ in 0..<5_000 { _ = try client.readLine() }
      try client.send("LIST\nCOUNT\n")
      client.shutDownWriting()
      let lines = try client.readToEnd().split(separator: "\n")
      #expect(lines.count == 5_002)
      #expect(lines.suffix(2) == ["END 5000", "VALUE 5000"])
    }

    @Test(arguments: [
      (
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "ERROR this is not an HTTP server: requests are lines such as GET key\n"
      ),
      ("PUT /k HTTP/1.1\r\n\r\n", "ERROR this is not an HTTP server: requests are lines such as GET key\n"),
      ("\u{16}\u{03}\u{01}\u{02}\u{00}", "ERROR TLS is not spoken here: connect without it\n"),
    ])
    func `another protocol is closed and logged`(opening: String, reply: String) throws {
      let server = try ServerProcess()
      let client = try Client(port: server.port)
      try client.send(opening + "PUT evil 1\n")
      #expect(try client.readToEnd() == reply)
      #expect(server.log.contains("closed a connection that opened in another protocol"))
      #expect(try Client(port: server.port).ask("COUNT") == "VALUE 0")
    }
  }
}

/// Tests of the real program on loopback, one after the other: they watch its memory and processor time.
@Suite(.serialized) struct ServerTests {}
