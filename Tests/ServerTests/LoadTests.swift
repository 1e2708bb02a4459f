import Glibc
import TestSupport
import Testing

extension ServerTests {
  @Suite struct LoadTests {
    @Test func `a line that comes one byte at a time is one request`() throws {
      let server = try ServerProcess()
      let slow = try Client(port: server.port)
      let other = try Client(port: server.port)
      for byte in Array("PUT k hello world\r\n".utf8) {
        try slow.send([byte])
        usleep(1_000)
        #expect(try other.ask("PING") == "PONG")
      }
      #expect(try slow.readLine() == "OK")
      #expect(try other.ask("GET k") == "VALUE hello world")
    }

    @Test func `a hundred thousand pipelined requests are answered in order`() throws {
      let server = try ServerProcess()
      let client = try Client(port: server.port)
      let writer = try Client(port: server.port)
      var sent = 0
      var read = 0
      var waiting: [UInt8] = []
      while read < 100_000 {
        while waiting.count < 100_000, sent < 100_000 {
          waiting += Array("PING \(sent)\n".utf8)
          sent += 1
        }
        waiting.removeFirst(client.sendSome(waiting))
        for _ in 0..<500 where read < 100_000 {
          #expect(try client.readLine() == "VALUE \(read)")
          read += 1
        }
        if read % 10_000 == 0 { #expect(try writer.ask("PUT k \(read)") == "OK") }
      }
    }

    @Test func `a client that sends without ever reading is held back and then closed`() throws {
      let server = try ServerProcess(["--stall-timeout", "2", "--log-level", "info"])
      let value = String(repeating: "v", count: 10_000)
      let other = try Client(port: server.port)
      #expect(try other.ask("PUT big \(value)") == "OK")
      let before = server.residentBytes
      let greedy = try Client(port: server.port)
      let requests = Array(String(repeating: "GET big\n", count: 10_000).utf8)
      var sent = 0
      let start = now()
      while now() < start + 1 {
        sent += greedy.sendSome(requests)
        #expect(try other.ask("PING") == "PONG")
      }
      #expect(sent / 8 * value.utf8.count > 100_000_000, "it asked for more than \(sent) bytes' worth")
      #expect(server.residentBytes - before < 8_000_000)
      #expect(server.waitsForLog("took nothing", seconds: 10))
      #expect(try other.ask("PING") == "PONG")
    }

    @Test func `a LIST of a million keys that nobody reads costs little and ends at its deadline`() throws {
      let server = try ServerProcess(["--stall-timeout", "3", "--log-level", "info"], patience: 30)
      let other = try Client(port: server.port, seconds: 60)
      try fill(other, count: 1_000_000)
      let before = server.residentBytes
      let stuck = try Client(port: server.port)
      try stuck.send("LIST\n")
      var worst = 0.0
      let start = now()
      while now() < start + 2 {
        let asked = now()
        #expect(try other.ask("GET key5") == "VALUE v5")
        worst = max(worst, now() - asked)
      }
      #expect(server.residentBytes - before < 8_000_000)
      #expect(worst < 0.5, "others are served while the listing is held back")
      #expect(server.waitsForLog("took nothing", seconds: 10))
      #expect(try other.ask("COUNT") == "VALUE 1000000")
    }

    @Test func `a LIST shows the keys of its moment while others change them`() throws {
      let server = try ServerProcess()
      let other = try Client(port: server.port, seconds: 60)
      try fill(other, count: 50_000)
      let lister = try Client(port: server.port)
      lister.setReceiveBuffer(65_536)
      try lister.send("LIST\n")
      let first = try lister.readLine()
      var changes = ""
      for number in 0..<50_000 { changes += "DELETE key\(number)\nPUT new\(number) x\n" }
      let bytes = Array(changes.utf8)
      try ask(other, bytes, replies: 100_000)
      var keys: Set<String> = [try #require(first)]
      while let line = try lister.readLine(), line.hasPrefix("KEY ") { keys.insert(line) }
      #expect(keys == Set((0..<50_000).map { "KEY key\($0)" }))
      #expect(try other.ask("COUNT") == "VALUE 50000")
    }

    @Test func `five thousand slow writers are all served`() throws {
      raiseOpenFileLimit()
      let server = try ServerProcess()
      var clients: [Client] = []
      for number in 0..<5_000 { clients.append(try Client(port: server.port, source: UInt8(1 + number % 100))) }
      let request = Array("PUT key value that comes slowly\n".utf8)
      for part in stride(from: 0, to: request.count, by: 4) {
        for client in clients { try client.send(Array(request[part..<min(part + 4, request.count)])) }
      }
      for client in clients { #expect(try client.readLine() == "OK") }
      for client in clients { client.reset() }
    }

    @Test func `nineteen thousand clients can be connected while a person works`() throws {
      raiseOpenFileLimit()
      let server = try ServerProcess()
      let person = try Client(port: server.port)
      #expect(try person.ask("PUT k v") == "OK")
      let before = server.residentBytes
      var clients: [Client] = []
      for number in 0..<19_000 {
        let client = try Client(port: server.port, source: UInt8(2 + number % 200))
        try client.send("GET k\n")
        clients.append(client)
      }
      for client in clients { #expect(try client.readLine() == "VALUE v") }
      let perConnection = (server.residentBytes - before) / 19_000
      #expect(perConnection <= 200, "\(perConnection) bytes a connection")
      #expect(try person.ask("GET k") == "VALUE v")
      let idleStart = server.cpuSeconds
      usleep(500_000)
      #expect(server.cpuSeconds - idleStart < 0.05, "idle clients cost no time")
      for client in clients { client.reset() }
      clients = []
      #expect(try person.ask("GET k") == "VALUE v")
    }

    @Test func `places and descriptors that are used again never mix up clients`() throws {
      let server = try ServerProcess()
      for round in 0..<40 {
        let clients = try (0..<50).map { _ in try Client(port: server.port) }
        for (number, client) in clients.enumerated() { try client.send("PING \(round)-\(number)\n") }
        for (number, client) in clients.enumerated() where number % 2 == 0 { client.reset() }
        let more = try (0..<25).map { _ in try Client(port: server.port) }
        for (number, client) in more.enumerated() { try client.send("PING new-\(number)\n") }
        for (number, client) in more.enumerated() { #expect(try client.readLine() == "VALUE new-\(number)") }
        for (number, client) in clients.enumerated() where number % 2 == 1 {
          #expect(try client.readLine() == "VALUE \(round)-\(number)")
        }
      }
      #expect(server.openFileCount < 100)
    }

    @Test func `an event of a client closed earlier in the turn reaches nobody`() throws {
      let server = try ServerProcess()
      for _ in 0..<10 {
        let killer = try Client(port: server.port)
        let victims = try (0..<2).map { _ in try Client(port: server.port) }
        for client in victims + [killer] { #expect(try client.ask("PING") == "PONG") }
        usleep(20_000)
        server.signal(SIGSTOP)
        usleep(20_000)
        // The kernel reports what is ready in the order in which it became so.
        try killer.send("CLIENT KILL TYPE normal\n")
        let next = try Client(port: server.port)
        for victim in victims { try victim.send("PUT stale event\n") }
        victims[0].reset()
        try next.send("PING mine\n")
        server.signal(SIGCONT)
        // One of them was reset, and may have been found to be so before.
        #expect(try ["VALUE 1", "VALUE 2"].contains(killer.readLine()))
        #expect(try next.readLine() == "VALUE mine")
        #expect(try next.ask("GET stale") == "ERROR key not found")
      }
      #expect(server.openFileCount < 100)
    }

    private func fill(_ client: Client, count: Int) throws {
      var start = 0
      while start < count {
        let end = min(start + 2_000, count)
        var requests = ""
        for number in start..<end { requests += "PUT key\(number) v\(number)\n" }
        try client.send(requests)
        for _ in start..<end { #expect(try client.readLine() == "OK") }
        start = end
      }
    }

    private func ask(_ client: Client, _ requests: [UInt8], replies: Int) throws {
      var waiting = requests[...]
      var read = 0
      while read < replies {
        if !waiting.isEmpty { waiting = waiting.dropFirst(client.sendSome(Array(waiting.prefix(60_000)))) }
        for _ in 0..<100 where read < replies {
          #expect(try client.readLine() == "OK")
          read += 1
        }
      }
    }
  }
}

extension ServerProcess {
  /// Whether its log comes to hold a text within some seconds.
  func waitsForLog(_ text: String, seconds: Double = 5) -> Bool {
    let deadline = now() + seconds
    while now() < deadline {
      if log.contains(text) { return true }
      usleep(20_000)
    }
    return false
  }
}
