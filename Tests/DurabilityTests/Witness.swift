// A client that remembers: it sends pipelines of writes to keys of its own, notes which were acknowledged, and can tell
// of what it finds after a restart whether a server may have it. Requests of one connection are executed in order, so
// what is there has to be what was acknowledged, and of the rest the first few requests, each whole or not at all.

import Glibc
import TestSupport

/// One connection, its keys, and what it was told of them.
final class Witness {
  /// Requests that are executed together: one, or a transaction.
  struct Step {
    var requests: [[String]]
    var isTransaction: Bool
    var replyCount: Int { isTransaction ? requests.count + 2 : 1 }

    var words: [[String]] { isTransaction ? [["MULTI"]] + requests + [["EXEC"]] : requests }
  }

  private let name: String
  private var random: SeededGenerator
  /// What is there at least.
  private(set) var acknowledged = Ledger()
  /// What was sent and not acknowledged.
  private(set) var pending: [Step] = []
  private var repliesLeft = 0
  private var connection: RESPClient?
  var isConnected: Bool { connection != nil }
  /// Requests that were acknowledged so far.
  private(set) var acknowledgedCount = 0
  private(set) var refusedCount = 0
  /// What was answered that cannot be.
  private(set) var surprise: String?

  private static let keyCount = 6

  init(_ name: String, seed: UInt64) {
    self.name = name
    random = SeededGenerator(seed: seed)
  }

  // MARK: - Work

  func connect(port: UInt16) throws { connection = try RESPClient(port: port) }

  /// Sends a pipeline if nothing is pending, and notes what was answered; false once the server is gone.
  func work() -> Bool {
    guard let client = connection?.client else { return false }
    if pending.isEmpty {
      pending = (0..<Int(1 + random.next() % 8)).map { _ in step() }
      repliesLeft = pending[0].replyCount
      let bytes = pending.flatMap(\.words).flatMap { RESPClient.encode($0.map { Array($0.utf8) }) }
      if client.sendSome(bytes) < bytes.count { return false }
    }
    return takeReplies()
  }

  /// Notes what was answered before the server ended.
  func listenToTheEnd() {
    while takeReplies() { usleep(500) }
    connection = nil
  }

  /// Notes what has been answered by now.
  func takeAnswers() { _ = takeReplies() }

  private func takeReplies() -> Bool {
    guard let client = connection?.client else { return false }
    let isOpen = client.receiveAvailable()
    while !pending.isEmpty, let reply = try? client.nextReply() {
      note(reply)
    }
    return isOpen
  }

  private func note(_ reply: RESPValue) {
    repliesLeft -= 1
    let isRefused = reply.text?.hasPrefix("MISCONF") == true || reply.text?.hasPrefix("EXECABORT") == true
    if reply.isError, !isRefused { surprise = "\(pending[0].requests) was answered \(reply)" }
    guard repliesLeft == 0 else { return }
    let step = pending.removeFirst()
    if isRefused {
      refusedCount += 1
    } else {
      for request in step.requests { acknowledged.execute(request) }
      acknowledgedCount += 1
    }
    repliesLeft = pending.first?.replyCount ?? 0
  }

  // MARK: - Truth

  /// Compares what a server has with what it must have; returns what is wrong, or nil.
  func verify(port: UInt16) throws -> String? {
    if let surprise { return surprise }
    let found = try read(port: port)
    var allowed = acknowledged
    var isAllowed = found == allowed
    for step in pending where !isAllowed {
      for request in step.requests { allowed.execute(request) }
      isAllowed = found == allowed
    }
    defer {
      acknowledged = found
      pending = []
    }
    guard !isAllowed else { return nil }
    let keys = Set(found.entries.keys).union(acknowledged.entries.keys)
    let wrong = keys.filter { found.entries[$0] != acknowledged.entries[$0] }.sorted().map { key in
      "\(key) is \(show(found.entries[key])), acknowledged \(show(acknowledged.entries[key]))"
    }
    return "\(name): \(wrong.joined(separator: "; ")); pending \(pending.map(\.requests))"
  }

  private func read(port: UInt16) throws -> Ledger {
    let client = try RESPClient(port: port)
    var ledger = Ledger()
    for key in (0..<Self.keyCount).flatMap({ ["\(name):s\($0)", "\(name):c\($0)"] }) {
      guard case .bulk(let value) = try client.ask("GET \(key)") else { continue }
      let expiry = try client.ask("EXPIRETIME \(key)").integer ?? -1
      ledger.entries[key] = Ledger.Entry(value: value, expiry: expiry < 0 ? nil : expiry)
    }
    return ledger
  }

  private func show(_ entry: Ledger.Entry?) -> String {
    guard let entry else { return "missing" }
    return "\(entry.value.count) bytes, \(entry.value.prefix(40)) …, expiry \(entry.expiry ?? 0)"
  }

  // MARK: - Requests

  private func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
  private func text() -> String {
    "\(name)\(String(repeating: "\(pick(10))", count: pick(8) == 0 ? pick(3_000) : pick(60)))"
  }
  private func stringKey() -> String { "\(name):s\(pick(Self.keyCount))" }

  private func step() -> Step {
    if pick(6) == 0 {
      return Step(requests: (0..<1 + pick(4)).map { _ in request() }, isTransaction: true)
    }
    if pick(12) == 0 {
      // Of a key that is there for certain, so that it succeeds.
      let key = stringKey()
      return Step(requests: [["SET", key, text()], ["RENAME", key, stringKey()]], isTransaction: true)
    }
    return Step(requests: [request()], isTransaction: false)
  }

  private func request() -> [String] {
    // Far enough away that nothing expires while a test runs.
    let moment = "\(4_000_000_000 + pick(1_000_000))"
    switch pick(12) {
    case 0, 1: return ["SET", stringKey(), text()]
    case 2: return ["SET", stringKey(), text(), "EXAT", moment]
    case 3: return ["DEL", stringKey(), stringKey()]
    case 4, 5: return ["INCR", "\(name):c\(pick(Self.keyCount))"]
    case 6: return ["APPEND", "\(name):s0", text()]
    case 7: return ["SETRANGE", stringKey(), "\(pick(4_000))", text()]
    case 8: return ["EXPIREAT", stringKey(), moment]
    case 9: return ["PERSIST", stringKey()]
    default: return ["MSET"] + (0..<1 + pick(Self.keyCount)).flatMap { ["\(name):s\($0)", text()] }
    }
  }
}
