import Bytes
import Commands
import Store
import Wire

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
  init(_ dialect: Dialect = .resp2, _ settings: Settings = Settings(), now: Int64 = 1_700_000_000_123) {
    let seed = HashSeed(0x1234_5678_9ABC_DEF1, 0x0FED_CBA9_8765_4321, 0x1357_9BDF_0246_8ACF, 0xA5A5_5A5A_C3C3_3C3C)
    let keyspace: Keyspace
    do throws(StoreError) {
      keyspace = try Keyspace(seed: seed, pages: .heap, memoryLimitBytes: settings.memoryBytesMax)
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
    let outcome = execute(nanoseconds: nanoseconds)
    asked = .none
    settle(outcome)
    let reply = executor.replies.buffer.span.copied
    executor.replies.buffer.removeAll()
    executor.deliveries.removeAll()
    return reply
  }

  /// Executes one request whose words are text without spaces, and returns its reply as text.
  @discardableResult
  func run(_ line: String, of slot: Int = 0, nanoseconds: UInt64 = 0) -> String {
    let words = line.split(separator: " ").map { $0 == "\"\"" ? [] : Array($0.utf8) }
    return String(decoding: run(words, of: slot, nanoseconds: nanoseconds), as: UTF8.self)
  }

  private func execute(nanoseconds: UInt64) -> Outcome {
    var index = 0
    switch executor.executeRun(batch, from: &index, of: buffer, repliesMax: .max) {
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
