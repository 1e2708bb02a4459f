// Two servers that are sent the same streams. Each stream begins with an empty keyspace and new connections, so that it
// can be run again by itself, with fewer of its steps too.

import TestSupport

/// A step of a stream on which the two servers disagree.
struct Disagreement {
  /// The step's place in its stream; the stream's length for what differs after its end.
  let index: Int
  let request: Words
  let redis: [UInt8]
  let swiftlet: [UInt8]

  /// Disagreements of one kind are told once.
  var kind: String {
    guard let redis = try? RESPValue(whole: redis), let swiftlet = try? RESPValue(whole: swiftlet) else { return "" }
    return Self.kind(Step.verb(of: request), redis, swiftlet)
  }

  private static func kind(_ verb: String, _ redis: RESPValue, _ swiftlet: RESPValue) -> String {
    if let theirs = redis.elements, let ours = swiftlet.elements, theirs.count == ours.count,
      let index = theirs.indices.first(where: { theirs[$0] != ours[$0] })
    {
      return kind("\(verb) *", theirs[index], ours[index])
    }
    let shapes = [redis, swiftlet].map { $0.isError ? String(($0.text ?? "").prefix(24)) : Comparison.shape($0) }
    return "\(verb) \(shapes[0]) / \(shapes[1])"
  }
}

/// Redis and Swiftlet, or any two servers that are to agree.
final class ServerPair {
  private let ports: [UInt16]
  private let controls: [RESPClient]
  /// Requests sent so far.
  private(set) var requestCount = 0

  init(redis: UInt16, swiftlet: UInt16) throws {
    ports = [redis, swiftlet]
    controls = try ports.map { try RESPClient(port: $0, seconds: 10) }
  }

  /// Whether the second server knows a command.
  func isOffered(_ verb: String) -> Bool {
    guard let reply = try? controls[1].ask(Array(verb.utf8)) else { return false }
    return reply.text?.hasPrefix("ERR unknown command") != true
  }

  /// Runs a stream; stops at the first disagreement if `isShort`.
  func run(_ steps: [Step], isShort: Bool = false) throws -> [Disagreement] {
    for (name, control) in zip(["redis", "swiftlet"], controls) {
      do {
        try control.ask("FLUSHALL")
      } catch {
        throw TestFailure("\(name), before the stream: \(error)")
      }
    }
    var run = try StreamRun(ports: ports)
    var found: [Disagreement] = []
    var start = 0
    while start < steps.count {
      // What one connection sends in a row goes out in one piece; the other one waits until it is answered.
      var end = start + 1
      while end < steps.count, end - start < 32, steps[end].connection == steps[start].connection { end += 1 }
      found += try run.send(steps[start..<end])
      if isShort, !found.isEmpty { return found }
      start = end
    }
    requestCount += steps.count
    return found + (try compareKeyspaces(at: steps.count))
  }

  private func compareKeyspaces(at index: Int) throws -> [Disagreement] {
    let keys = try controls.map(allKeys)
    guard keys[0] == keys[1] else {
      return [
        Disagreement(
          index: index, request: words("all keys"), redis: Array(shown(keys[0]).utf8),
          swiftlet: Array(shown(keys[1]).utf8))
      ]
    }
    var found: [Disagreement] = []
    for key in keys[0] {
      for verb in ["GET", "PEXPIRETIME", "TYPE"] {
        let request = [Array(verb.utf8), key]
        for control in controls { try control.send([request]) }
        let replies = try controls.map { try $0.readReply() }
        if try !Comparison.agree(request, replies[0], replies[1], queued: []) {
          found.append(Disagreement(index: index, request: request, redis: replies[0], swiftlet: replies[1]))
        }
      }
    }
    return found
  }

  private func allKeys(_ control: RESPClient) throws -> Words {
    let reply = try control.ask("KEYS *")
    guard let keys = reply.elements else { throw TestFailure("KEYS: \(reply)") }
    return keys.map { if case .bulk(let key) = $0 { key } else { [] } }.sorted { $0.lexicographicallyPrecedes($1) }
  }
}

/// One run of a stream: its connections, and what they have queued.
private struct StreamRun {
  private let clients: [[RESPClient]]
  private var queues: [[Words]]
  private var position = 0

  init(ports: [UInt16]) throws {
    clients = try ports.map { port in
      try (0..<StreamGenerator.connectionCount).map { _ in try RESPClient(port: port, seconds: 10) }
    }
    queues = Array(repeating: [], count: StreamGenerator.connectionCount)
  }

  /// Sends requests of one connection to both servers, and compares the replies.
  mutating func send(_ steps: ArraySlice<Step>) throws -> [Disagreement] {
    let connection = steps[steps.startIndex].connection
    let requests = steps.map(\.request)
    for side in clients { try side[connection].send(requests) }
    var found: [Disagreement] = []
    for request in requests {
      let redis = try read(0, connection, request)
      let swiftlet = try read(1, connection, request)
      if try !Comparison.agree(request, redis, swiftlet, queued: queues[connection]) {
        found.append(Disagreement(index: position, request: request, redis: redis, swiftlet: swiftlet))
      }
      follow(request, redis, connection)
      position += 1
    }
    return found
  }

  private func read(_ side: Int, _ connection: Int, _ request: Words) throws -> [UInt8] {
    do {
      return try clients[side][connection].readReply()
    } catch {
      throw TestFailure("\(side == 0 ? "redis" : "swiftlet"): no reply to \(shown(request)): \(error)")
    }
  }

  /// Keeps the requests of a transaction for the comparison of what EXEC replies.
  private mutating func follow(_ request: Words, _ reply: [UInt8], _ connection: Int) {
    if reply == Array("+QUEUED\r\n".utf8) {
      queues[connection].append(request)
    } else if ["EXEC", "DISCARD", "RESET"].contains(Step.verb(of: request)) {
      queues[connection] = []
    }
  }
}
