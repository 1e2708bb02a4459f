// Those who come in crowds, and those who ask for much.

import Glibc
import TestSupport
import Testing

extension Misbehaviour {
  static let crowds: [Misbehaviour] = [
    Misbehaviour("three hundred clients where fifty are allowed", ["--max-connections", "50"]) { stage in
      let clients = try stage.clients(300)
      try stage.serveWitness()
      // The witness has one of the places.
      for client in clients[..<49] { #expect(try client.ask("PING") == "PONG") }
      for client in clients[49...] { #expect(try client.readToEnd() == "-ERR max number of clients reached\r\n") }
      for client in clients[..<49] { client.close() }
      usleep(50_000)
      #expect(try Client(port: stage.port).ask("PING") == "PONG")
    },
    Misbehaviour("a thousand connections that say nothing") { stage in
      raiseOpenFileLimit()
      let clients = try stage.clients(1_000)
      try stage.serveWitness()
      for client in clients { client.reset() }
      #expect(try Client(port: stage.port).ask("PING") == "PONG")
    },
    Misbehaviour("half a gigabyte announced by two hundred clients") { stage in
      let clients = try stage.clients(200)
      for client in clients { try client.send("*1000000\r\n$512000000\r\nSET") }
      try stage.serveWitness()
      for client in clients {
        client.shutDownWriting()
        #expect(try client.readToEnd() == "")
      }
    },
    Misbehaviour("a flood behind a protocol error") { stage in
      try flood(stage, behind: "*x\r\n", answered: "-ERR Protocol error: invalid multibulk length\r\n")
    },
    Misbehaviour("a flood behind QUIT") { stage in try flood(stage, behind: "QUIT\n", answered: "OK\n") },
    Misbehaviour("a flood behind a line of HTTP") { stage in
      try flood(
        stage, behind: "GET / HTTP/1.1\n",
        answered: "ERROR this is not an HTTP server: requests are lines such as GET key\n")
    },
    Misbehaviour("bytes out of band") { stage in
      let client = try Client(port: stage.port)
      try client.send("PI")
      client.sendUrgent(0xFF)
      try client.send("NG\n")
      #expect(try client.readLine() == "PONG")
    },
    Misbehaviour("a transaction without end", memoryBytesMax: 200 << 20) { stage in
      let client = try RESPClient(port: stage.port)
      try client.ask("MULTI")
      let value = [UInt8](repeating: 120, count: 4_000_000)
      var queued = 0
      var last = RESPValue.status(Array("QUEUED".utf8))
      while last == .status(Array("QUEUED".utf8)), queued < 100 {
        last = try client.ask(Array("SET".utf8), Array("k".utf8), value)
        queued += 1
        try stage.serveWitness()
      }
      #expect(last == .error(Array("ERR the transaction is too long: EXEC what is queued, or DISCARD it".utf8)))
      #expect(queued == 18, "64 MiB and one that goes over")
      #expect(
        try client.ask("EXEC") == .error(Array("EXECABORT Transaction discarded because of previous errors.".utf8)))
      try stage.expectKeys(0)
    },
    Misbehaviour("sixty listings that nobody reads, while keys change", memoryBytesMax: 48 << 20) { stage in
      try stage.store(20_000) { "key:\($0)" }
      let clients = try stage.clients(60)
      for client in clients {
        client.setReceiveBuffer(1)
        try client.send("LIST\n")
      }
      try stage.serveWitness()
      try stage.askWitness("FLUSHALL", "OK")
      try stage.serveWitness()
      // What was listed is what was there.
      clients[0].setReceiveBuffer(1 << 20)
      clients[0].shutDownWriting()
      #expect(try clients[0].readBytesToEnd().suffix(10) == Array("END 20000\n".utf8))
      for client in clients { client.reset() }
    },
    Misbehaviour("thirty who sleep") { stage in
      let clients = try stage.clients(30)
      for client in clients { try client.send("DEBUG SLEEP 0.3\n") }
      for _ in 0..<20 { try stage.serveWitness() }
      for client in clients { #expect(try client.readLine() == "OK") }
    },
    Misbehaviour("patterns of a hundred subscribers that nearly match") { stage in
      let clients = try stage.clients(100)
      let pattern = String(repeating: "a*", count: 60) + "b"
      for client in clients {
        try client.send("PSUBSCRIBE \(pattern)\n")
        #expect(try client.readLine() == "VALUE psubscribe")
      }
      for _ in 0..<3 { try stage.askWitness("PUBLISH \(String(repeating: "a", count: 500)) x", "VALUE 0") }
    },
    Misbehaviour("keys that share a bucket under a seed that is known") { stage in
      // With a seed of zeros, the product that mixes the first eight bytes is 0 for all of these.
      let usual = try stage.time { try stage.store(10_000) { "key:\($0 + 100_000_000_000)" } }
      try stage.askWitness("FLUSHALL", "OK")
      let evil = try stage.time { try stage.store(10_000) { "\0\0\0\0\0\0\0\0\($0 + 10_000_000)" } }
      #expect(evil < usual * 4 + 0.2, "\(evil) s, and \(usual) s for other keys")
      try stage.expectKeys(10_000)
    },
  ]

  /// Goes on sending to a server that has said why it closes.
  private static func flood(_ stage: Stage, behind opening: String, answered reply: String) throws {
    let files = stage.server.openFileCount
    let client = try Client(port: stage.port)
    try client.send(opening)
    let rest = Array(String(repeating: "PUT evil 1\n", count: 10_000).utf8)
    for _ in 0..<100 {
      _ = client.sendSome(rest)
      try stage.serveWitness()
    }
    #expect(try client.readToEnd() == reply)
    try stage.expectFiles(files)
    try stage.expectKeys(0)
  }
}

extension Stage {
  /// Stores and reads so many keys from one client, in pipelines, and serves the witness between them.
  func store(_ count: Int, _ key: (Int) -> String) throws {
    let client = try RESPClient(port: port)
    for start in stride(from: 0, to: count, by: 500) {
      let keys = (start..<min(start + 500, count)).map { Array(key($0).utf8) }
      try client.send(keys.flatMap { [[Array("SET".utf8), $0, $0], [Array("GET".utf8), $0]] })
      for key in keys {
        guard try client.readReply() == Array("+OK\r\n".utf8), try RESPValue(whole: client.readReply()) == .bulk(key)
        else { throw TestFailure("a key was not stored") }
      }
      try serveWitness()
    }
  }

  /// Seconds that something takes.
  func time(_ body: () throws -> Void) rethrows -> Double {
    let start = now()
    try body()
    return now() - start
  }
}
