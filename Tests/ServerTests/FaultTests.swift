import Glibc
import TestSupport
import Testing

extension ServerTests {
  @Suite struct FaultTests {
    @Test func `a client that goes away in the middle of a reply harms nobody`() throws {
      let server = try ServerProcess()
      let other = try Client(port: server.port)
      #expect(try other.ask("PUT big \(String(repeating: "x", count: 500_000))") == "OK")
      for _ in 0..<50 {
        let client = try Client(port: server.port)
        try client.send("GET big\nGET big\nLIST\n")
        _ = try? client.readLine()
        client.reset()
        #expect(try other.ask("PING") == "PONG")
      }
      let files = server.openFileCount
      #expect(files < 20, "\(files) descriptors are open")
    }

    @Test func `a client beyond the limit is told so and one that leaves makes room`() throws {
      let server = try ServerProcess(["--max-connections", "3"])
      let clients = try (0..<3).map { _ in try Client(port: server.port) }
      for client in clients { #expect(try client.ask("PING") == "PONG") }
      #expect(try Client(port: server.port).readToEnd() == "-ERR max number of clients reached\r\n")
      #expect(server.waitsForLog("refused a client"))
      clients[0].close()
      usleep(100_000)
      #expect(try Client(port: server.port).ask("PING") == "PONG")
      #expect(try clients[1].ask("PING") == "PONG")
    }

    @Test(.enabled(if: mayUse("prlimit"), "prlimit is not installed"))
    func `without descriptors new clients wait and the processor rests until some are free`() throws {
      let server = try ServerProcess()
      let first = try Client(port: server.port)
      #expect(try first.ask("PING") == "PONG")
      #expect(try run(["prlimit", "--pid", "\(server.pid)", "--nofile=64:64"]).status == 0)
      var clients: [Client] = []
      for _ in 0..<100 { clients.append(try Client(port: server.port, seconds: 5)) }
      usleep(300_000)
      #expect(server.log.contains("cannot accept"))
      #expect(server.openFileCount == 64)
      let before = server.cpuSeconds
      let start = now()
      while now() < start + 1 { #expect(try first.ask("PING") == "PONG"); usleep(10_000) }
      #expect(server.cpuSeconds - before < 0.2, "the loop does not spin")
      #expect(try clients[0].ask("PING") == "PONG")
      for client in clients[..<60] { client.close() }
      for client in clients[60...] { #expect(try client.ask("PING") == "PONG") }
    }

    @Test func `an idle client is closed at its time and a busy one is not`() throws {
      let server = try ServerProcess(["--idle-timeout", "1", "--log-level", "info"])
      let idle = try Client(port: server.port)
      let half = try Client(port: server.port)
      let busy = try Client(port: server.port)
      try half.send("PUT half")
      let start = now()
      while now() < start + 2.5 {
        #expect(try busy.ask("PING") == "PONG")
        usleep(100_000)
      }
      #expect(idle.isEnded())
      #expect(half.isEnded())
      #expect(server.log.contains("sent nothing"))
    }

    @Test func `a server that was stopped for a while times nobody out for it`() throws {
      let server = try ServerProcess(["--idle-timeout", "3"])
      let clients = try (0..<300).map { _ in try Client(port: server.port) }
      for client in clients { #expect(try client.ask("PING") == "PONG") }
      server.signal(SIGSTOP)
      usleep(5_000_000)
      server.signal(SIGCONT)
      usleep(500_000)
      for client in clients { #expect(try client.ask("PING") == "PONG") }
    }

    @Test func `SIGTERM answers what has arrived and ends with 0`() throws {
      let server = try ServerProcess()
      let clients = try (0..<50).map { _ in try Client(port: server.port) }
      for (number, client) in clients.enumerated() {
        var requests = ""
        for request in 0..<100 { requests += "PUT key\(number)-\(request) v\n" }
        try client.send(requests + "PUT unfinished")
      }
      usleep(50_000)
      server.signal(SIGSTOP)
      for client in clients { try client.send(" x\nPING last\nPUT half") }
      usleep(50_000)
      server.signal(SIGTERM)
      server.signal(SIGCONT)
      for client in clients {
        for _ in 0..<101 { #expect(try client.readLine() == "OK") }
        #expect(try client.readLine() == "VALUE last")
        #expect(try client.readLine() == nil)
      }
      for client in clients { client.close() }
      #expect(server.waitForExit() == 0)
      #expect(server.log.contains("everything that had arrived is answered"))
    }

    @Test func `SIGTERM under load ends soon with every reply whole`() throws {
      let server = try ServerProcess()
      let clients = try (0..<20).map { _ in try Client(port: server.port) }
      for client in clients { try client.send(String(repeating: "PING 0123456789\n", count: 2_000)) }
      server.signal(SIGTERM)
      var replies = 0
      for client in clients {
        while let line = try? client.readLine() {
          #expect(line == "VALUE 0123456789")
          replies += 1
        }
        client.close()
      }
      #expect(replies > 0, "what had arrived is answered")
      #expect(server.waitForExit(seconds: 8) == 0)
    }

    @Test func `an idle client does not delay the end`() throws {
      let server = try ServerProcess()
      let idle = try Client(port: server.port)
      #expect(try idle.ask("PING") == "PONG")
      let start = now()
      server.signal(SIGTERM)
      #expect(server.waitForExit() == 0)
      #expect(now() - start < 1)
    }

    @Test func `a second signal ends the server at once`() throws {
      let server = try ServerProcess()
      let other = try Client(port: server.port)
      #expect(try other.ask("PUT big \(String(repeating: "x", count: 900_000))") == "OK")
      let stuck = try Client(port: server.port)
      try stuck.send(String(repeating: "GET big\n", count: 20))
      usleep(100_000)
      server.signal(SIGTERM)
      usleep(200_000)
      #expect(server.waitForExit(seconds: 0.1) == nil, "it waits for the client to take its replies")
      server.signal(SIGINT)
      #expect(server.waitForExit(seconds: 2) == 1)
    }

    /// Unoptimised code allocates for closures and generics, so that only the release build can be held to this.
    @Test(
      .enabled(if: mayUse("valgrind"), "valgrind is not installed"),
      .enabled(if: ServerProcess.releaseBinary != nil, "there is no release build"))
    func `requests allocate nothing once the server is warm`() throws {
      let few = try allocations(rounds: 50)
      let many = try allocations(rounds: 2_050)
      #expect(many - few <= 20, "\(many - few) allocations for 2,000 rounds of requests")
    }

    /// How often the program allocates in its whole life, when a client sends so many rounds of ten requests, and
    /// another a pipeline of RESP requests in every tenth.
    private func allocations(rounds: Int) throws -> Int {
      let binary = try #require(ServerProcess.releaseBinary)
      let server = try ServerProcess(
        binary: binary, under: ["valgrind", "--leak-check=no", "--undef-value-errors=no", "--error-exitcode=99"],
        patience: 120)
      let client = try Client(port: server.port, seconds: 60)
      let pipeliner = try RESPClient(port: server.port, seconds: 60)
      let batch = (0..<20).flatMap { number in
        ["SET p\(number % 5) value", "GET p\(number % 5)", "INCR n", "GET nothing", "SETEX v 100 x", "DEL v"].map {
          $0.split(separator: " ").map { Array($0.utf8) }
        }
      }
      for round in 0..<rounds {
        let name = "key\(round % 7)"
        try client.send(
          """
          PUT \(name) value number \(round % 10)\nGET \(name)\nget "\\x41"\nEXISTS a b c\nCOUNT\nDELETE \(name)
          PUT k "a\\nb"\nGET k\nPING\nPING hello\n
          """)
        for _ in 0..<10 { _ = try client.readLine() }
        guard round.isMultiple(of: 10) else { continue }
        try pipeliner.send(batch)
        for _ in batch { _ = try pipeliner.readReply() }
      }
      client.close()
      server.signal(SIGTERM)
      guard server.waitForExit(seconds: 60) == 0 else { throw TestFailure("valgrind found errors: \(server.log)") }
      guard let line = server.log.split(separator: "\n").first(where: { $0.contains("total heap usage: ") }),
        let count = line.split(separator: ":").last?.split(separator: " ").first
      else { throw TestFailure("no heap usage in \(server.log)") }
      return Int(count.filter { $0 != "," }) ?? 0
    }
  }
}
