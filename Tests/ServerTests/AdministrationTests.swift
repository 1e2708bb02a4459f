import TestSupport
import Testing

extension ServerTests {
  /// What people who run the server ask of it.
  @Suite struct AdministrationTests {
    /// The lines of a reply that ends with `END n`, without that one.
    private func lines(_ client: Client, _ request: String) throws -> [String] {
      try client.send("\(request)\n")
      var lines: [String] = []
      while let line = try client.readLine() {
        if line.hasPrefix("END ") { return lines }
        lines.append(line)
      }
      throw TestFailure("\(request) has no end: \(lines)")
    }

    private func fields(_ client: Client, _ section: String) throws -> [String: String] {
      let pairs = try lines(client, "INFO \(section)").compactMap { line -> (String, String)? in
        guard let colon = line.firstIndex(of: ":") else { return nil }
        return (String(line[..<colon]), String(line[line.index(after: colon)...]))
      }
      return Dictionary(pairs) { first, _ in first }
    }

    @Test func `INFO tells of the process`() throws {
      let server = try ServerProcess(["--max-connections", "50", "--memory-limit", "100m"])
      let client = try Client(port: server.port)
      let other = try Client(port: server.port)
      #expect(try other.ask("PUT a b") == "OK")
      let info = try fields(client, "everything")
      #expect(info["tcp_port"] == "\(server.port)")
      #expect(info["connected_clients"] == "2")
      #expect(info["total_connections_received"] == "2")
      #expect(info["maxclients"] == "50")
      #expect(info["maxmemory"] == "104857600")
      #expect(info["db0"] == "keys=1,expires=0,avg_ttl=0")
      let resident = Int(info["used_memory_rss"] ?? "") ?? 0
      #expect(resident > 1 << 20 && resident < 1 << 30)
      #expect(Int(info["process_id"] ?? "") ?? 0 > 1)
    }

    @Test func `CONFIG shows what the server was started with and changes it`() throws {
      let server = try ServerProcess(["--idle-timeout", "77", "--log-level", "info"])
      let client = try Client(port: server.port)
      #expect(try lines(client, "CONFIG GET timeout") == ["VALUE timeout", "VALUE 77"])
      #expect(try lines(client, "CONFIG GET loglevel") == ["VALUE loglevel", "VALUE info"])
      #expect(try lines(client, "CONFIG GET port") == ["VALUE port", "VALUE \(server.port)"])
      #expect(try client.ask("CONFIG SET timeout 0 maxmemory 1") == "OK")
      #expect(try client.ask("PUT a b")?.hasPrefix("ERROR the memory limit is reached") == true)
      #expect(try client.ask("CONFIG SET timeout 1 maxmemory 0") == "OK")
      #expect(try client.ask("PUT a b") == "OK")
      let idle = try Client(port: server.port)
      #expect(try idle.readLine() == nil)
    }

    @Test func `a longest value that is set holds for what is received`() throws {
      let server = try ServerProcess()
      let client = try Client(port: server.port)
      #expect(try client.ask("CONFIG SET proto-max-bulk-len 1mb") == "OK")
      let other = try Client(port: server.port)
      try other.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1048577\r\n")
      #expect(try other.readLine()?.hasPrefix("-ERR Protocol error: invalid bulk length") == true)
    }

    @Test func `DEBUG SLEEP holds up nobody else`() throws {
      let server = try ServerProcess()
      let sleeper = try Client(port: server.port)
      let other = try Client(port: server.port)
      let start = now()
      try sleeper.send("DEBUG SLEEP 0.5\nPING\n")
      #expect(try other.ask("PING") == "PONG")
      #expect(now() - start < 0.4)
      #expect(try sleeper.readLine() == "OK")
      #expect(now() - start > 0.45)
      #expect(try sleeper.readLine() == "PONG")
    }

    @Test func `the slow log knows its clients`() throws {
      let server = try ServerProcess(["--slowlog-slower-than", "0"])
      let client = try Client(port: server.port)
      #expect(try client.ask("PUT a b") == "OK")
      let entry = try lines(client, "SLOWLOG GET 1")
      #expect(entry.prefix(1) == ["VALUE 0"])
      #expect(entry.contains("VALUE PUT") && entry.contains("VALUE a"))
      #expect(entry.contains { $0.hasPrefix("VALUE 127.0.0.1:") })
    }

    @Test(arguments: ["SHUTDOWN", "SHUTDOWN NOSAVE NOW"])
    func `SHUTDOWN ends the server`(request: String) throws {
      let server = try ServerProcess()
      let client = try Client(port: server.port)
      try client.send("\(request)\n")
      #expect(try client.readLine() == nil)
      #expect(server.waitForExit() == 0)
    }
  }
}
