import Glibc
import TestSupport
import Testing

extension InteropTests {
  /// Conversations of several clients, written down or at random, in which requests have no reply, one or several, and
  /// messages come unasked: all that a connection gets has to be the same bytes.
  @Suite(.enabled(if: mayUse("redis-server"), "redis-server is not installed"))
  struct ScriptTests {
    private let redis: RedisServerProcess
    private let swiftlet: ServerProcess

    init() throws {
      redis = try RedisServerProcess(["--databases", "1"])
      swiftlet = try InteropTests.swiftlet()
    }

    /// Lines `0: SET a 1` are carried out by the connection of that number, one after the other, on both servers.
    private func compare(_ script: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
      let sides = [try Conversation(port: redis.port), try Conversation(port: swiftlet.port)]
      for line in script.split(separator: "\n") {
        guard let colon = line.firstIndex(of: ":"), let number = Int(line[..<colon].trimmingSpaces) else { continue }
        let request = words(String(line[line.index(after: colon)...]))
        let replies = try sides.map { try $0.carryOut(Step(connection: number, request: request)) }
        let isSame = replies[0] == replies[1] || Self.agree(request, replies[0], replies[1])
        #expect(
          isSame,
          "\(line)\n redis:    \(replies[0].map { shown($0) })\n swiftlet: \(replies[1].map { shown($0) })",
          sourceLocation: sourceLocation)
      }
    }

    /// What was received where replies are one reply each, compared as replies.
    private static func agree(_ request: Words, _ redis: [[UInt8]], _ swiftlet: [[UInt8]]) -> Bool {
      zip(redis, swiftlet).allSatisfy { theirs, ours in
        if theirs == ours { return true }
        guard let theirs = try? RESPValue(whole: theirs), let ours = try? RESPValue(whole: ours) else { return false }
        return Comparison.agree(request, theirs, ours)
      }
    }

    @Test(arguments: Scripts.all)
    func `conversations are the same on Redis and Swiftlet`(script: Scripts.Script) throws {
      try compare(script.lines)
      try compare(script.connections.map { "\($0): HELLO 3\n" }.joined() + script.lines)
    }

    @Test func `random subscribers and publishers hear the same`() throws {
      let seed = InteropTests.environment("SWIFTLET_SEED").flatMap { UInt64($0) } ?? .random(in: 0 ... .max)
      print("publishing at random, seed \(seed)")
      var generator = WordGenerator(seed: seed)
      for _ in 0..<12 {
        var script = ""
        for _ in 0..<60 {
          script += "\(generator.number(0...2)): \(generator.pick(Scripts.pubSubLines))\n"
        }
        try compare(script)
      }
    }

    @Test(arguments: Scripts.rawInputs)
    func `bytes that are no requests get the same answer and end`(input: String) throws {
      let replies = try [redis.port, swiftlet.port].map { port in
        let client = try Client(port: port, seconds: 5)
        try client.send(input)
        client.shutDownWriting()
        return try client.readToEnd()
      }
      #expect(replies[0] == replies[1], "\(shown(Array(input.utf8)))")
    }
  }
}

extension Substring {
  fileprivate var trimmingSpaces: Substring { drop { $0 == " " } }
}

/// The connections of a script to one server, made when they first speak.
private final class Conversation {
  private let port: UInt16
  private var clients: [Int: RESPClient] = [:]
  private var queueing: Set<Int> = []
  private var silent: Set<Int> = []
  private var markers = 0

  init(port: UInt16) throws {
    self.port = port
    try RESPClient(port: port).ask("FLUSHALL")
  }

  /// Sends a request; what each connection has received since, in the order of the connections.
  func carryOut(_ step: Step) throws -> [[UInt8]] {
    if clients[step.connection] == nil { clients[step.connection] = try RESPClient(port: port, seconds: 5) }
    try clients[step.connection]?.send([step.request])
    var received: [[UInt8]] = []
    for (number, client) in clients.sorted(by: { $0.key < $1.key }) {
      if queueing.contains(number) {
        received.append(number == step.connection ? try client.readReply() : [])
      } else if number == step.connection, Step.verb(of: step.request) == "MULTI" {
        received.append(try client.readReply())
      } else {
        received.append(try readToMarker(client))
      }
      if number == step.connection { follow(step, received.last ?? []) }
    }
    return received
  }

  private func follow(_ step: Step, _ reply: [UInt8]) {
    switch Step.verb(of: step.request) {
    case "MULTI" where reply == Array("+OK\r\n".utf8): queueing.insert(step.connection)
    case "EXEC", "DISCARD", "RESET": queueing.remove(step.connection)
    default: break
    }
  }

  /// What a client has received: what comes before the reply to a PING with a word of its own.
  private func readToMarker(_ client: RESPClient) throws -> [UInt8] {
    markers += 1
    let marker = Array("marker-\(markers)".utf8)
    try client.send([[Array("PING".utf8), marker]])
    var received: [UInt8] = []
    while true {
      let reply = try client.readReply()
      if Self.isAnswer(try RESPValue(whole: reply), to: marker) { return received }
      received += reply
    }
  }

  private static func isAnswer(_ reply: RESPValue, to marker: [UInt8]) -> Bool {
    reply == .bulk(marker) || reply.elements == [.bulk(Array("pong".utf8)), .bulk(marker)]
  }
}
