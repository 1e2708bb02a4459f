// A whole connection: the bytes go through the production server, from accepting to closing. However they arrive, and
// however little of the replies is taken at once, the client is told the same and the keys are the same. Replies are
// whole, and as many as there are requests. When the client has gone, the server serves the next one, and nothing is
// left of either; what its journal holds is what its memory holds.
//
// Flags: 0 and 1 the listener's dialect: 2 lines, 3 RESP, else both; 2 with a journal; 3 low limits; 4 a slow reader;
// 5 a password; 6 long values.

import Bytes
import Commands
import LinuxIO
import Logging
import Reactor
import Wire

enum ConnectionTarget {
  static func run(_ input: FuzzInput) {
    let setup = Setup(input)
    let facts = InputFacts(input.body, setup)
    let whole = Visit(setup, [input.body[...]], room: .max, facts)
    if !facts.dependsOnTurns {
      let room = input.has(4) ? 16 + Int(input.gaps[0]) * 64 : Int.max
      var arrivals = [input.pieces]
      if input.body.count <= 256 { arrivals.append(input.bytes) }
      for pieces in arrivals {
        let split = Visit(setup, pieces, room: room, facts)
        check(
          split.output == whole.output,
          "pieces are answered as the whole is: \(text(split.output)) and not \(text(whole.output))")
        check(split.contents == whole.contents, "pieces lead to the same keys as the whole")
      }
    }
    holdReplies(whole, facts, setup)
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes.suffix(2_000), as: UTF8.self) }

  /// Looks at the replies as a client does.
  private static func holdReplies(_ visit: Visit, _ facts: InputFacts, _ setup: Setup) {
    guard visit.hasEnded else { return }
    if facts.isLines {
      if facts.isRefused { return }
      check(visit.output.isEmpty || visit.output.last == 10, "replies end in a line feed: \(text(visit.output))")
      let isText =
        String(validating: visit.output, as: UTF8.self)?.unicodeScalars.allSatisfy {
          $0 == "\n" || $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)
        } ?? false
      check(isText, "replies are lines of text: \(text(visit.output))")
    } else {
      guard let count = ReplyCounter.count(visit.output) else {
        return check(false, "replies are whole: \(text(visit.output))")
      }
      if facts.hasOneReplyEach, setup.password.isEmpty {
        check(count == facts.replies, "\(count) replies to \(facts.replies) requests: \(text(visit.output))")
      }
    }
  }
}

/// What the server is like.
struct Setup {
  let dialect: Dialect?
  let hasJournal: Bool
  let password: [UInt8]
  let configuration: ServerConfiguration

  init(_ input: FuzzInput) {
    switch input.flags & 3 {
    case 2: dialect = .line
    case 3: dialect = .resp2
    default: dialect = nil
    }
    hasJournal = input.has(2)
    password = input.has(5) ? Array("pw".utf8) : []
    var configuration = ServerConfiguration()
    configuration.listen = [ListenPoint(.tcp(host: "127.0.0.1", port: 7878), dialect: dialect)]
    configuration.connectionsMax = 4
    if hasJournal { configuration.storage = StorageConfiguration(directory: "data", sync: .always) }
    configuration.segmentBytes = 1 << 13
    configuration.settings.password = password
    configuration.settings.memoryBytesMax = 8 << 20
    configuration.settings.valueBytesMax = input.has(6) ? 300_000 : 5_000
    configuration.settings.keyBytesMax = 200
    if input.has(3) {
      configuration.wire.lineBytesMax = 100
      configuration.wire.argumentsMax = 10
    }
    self.configuration = configuration
  }

  /// What requests are held to, as the server has it.
  var limits: WireLimits {
    var limits = configuration.wire
    limits.bulkBytesMax = max(configuration.settings.valueBytesMax, configuration.settings.keyBytesMax)
    return limits
  }
}

/// What can be known of an input without a server.
struct InputFacts {
  let isLines: Bool
  /// Whether the connection is closed for speaking something else.
  var isRefused = false
  private var verbs: Set<String> = []
  /// Requests, and what is none, which has a reply too.
  private(set) var replies = 0

  /// Verbs whose replies tell of turns, buffers and time, that stop the server, or that change how the rest is read.
  private static let turns: Set = [
    "INFO", "CLIENT", "MEMORY", "SLOWLOG", "LATENCY", "CONFIG", "SHUTDOWN", "BGREWRITEAOF", "BGSAVE", "SAVE",
    "LASTSAVE",
  ]
  /// Verbs that are not answered once, or after which nothing is.
  private static let others: Set = [
    "QUIT", "SUBSCRIBE", "PSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "PUBLISH", "SHUTDOWN", "CLIENT", "CONFIG",
  ]

  init(_ body: [UInt8], _ setup: Setup) {
    isLines = setup.dialect == .line || setup.dialect == nil && body.first != UInt8(ascii: "*")
    if isLines {
      let outcome = LineOutcome([body[...]], setup.limits, setup.dialect == .line)
      for item in outcome.items {
        if case .request(let words) = item { note(words) }
        if case .refused = item { isRefused = true }
      }
    } else {
      let outcome = RESPOutcome([body[...]], setup.limits, true)
      for words in outcome.requests { note(words) }
      if outcome.fault != nil { replies += 1 }
    }
  }

  private mutating func note(_ words: [[UInt8]]) {
    verbs.insert(String(decoding: words[0], as: UTF8.self).uppercased())
    replies += 1
  }

  var dependsOnTurns: Bool { !verbs.isDisjoint(with: Self.turns) }
  var hasOneReplyEach: Bool { verbs.isDisjoint(with: Self.others) }
  /// Whether the client may have been made to wait for years, or the server to stop.
  var mayNotEnd: Bool { !verbs.isDisjoint(with: ["CLIENT", "SHUTDOWN", "CONFIG"]) }
}

/// One client's visit to a new server, and what is left of it.
struct Visit {
  private(set) var output: [UInt8] = []
  private(set) var contents: [[UInt8]: StoredValue] = [:]
  /// Whether the server closed the connection in good order, and was not stopped.
  private(set) var hasEnded = false

  /// The longest time that a command lets a client wait, and more.
  private static let patienceMilliseconds: UInt64 = 200_000_000

  init(_ setup: Setup, _ pieces: [ArraySlice<UInt8>], room: Int, _ facts: InputFacts) {
    let machine = Machine()
    var server = Self.start(setup, machine)
    let client = machine.connect(pieces, room: room)
    Self.turn(&server, machine, until: client)
    output = machine.sockets[client].output
    hasEnded = machine.sockets[client].isClosed && server.exitStatus == nil
    if !hasEnded {
      check(facts.mayNotEnd, "a client that has ended is answered and closed")
      return
    }
    contents = RecordsTarget.contents(of: server.executor.keyspace, now: machine.wallMilliseconds)

    let greeting = setup.dialect == .resp2 ? "*1\r\n$4\r\nPING\r\n" : "PING\n"
    let next = machine.connect([Array(greeting.utf8)[...]], room: .max)
    Self.turn(&server, machine, until: next)
    if !machine.sockets[next].isClosed {
      check(facts.mayNotEnd, "the next client is served")
      return
    }
    check(!machine.sockets[next].output.isEmpty, "the next client is answered")

    check(server.holdings.isEmpty, "nothing is left of either: \(server.holdings)")
    server.executor.keyspace.checkInvariants()
    if setup.hasJournal, pieces.count == 1 { Self.checkJournal(&server, setup, machine) }
  }

  private static func start(_ setup: Setup, _ machine: Machine) -> Server<MachinePlatform> {
    do throws(StartError) {
      var server = try Server.start(
        platform: MachinePlatform(machine: machine), configuration: setup.configuration,
        log: Logger(label: "fuzzing") { _ in SwiftLogNoOpLogHandler() })
      while server.executor.isLoading, server.exitStatus == nil { server.turn() }
      check(server.exitStatus == nil, "a server starts on what a server wrote")
      return server
    } catch {
      fatalError("the server starts: \(error)")
    }
  }

  /// Has the server run until a client's connection is closed.
  private static func turn(_ server: inout Server<MachinePlatform>, _ machine: Machine, until client: Int) {
    let end = machine.elapsed + patienceMilliseconds
    var turns = 0
    while !machine.sockets[client].isClosed, server.exitStatus == nil, machine.elapsed < end {
      server.turn()
      turns += 1
      let moved = machine.sockets[client].output.count / 16
      guard turns > 100_000 + moved else { continue }
      return check(false, "the server comes to rest")
    }
  }

  /// What a server finds that starts on this one's disk is what this one has.
  private static func checkJournal(_ server: inout Server<MachinePlatform>, _ setup: Setup, _ machine: Machine) {
    var turns = 0
    repeat {
      server.turn()
      turns += 1
    } while (!machine.isAtRest || !machine.jobs.isEmpty) && turns < 1_000
    let now = machine.wallMilliseconds
    let there = RecordsTarget.contents(of: server.executor.keyspace, now: now)
    let again = start(setup, Machine(files: machine.files, nanoseconds: machine.nanoseconds))
    again.executor.keyspace.checkInvariants()
    let found = RecordsTarget.contents(of: again.executor.keyspace, now: now)
    check(found == there, "what is found on disk, \(found), is what was in memory, \(there)")
  }
}

/// Counts replies of the Redis protocol.
enum ReplyCounter {
  /// How many there are; nil if they are not all whole.
  static func count(_ bytes: [UInt8]) -> Int? {
    var position = 0
    var count = 0
    while position < bytes.count {
      guard skip(bytes, &position) else { return nil }
      count += 1
    }
    return count
  }

  private static func skip(_ bytes: [UInt8], _ position: inout Int) -> Bool {
    guard position < bytes.count, let end = bytes[position...].firstIndex(of: 10), end > position + 1,
      bytes[end - 1] == 13
    else { return false }
    let tag = bytes[position]
    let line = bytes[(position + 1)..<(end - 1)]
    position = end + 1
    switch tag {
    case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "#"),
      UInt8(ascii: ","):
      return true
    case UInt8(ascii: "$"), UInt8(ascii: "="):
      guard let count = Int(String(decoding: line, as: UTF8.self)), count >= -1 else { return false }
      if count == -1 { return true }
      guard bytes.count - position >= count + 2, bytes[position + count] == 13, bytes[position + count + 1] == 10 else {
        return false
      }
      position += count + 2
      return true
    case UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: ">"), UInt8(ascii: "%"):
      guard let count = Int(String(decoding: line, as: UTF8.self)), count >= -1 else { return false }
      for _ in 0..<max(0, count) * (tag == UInt8(ascii: "%") ? 2 : 1) {
        guard skip(bytes, &position) else { return false }
      }
      return true
    default: return false
    }
  }
}
