import Bytes
import Store
import Wire

@testable import Commands

/// A client's session with an executor, without a server: requests as words, replies as the bytes that would be sent.
///
/// It does for commands that ask what a server would do, with facts of its own; a class, so that expectations can hold
/// it.
final class Session {
  var executor: CommandExecutor
  var facts = ServerFacts()
  /// What the last request wanted of the server.
  private(set) var asked = ServerRequest.none
  private var batch = RequestBatch()
  private var buffer = ByteBuffer()

  /// Begins the session of the client at place 0 with a keyspace of its own.
  init(
    _ dialect: Dialect = .resp2, _ settings: Settings = Settings(), memoryLimitBytes: UInt64? = nil,
    now: Int64 = 1_700_000_000_123
  ) {
    let seed = HashSeed(0x1234_5678_9ABC_DEF1, 0x0FED_CBA9_8765_4321, 0x1357_9BDF_0246_8ACF, 0xA5A5_5A5A_C3C3_3C3C)
    let keyspace: Keyspace
    do throws(StoreError) {
      keyspace = try Keyspace(seed: seed, pages: .heap, memoryLimitBytes: memoryLimitBytes ?? settings.memoryBytesMax)
    } catch {
      fatalError("there is memory for an empty keyspace: \(error)")
    }
    executor = CommandExecutor(keyspace: keyspace, settings: settings, clientsMax: 4, randomSeed: 1)
    executor.now = now
    facts.connectionsMax = 4
    facts.tcpPort = 7878
    facts.hosts = Array("127.0.0.1".utf8)
    facts.logLevel = Array("notice".utf8)
    facts.residentBytes = 16 << 20
    facts.machineBytes = 1 << 30
    facts.uptimeMilliseconds = 90_000
    open(0, dialect)
  }

  /// Begins the session of another client.
  func open(_ slot: Int, _ dialect: Dialect) {
    executor.openClient(slot, dialect: dialect)
    executor.select(slot)
  }

  /// Executes one request of a client, and returns its reply.
  @discardableResult
  func run(_ words: [[UInt8]], of slot: Int = 0, nanoseconds: UInt64 = 0) -> [UInt8] {
    let outcome = outcome(of: words, slot, nanoseconds: nanoseconds)
    asked = .none
    settle(outcome)
    return takeReply()
  }

  private func outcome(of words: [[UInt8]], _ slot: Int, nanoseconds: UInt64) -> Outcome {
    buffer.removeAll()
    buffer.append(tag: UInt8(ascii: "*"), number: Int64(words.count))
    for word in words { buffer.append(tag: UInt8(ascii: "$"), counted: word.span) }
    var position = 0
    var state = RESPState()
    let parsed = RESPParser.fill(
      &batch, from: &buffer, at: &position, state: &state, limits: WireLimits(), isAuthenticated: true)
    precondition(parsed == .incomplete && batch.count == 1, "the words are one request")
    executor.select(slot)
    executor.prepare(batch, of: buffer)
    return execute(nanoseconds: nanoseconds)
  }

  /// Executes one request whose words are text without spaces, and returns its reply as text.
  @discardableResult
  func run(_ line: String, of slot: Int = 0, nanoseconds: UInt64 = 0) -> String {
    let words = line.split(separator: " ").map { $0 == "\"\"" ? [] : Array($0.utf8) }
    return String(decoding: run(words, of: slot, nanoseconds: nanoseconds), as: UTF8.self)
  }

  /// Executes one request whose words are texts, and returns its reply as a transcript spells it.
  @discardableResult
  func ask(_ words: String...) -> String { Self.shown(run(words.map { Array($0.utf8) })) }

  /// Executes one request written as in a transcript, and returns its reply spelt as there.
  @discardableResult
  func run(typed line: String) -> String { Self.shown(run(Self.words(line))) }

  /// The same of a command of several, which need not be in the table.
  func run(typed line: String, among rows: [Command], of container: StaticString) -> String {
    buffer.removeAll()
    var ranges = RangeList()
    for word in Self.words(line) {
      ranges.append(ByteRange(offset: buffer.count, count: word.count))
      buffer.append(word.span)
    }
    _ = executor.runSubcommand(of: rows, container: container, Request(bytes: buffer.span, words: ranges.span))
    return Self.shown(takeReply())
  }

  /// An integer reply's number, or nil for any other reply.
  func integer(_ words: [UInt8]...) -> Int? {
    let reply = run(words)
    return reply.first == UInt8(ascii: ":") ? Int(String(decoding: reply.dropFirst().dropLast(2), as: UTF8.self)) : nil
  }

  /// A bulk reply's bytes, or nil for any other reply.
  func bulk(_ words: [UInt8]...) -> [UInt8]? { Self.bulk(in: run(words)) }

  /// The bytes of a bulk reply, or nil if it is another reply.
  static func bulk(in reply: [UInt8]) -> [UInt8]? {
    guard reply.first == UInt8(ascii: "$"), let end = reply.firstIndex(of: 10), reply[1] != UInt8(ascii: "-") else {
      return nil
    }
    return Array(reply[(end + 1)..<(reply.count - 2)])
  }

  /// Checks the keyspace whole.
  func checkInvariants() { executor.keyspace.checkInvariants() }

  // MARK: - Long replies

  /// Executes a request of a client whose reply takes many turns, and returns what names it.
  func begin(_ words: [[UInt8]], of slot: Int = 0) -> LongReplyID? {
    let outcome = outcome(of: words, slot, nanoseconds: 0)
    guard case .longReply(let id) = outcome else { return nil }
    return id
  }

  /// Writes a slice of a long reply; returns what it is, and whether there is more.
  func step(_ id: LongReplyID, of slot: Int = 0, bytes: Int = 10_000) -> (bytes: [UInt8], isRunning: Bool) {
    executor.select(slot)
    let isRunning = executor.step(id, buckets: 8, bytes: bytes) == .running
    return (takeReply(), isRunning)
  }

  /// Writes the rest of a long reply.
  func finish(_ id: LongReplyID, of slot: Int = 0, bytes: Int = 10_000) -> [UInt8] {
    var reply: [UInt8] = []
    while true {
      let slice = step(id, of: slot, bytes: bytes)
      reply += slice.bytes
      if !slice.isRunning { return reply }
    }
  }

  private func takeReply() -> [UInt8] {
    let reply = executor.replies.buffer.span.copied
    executor.replies.buffer.removeAll()
    executor.deliveries.removeAll()
    return reply
  }

  // MARK: - Executing

  private func execute(nanoseconds: UInt64) -> Outcome {
    var index = 0
    switch executor.executeRun(batch, from: &index, to: batch.count, of: buffer, repliesMax: .max) {
    case .done: return .replied
    case .full: fatalError("there is no bound to fill")
    case .outcome(let outcome): return outcome
    case .timed:
      let outcome = executor.executeTimed(batch, 0, of: buffer)
      if executor.record(batch, 0, of: buffer, nanoseconds: nanoseconds) {
        executor.noteAddressOfSlowCommand(Array("127.0.0.1:50000".utf8))
      }
      return outcome
    }
  }

  private func settle(_ outcome: Outcome) {
    switch outcome {
    case .replied, .closing, .waits: break
    case .longReply(let reply):
      while executor.step(reply, buckets: 64, bytes: 64 * 1024) == .running {}
    case .transaction:
      var requests = ByteBuffer()
      var words = RangeList()
      while executor.nextQueued(&words, &requests) {
        settle(executor.execute(words, of: requests))
      }
      executor.endReply()
    case .asks:
      asked = executor.asked
      if case .facts(let request) = asked { executor.answer(request, facts) }
    }
  }
}
