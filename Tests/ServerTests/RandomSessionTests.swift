// Many clients that ask for anything, in pieces, in both dialects, and leave in the middle: whatever states a
// connection can be in at once, some of them meet. The server must stand, and hold nothing of theirs afterwards.

import Glibc
import TestSupport
import Testing

extension ServerTests {
  @Suite struct RandomSessionTests {
    private static let requests = [
      "PUT k1 v", "PUT k2 \"a\\nb\"", "PUT k3 \(String(repeating: "x", count: 9_000))", "GET k1", "GET k3", "DELETE k2",
      "LIST", "LIST k*", "KEYS *", "KEYS k?", "COUNT", "PING", "HELP", "QUIT", "MULTI", "EXEC", "DISCARD", "WATCH k1",
      "MGET k1 k2 k3", "INCR n", "SET k4 v PX 20", "EXPIRE k1 1", "FLUSHALL", "SCAN 0", "RESET", "HELLO 3", "INFO",
      "SUBSCRIBE c d", "PSUBSCRIBE c*", "UNSUBSCRIBE", "PUBLISH c message", "CLIENT LIST", "CLIENT KILL TYPE pubsub",
      "CLIENT KILL ID 7", "CLIENT PAUSE 5", "CLIENT PAUSE 5 WRITE", "CLIENT UNPAUSE", "CLIENT REPLY OFF",
      "CLIENT REPLY SKIP", "CLIENT REPLY ON", "DEBUG SLEEP 0.01", "CONFIG SET timeout 1", "CONFIG SET timeout 0",
      "GET \"open", "\u{0}\u{1}", "nonsense",
    ]

    private static func spell(_ request: String, inRESP: Bool) -> [UInt8] {
      guard inRESP else { return Array("\(request)\n".utf8) }
      let words = request.split(separator: " ")
      return Array("*\(words.count)\r\n\(words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined())".utf8)
    }

    @Test func `clients that do anything leave a server that stands and holds nothing of theirs`() throws {
      let seed = UInt64.random(in: 0 ... .max)
      var random = SeededGenerator(seed: seed)
      let server = try ServerProcess(["--stall-timeout", "1"])
      let filesBefore = server.openFileCount
      var clients: [(client: Client, inRESP: Bool)] = []
      for _ in 0..<6_000 {
        if clients.count < 40, random.next() % 4 == 0 {
          clients.append((try Client(port: server.port), random.next() % 2 == 0))
        }
        guard !clients.isEmpty else { continue }
        let index = Int(random.next() % UInt64(clients.count))
        let (client, inRESP) = clients[index]
        switch random.next() % 32 {
        case 0: clients.remove(at: index).client.reset()
        case 1: clients.remove(at: index).client.close()
        case 2: client.shutDownWriting()
        case 3..<10: client.discardReceived()
        default:
          var bytes: [UInt8] = []
          for _ in 0..<[1, 1, 2, 8, 40][Int(random.next() % 5)] {
            bytes += Self.spell(Self.requests[Int(random.next() % UInt64(Self.requests.count))], inRESP: inRESP)
          }
          if random.next() % 8 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
          _ = client.sendSome(bytes)
        }
      }
      clients = []
      usleep(300_000)
      let last = try Client(port: server.port)
      try #require(try last.ask("PUT k v") == "OK", "seed \(seed): \(server.log.prefix(2_000))")
      #expect(try last.ask("GET k") == "VALUE v", "seed \(seed)")
      last.close()
      usleep(1_500_000)
      #expect(server.openFileCount <= filesBefore, "seed \(seed)")
      let before = server.cpuSeconds
      usleep(500_000)
      #expect(server.cpuSeconds - before < 0.05, "seed \(seed): the loop does not spin")
    }
  }
}
