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
        let step = Step(connection: number, request: request)
        let replies = try sides.map { try $0.carryOut(step) }
        let isSame = try replies[0] == replies[1] || Self.agree(step, replies[0], replies[1])
        #expect(
          isSame,
          "\(line)\n redis:    \(replies[0].map { shown($0) })\n swiftlet: \(replies[1].map { shown($0) })",
          sourceLocation: sourceLocation)
      }
    }

    /// Whether two servers' clients have received the same, but for orders that are not laid down.
    private static func agree(_ step: Step, _ redis: [[UInt8]], _ swiftlet: [[UInt8]]) throws -> Bool {
      for (theirs, ours) in zip(redis, swiftlet) where theirs != ours {
        let (theirs, ours) = (try values(theirs), try values(ours))
        if theirs.count == 1, ours.count == 1, Comparison.agree(step.request, theirs[0], ours[0]) { continue }
        guard ["PUBLISH", "UNSUBSCRIBE", "PUNSUBSCRIBE", "RESET", "EXEC"].contains(step.verb),
          Comparison.sorted(theirs.map(withoutCount)) == Comparison.sorted(ours.map(withoutCount))
        else { return false }
      }
      return true
    }

    private static func values(_ bytes: [UInt8]) throws -> [RESPValue] {
      var position = 0
      var values: [RESPValue] = []
      while let value = try RESPValue.parse(bytes, at: &position) { values.append(value) }
      return values
    }

    /// What is left of which is told in the order in which subscriptions end.
    private static func withoutCount(_ value: RESPValue) -> RESPValue {
      guard let elements = value.elements else { return value }
      if ["unsubscribe", "punsubscribe"].contains(elements.first?.text), elements.count == 3 {
        return .array(Array(elements.prefix(2)))
      }
      return .array(elements.map(withoutCount))
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
      if Differences.ofTheWire.contains(where: { $0.input == input }) { return }
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
  /// Those that have turned replies off, so that a marker would get none.
  private var silent: Set<Int> = []
  private var markers = 0

  init(port: UInt16) throws {
    self.port = port
    try RESPClient(port: port).ask("FLUSHALL")
  }

  /// Sends a request; what each connection has received since, that which asked being the first.
  func carryOut(_ step: Step) throws -> [[UInt8]] {
    if clients[step.connection] == nil { clients[step.connection] = try RESPClient(port: port, seconds: 5) }
    try clients[step.connection]?.send([step.request])
    let isSkip = step.request == words("CLIENT REPLY SKIP") && !silent.contains(step.connection)
    if isSkip || step.request == words("CLIENT REPLY OFF") { silent.insert(step.connection) }
    if step.request == words("CLIENT REPLY ON") { silent.remove(step.connection) }
    defer { if isSkip { silent.remove(step.connection) } }
    var received: [[UInt8]] = []
    // Who asks is answered first: then the others have got what the request sends them.
    let others = clients.keys.filter { $0 != step.connection }.sorted()
    for number in [step.connection] + others {
      guard let client = clients[number] else { continue }
      if silent.contains(number) {
        received.append([])
      } else if queueing.contains(number) {
        received.append(number == step.connection ? try client.readReply() : [])
      } else if number == step.connection, Step.verb(of: step.request) == "MULTI" {
        received.append(try client.readReply())
      } else {
        received.append(try readToMarker(client))
      }
    }
    follow(step, received[0])
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
