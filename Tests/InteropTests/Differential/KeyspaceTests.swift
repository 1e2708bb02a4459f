import Glibc
import TestSupport
import Testing

extension InteropTests {
  /// What takes many requests or some time to tell of a keyspace.
  @Suite(.enabled(if: mayUse("redis-server"), "redis-server is not installed"))
  struct KeyspaceTests {
    private let redis: RedisServerProcess
    private let swiftlet: ServerProcess
    private let clients: [RESPClient]

    init() throws {
      redis = try RedisServerProcess()
      swiftlet = try InteropTests.swiftlet()
      clients = [try RESPClient(port: redis.port), try RESPClient(port: swiftlet.port)]
    }

    /// Asks both for the same.
    private func ask(_ request: Words) throws -> [RESPValue] { try clients.map { try $0.ask(request) } }

    @Test(arguments: [
      "", "COUNT 1", "COUNT 1000", "MATCH key:?5*", "MATCH *", "MATCH nothing", "TYPE string", "TYPE set",
    ])
    func `a scan to its end finds the same keys`(options: String) throws {
      for start in stride(from: 0, to: 2000, by: 500) {
        _ = try ask([Array("MSET".utf8)] + (start..<start + 500).flatMap { words("key:\($0) value") })
      }
      let found = try clients.map { client in
        var keys: Set<String> = []
        var cursor = "0"
        for round in 0..<20_000 {
          let elements = try client.ask("SCAN \(cursor) \(options)").elements ?? []
          try #require(elements.count == 2)
          keys.formUnion(elements[1].elements?.compactMap(\.text) ?? [])
          cursor = elements[0].text ?? ""
          if cursor == "0" { return keys }
          // Keys that come and go meanwhile change nothing for those that stay.
          try client.ask("SET", "gone:\(round)")
          try client.ask("DEL", "gone:\(round)")
        }
        throw TestFailure("no end of the scan")
      }
      #expect(found[0] == found[1])
    }

    @Test func `keys expire for both at the same moment`() throws {
      _ = try ask(words("MSET stays 1 goes 2 persists 3"))
      _ = try ask(words("SET short value PX 40"))
      _ = try ask(words("PEXPIRE goes 40"))
      _ = try ask(words("PEXPIRE persists 40"))
      _ = try ask(words("PERSIST persists"))
      _ = try ask(words("SET kept value PX 40"))
      _ = try ask(words("SET kept again KEEPTTL"))
      _ = try ask(words("SET cleared value PX 40"))
      _ = try ask(words("SET cleared again"))
      usleep(60_000)
      let requests = [
        "GET short", "GET stays", "TTL short", "PTTL goes", "EXISTS short goes persists kept cleared", "TYPE short",
        "STRLEN short", "EXPIRE short 100", "PERSIST short", "RENAME short other", "COPY short other", "INCR goes",
        "APPEND short x", "TTL short", "GETSET kept new", "SETNX kept newer", "KEYS *", "SCAN 0", "DBSIZE",
      ]
      for request in requests {
        let replies = try ask(words(request))
        #expect(Comparison.agree(words(request), replies[0], replies[1]), "\(request): \(replies)")
      }
    }

    @Test func `a watched key that expires makes EXEC do what it does in Redis`() throws {
      _ = try ask(words("SET k v PX 40"))
      _ = try ask(words("WATCH k"))
      usleep(60_000)
      _ = try ask(words("MULTI"))
      let replies = try ask(words("EXEC"))
      #expect(replies[0] == replies[1], "\(replies)")
    }
  }
}

extension RESPClient {
  fileprivate func ask(_ verb: String, _ key: String) throws {
    try ask(verb == "SET" ? words("SET \(key) value") : words("\(verb) \(key)"))
  }
}
