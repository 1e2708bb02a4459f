// The catalogue's second part: what clients do rather than what they send. They are slow, come in crowds, take nothing,
// or go at the wrong moment; each with what has to come of it.

import Glibc
import TestSupport
import Testing

/// Something that no well-meaning client does.
struct Misbehaviour: Sendable {
  let name: String
  /// What the server is started with.
  var flags: [String] = []
  /// What the server's memory may grow by meanwhile, at its greatest.
  var memoryBytesMax = 8 << 20
  /// What is done, and what is expected of it.
  let play: @Sendable (Stage) throws -> Void

  init(
    _ name: String, _ flags: [String] = [], memoryBytesMax: Int = 8 << 20,
    play: @escaping @Sendable (Stage) throws -> Void
  ) {
    self.name = name
    self.flags = flags
    self.memoryBytesMax = memoryBytesMax
    self.play = play
  }
}

extension Stage {
  var port: UInt16 { server.port }

  func clients(_ count: Int) throws -> [Client] { try (0..<count).map { _ in try Client(port: port) } }

  /// Expects so many keys.
  func expectKeys(_ count: Int) throws { #expect(try keyCount() == count) }

  /// Expects that the server gives up all descriptors but so many, within some seconds.
  func expectFiles(_ count: Int) throws {
    let deadline = now() + 5
    while now() < deadline, server.openFileCount > count {
      try serveWitness()
      usleep(10_000)
    }
    #expect(server.openFileCount <= count)
  }

  /// Expects that the server gives up memory until so much is left, within some seconds.
  func expectMemory(_ bytes: Int) throws {
    let deadline = now() + 5
    while now() < deadline, server.residentBytes > bytes {
      try serveWitness()
      usleep(10_000)
    }
    #expect(server.residentBytes <= bytes, "memory comes back")
  }

  /// Plays something out, and expects that nobody else had to wait and that memory stayed bounded.
  func play(_ misbehaviour: Misbehaviour) throws {
    server.forgetPeakMemory()
    let before = server.residentBytes
    try misbehaviour.play(self)
    try serveWitness()
    let grown = server.residentBytesPeak - before
    #expect(grown <= misbehaviour.memoryBytesMax, "the server's memory grew by \(grown) bytes")
  }
}

extension Misbehaviour {
  /// Those who go at the wrong moment.
  static let leaving: [Misbehaviour] = [
    Misbehaviour("a half-close at once") { stage in
      let client = try Client(port: stage.port)
      client.shutDownWriting()
      #expect(try client.readToEnd() == "")
    },
    Misbehaviour("a half-close behind a hundred requests and half a one") { stage in
      let client = try Client(port: stage.port)
      for number in 0..<100 { try client.send("PUT k\(number) v\n") }
      try client.send("PUT half v")
      client.shutDownWriting()
      #expect(try client.readToEnd() == String(repeating: "OK\n", count: 100))
      try stage.expectKeys(100)
    },
    Misbehaviour("a half-close behind more than the socket holds") { stage in
      try stage.askWitness("PUT big \(String(repeating: "x", count: 100_000))", "OK")
      let client = try Client(port: stage.port)
      try client.send(String(repeating: "GET big\n", count: 200))
      client.shutDownWriting()
      for _ in 0..<20 { try stage.serveWitness() }
      #expect(try client.readBytesToEnd().count == 200 * 100_007)
    },
    Misbehaviour("five hundred who say nothing and go") { stage in
      let files = stage.server.openFileCount
      for _ in 0..<500 { try Client(port: stage.port).close() }
      try stage.expectFiles(files)
    },
    Misbehaviour("two thousand who are gone before they are accepted") { stage in
      let files = stage.server.openFileCount
      for number in 0..<2_000 {
        try Client(port: stage.port).reset()
        if number.isMultiple(of: 100) { try stage.serveWitness() }
      }
      try stage.expectFiles(files)
    },
    Misbehaviour("a reset in the middle of a line") { stage in
      let files = stage.server.openFileCount
      for client in try stage.clients(100) {
        try client.send("PUT half v")
        client.reset()
      }
      try stage.expectFiles(files)
      try stage.expectKeys(0)
    },
    Misbehaviour("a reset in the middle of a long value", memoryBytesMax: 48 << 20) { stage in
      let before = stage.server.residentBytes
      let client = try Client(port: stage.port)
      try client.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$500000000\r\n")
      for _ in 0..<100 { try client.send([UInt8](repeating: 1, count: 100_000)) }
      try stage.serveWitness()
      client.reset()
      try stage.expectMemory(before + (4 << 20))
      try stage.expectKeys(0)
    },
    Misbehaviour("a reset with replies under way") { stage in
      let files = stage.server.openFileCount
      try stage.askWitness("PUT big \(String(repeating: "x", count: 100_000))", "OK")
      for client in try stage.clients(50) {
        try client.send(String(repeating: "GET big\n", count: 50))
        client.reset()
      }
      try stage.expectFiles(files)
    },
    Misbehaviour("a reset within a transaction") { stage in
      let client = try RESPClient(port: stage.port)
      try client.ask("MULTI")
      try client.ask("SET k v")
      client.client.reset()
      try stage.serveWitness()
      try stage.expectKeys(0)
    },
    Misbehaviour("subscribers that go without a word") { stage in
      for number in 0..<50 {
        let client = try RESPClient(port: stage.port)
        _ = try client.ask("SUBSCRIBE news")
        if number.isMultiple(of: 2) { client.client.reset() } else { client.client.close() }
      }
      usleep(50_000)
      try stage.askWitness("PUBLISH news x", "VALUE 0")
    },
  ]

  /// Those who are slow, or never speak or listen.
  static let slow: [Misbehaviour] = [
    Misbehaviour("two hundred lines a byte at a time") { stage in
      let clients = try stage.clients(200)
      for (index, byte) in "PUT key value".utf8.enumerated() {
        for client in clients { try client.send([byte]) }
        if index.isMultiple(of: 4) { try stage.serveWitness() }
      }
      try stage.expectKeys(0)
      for client in clients { #expect(try client.ask("") == "OK") }
      try stage.expectKeys(1)
    },
    Misbehaviour("two hundred requests of RESP a byte at a time") { stage in
      let clients = try stage.clients(200)
      let request = Sent.requests(["SET key value"]).bytes
      for (index, byte) in request.dropLast().enumerated() {
        for client in clients { try client.send([byte]) }
        if index.isMultiple(of: 4) { try stage.serveWitness() }
      }
      try stage.expectKeys(0)
      for client in clients { #expect(try client.ask("") == "+OK\r") }
    },
    Misbehaviour("a thousand requests in five thousand segments") { stage in
      let client = try Client(port: stage.port)
      client.sendAtOnce()
      for number in 0..<1_000 {
        for byte in "PING\n".utf8 { try client.send([byte]) }
        if number.isMultiple(of: 100) { try stage.serveWitness() }
      }
      for _ in 0..<1_000 { #expect(try client.readLine() == "PONG") }
    },
    Misbehaviour("five hundred who say nothing, with an idle time-out", ["--idle-timeout", "1"]) { stage in
      let clients = try stage.clients(500)
      let start = now()
      while now() < start + 1 {
        try stage.serveWitness()
        usleep(50_000)
      }
      for client in clients { #expect(client.isEnded()) }
    },
    Misbehaviour("one who drips a byte a moment and never ends, with an idle time-out", ["--idle-timeout", "1"]) {
      stage in
      let client = try Client(port: stage.port)
      for _ in 0..<15 {
        try client.send("x")
        try stage.serveWitness()
        usleep(100_000)
      }
      // It is slow and not idle; what it holds is its line.
      #expect(try client.ask("") == "ERROR unknown command \"xxxxxxxxxxxxxxx\": HELP lists all commands")
    },
    Misbehaviour("one who takes nothing, and then all") { stage in
      let value = String(repeating: "x", count: 100_000)
      try stage.askWitness("PUT big \(value)", "OK")
      let client = try Client(port: stage.port)
      try client.send(String(repeating: "GET big\n", count: 100))
      for _ in 0..<50 {
        try stage.serveWitness()
        usleep(2_000)
      }
      client.shutDownWriting()
      let reply = Array("VALUE \(value)\n".utf8)
      let received = try client.readBytesToEnd()
      #expect(received.count == 100 * reply.count)
      let starts = stride(from: 0, to: received.count - reply.count + 1, by: reply.count)
      #expect(starts.allSatisfy { Array(received[$0..<$0 + reply.count]) == reply })

    },
    Misbehaviour("one with room for a few bytes") { stage in
      let value = String(repeating: "x", count: 20_000)
      try stage.askWitness("PUT big \(value)", "OK")
      let client = try Client(port: stage.port)
      client.setReceiveBuffer(1)
      try client.send("GET big\n")
      try stage.serveWitness()
      #expect(try client.readLine() == "VALUE \(value)")
    },
    Misbehaviour("one who takes nothing, with a stall time-out", ["--stall-timeout", "1"]) { stage in
      try stage.askWitness("PUT big \(String(repeating: "x", count: 100_000))", "OK")
      let files = stage.server.openFileCount
      let client = try Client(port: stage.port)
      client.setReceiveBuffer(1)
      try client.send(String(repeating: "GET big\n", count: 300))
      let start = now()
      while now() < start + 1.5 {
        try stage.serveWitness()
        usleep(50_000)
      }
      try stage.expectFiles(files)
    },
  ]
}
