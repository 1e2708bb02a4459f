// The event loop. A turn: wait for events, accept, read and execute, run slices of what was put off, send, do some of
// the work that nobody waits for, look at the timers. Everything happens on the one thread that calls `run`, so
// nothing here or below takes a lock.
//
// Replies of a turn gather in one buffer, with a note for each connection of which part is its own; all are sent
// together before the turn ends. That is also the place where a turn's changes can be made durable before any reply.

import Bytes
public import Commands
import LinuxIO
public import Logging
import Store
import Wire

/// A Swiftlet server on some platform.
public struct Server<P: Platform & ~Copyable>: ~Copyable {
  /// The machine that it runs on.
  public var platform: P
  let configuration: ServerConfiguration
  let log: Logger

  /// The keyspace, and all that is known of clients beyond their connections.
  public internal(set) var executor: CommandExecutor
  var connections: ConnectionTable
  var buffers = BufferPool()
  var timers: TimerWheel
  var clock: LoopClock
  /// The listening sockets, and the dialect that each holds its clients to.
  var listeners: [Listener] = []
  var listenerDialects: [Dialect?] = []

  /// What the connection at hand has sent, with what was kept of it in front.
  var received = ByteBuffer(capacity: ReactorLimits.receiveBytes + ReactorLimits.copiedInputBytesMax)
  /// The requests of it that are executed together.
  var batch = RequestBatch()
  /// Whose the requests of the batch are, if it is not one connection's.
  var gathered = ZeroedArray<Gathered>(count: WireLimits.requestsPerBatchMax)
  var gatheredCount = 0
  /// Whose the parts of the turn's replies are.
  var outbox: [Outgoing] = []
  /// Connections whose kept messages have not been offered to their sockets.
  var unoffered: [ConnectionToken] = []
  /// By place, messages for connections whose reply is not complete.
  var postponedMessages: [Int: PostponedMessages] = [:]
  /// Connections that execute nothing for a while.
  var sleepers: [Sleeper] = []
  /// When listings are next looked at that may be too slow for those that wait, in the loop's milliseconds.
  var slowListingsDue: UInt64 = 0

  /// What keeps the changes, if anything does.
  var journal = JournalState()
  var compaction = Compaction()
  /// What is being loaded.
  var loading = Loading()

  /// When accepting goes on after descriptors ran out, in the loop's milliseconds.
  var acceptResumes: UInt64?
  /// When a stopping server closes what is still open, in the loop's milliseconds.
  var stopDeadline: UInt64?
  /// How the server has ended; nil while it goes on.
  public internal(set) var exitStatus: ExitStatus?
  /// Whether the executor has more to do that nobody waits for.
  var hasBackgroundWork = false
  /// Turns in a row that did not look at the timers.
  var timerSkips = 0
  /// The idle timeout that the timers were set for.
  var scheduledIdleTimeoutSeconds: UInt32 = 0
  /// Lines of the log about clients that were refused: for want of places, of descriptors, of a common protocol.
  var fullHouse = RefusalLog()
  var exhaustion = RefusalLog()
  var foreignProtocols = RefusalLog()

  /// Makes a server with an empty keyspace that listens; throws a line for the person who starts it.
  public static func start(
    platform: consuming P, configuration: ServerConfiguration, log: Logger
  ) throws(StartError) -> Server {
    let reserved = ReactorLimits.reservedDescriptors + configuration.listen.count
    let files = platform.openFileLimit(wanted: configuration.connectionsMax.map { $0 + reserved })
    let wanted = configuration.connectionsMax ?? ReactorLimits.connectionsDefaultMax
    let connectionsMax = min(wanted, files - reserved)
    if let limit = configuration.settings.memoryBytesMax, limit < ReactorLimits.memoryBytesMin {
      throw StartError("--memory-limit is too low: the empty table alone takes more; give at least 1m")
    }
    guard connectionsMax > 0 else {
      throw StartError("no client can connect: the limit on open files is \(files), and \(reserved) are needed besides")
    }
    let seed = HashSeed(
      platform.randomWord(), platform.randomWord(), platform.randomWord(), platform.randomWord())
    let keyspace: Keyspace
    do throws(StoreError) {
      keyspace = try Keyspace(
        seed: seed, pages: platform.pageSource, memoryLimitBytes: configuration.settings.memoryBytesMax)
    } catch {
      throw StartError("there is no memory for an empty keyspace")
    }
    var server = Server(platform, configuration, log, keyspace, connectionsMax: connectionsMax)
    try server.beginLoading()
    try server.startListening()
    server.announce(files: files)
    if !server.executor.isLoading { server.announceReady() }
    return server
  }

  private init(
    _ platform: consuming P, _ configuration: ServerConfiguration, _ log: Logger, _ keyspace: consuming Keyspace,
    connectionsMax: Int
  ) {
    executor = CommandExecutor(
      keyspace: keyspace, settings: configuration.settings, clientsMax: connectionsMax,
      randomSeed: platform.randomWord())
    executor.now = platform.wallMilliseconds()
    connections = ConnectionTable(count: connectionsMax)
    timers = TimerWheel(count: connectionsMax)
    clock = LoopClock(nanoseconds: platform.monotonicNanoseconds())
    self.platform = platform
    self.configuration = configuration
    self.log = log
    outbox.reserveCapacity(ReactorLimits.eventsPerTurnMax)
  }

  /// Runs turns until a signal ends the server.
  public mutating func run() -> ExitStatus {
    while true {
      turn()
      if let exitStatus { return exitStatus }
    }
  }

  /// One turn of the loop.
  public mutating func turn() {
    let planned = waitMilliseconds()
    let eventCount = platform.wait(milliseconds: planned)
    clock.advance(to: platform.monotonicNanoseconds(), planned: planned)
    executor.now = platform.wallMilliseconds()
    if executor.isLoading { recover() }
    wakeSleepers()
    for index in 0..<eventCount {
      handle(platform.event(index))
      if executor.replies.buffer.count >= configuration.turn.turnOutputBytesHigh { flush() }
    }
    if gatheredCount > 0 { executeGathered() }
    runSlices()
    compact()
    flush()
    commit()
    let hasBuffers = buffers.giveBackSome()
    hasBackgroundWork = executor.runBackgroundWork(units: configuration.turn.backgroundUnitsPerTurn) || hasBuffers
    resumeAcceptingIfDue()
    // A full batch of events may hide some that would have moved a deadline: look at those first, for a while.
    timerSkips = eventCount < ReactorLimits.eventsPerTurnMax ? 0 : timerSkips + 1
    if timerSkips.isMultiple(of: ReactorLimits.timerSkipsMax) { fireTimers() }
    if stopDeadline != nil { continueStopping() }
  }

  private mutating func handle(_ event: Event) {
    switch EventSource(token: event.token) {
    case .signal:
      executeGathered()
      takeSignals()
    case .storage:
      executeGathered()
      takeCompletions()
    case .listener(let index):
      // What came before a client is executed before it is one.
      executeGathered()
      acceptConnections(from: index)
    case .connection(let token):
      guard connections.isCurrent(token) else { return }
      handle(event, of: token)
    }
  }

  @inline(__always)
  private mutating func handle(_ event: Event, of token: ConnectionToken) {
    let slot = token.slot
    if event.isWritable {
      sendKept(slot)
      guard connections.isCurrent(token) else { return }
    }
    guard event.isReadable || event.isBroken else { return }
    if isGatherable(slot) { return gather(slot) }
    if gatheredCount > 0 {
      executeGathered()
      // One of those may have closed it.
      guard connections.isCurrent(token) else { return }
    }
    if connections[slot].flags.contains(.isLingering) {
      discardReceived(slot)
    } else if !isHeldBack(slot) {
      receiveAndExecute(slot)
    } else if connections[slot].flags.contains(.isQueued) {
      return  // It has requests left: those are executed first, and the next look at the socket tells the rest.
    } else if event.isBroken {
      close(slot)
    } else {
      setInterest(slot, connections[slot].interest.subtracting(.readable))
    }
  }

  /// How long the loop may sleep: not at all while there is work, else until the next deadline.
  private func waitMilliseconds() -> Int32? {
    if connections.queuedCount > 0 || hasBackgroundWork || executor.isLoading || hasCompactionWork { return 0 }
    var next = timers.nextDeadline() ?? .max
    if let acceptResumes { next = min(next, acceptResumes) }
    if let stopDeadline, stopDeadline > clock.milliseconds { next = min(next, stopDeadline) }
    if let journalDeadline { next = min(next, journalDeadline) }
    for sleeper in sleepers { next = min(next, wakeTime(of: sleeper)) }
    if let wall = executor.nextWork { next = min(next, clock.milliseconds + UInt64(max(0, wall - executor.now))) }
    guard next != .max else { return nil }
    return next <= clock.milliseconds ? 0 : Int32(clamping: next - clock.milliseconds)
  }
}

/// How the process should end.
public enum ExitStatus: Sendable {
  /// Everything received was answered.
  case finished
  /// A second signal cut the first one's work short.
  case interrupted
  /// What is on disk cannot be read, or what has changed cannot be written.
  case failed
}

/// Why a server cannot start, in one line.
public struct StartError: Error, CustomStringConvertible {
  /// The line.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Whose an event is. Tokens with all upper bits set are the server's own.
enum EventSource {
  case signal
  case storage
  case listener(Int)
  case connection(ConnectionToken)

  private static let own: UInt32 = 0xFFFF_FFFF
  private static let storageIndex: UInt64 = 0xFFFF_FFFF

  init(token: UInt64) {
    guard token >> 32 == UInt64(Self.own) else {
      self = .connection(ConnectionToken(rawValue: token))
      return
    }
    let index = token & 0xFFFF_FFFF
    self = index == 0 ? .signal : index == Self.storageIndex ? .storage : .listener(Int(index) - 1)
  }

  var token: UInt64 {
    switch self {
    case .signal: UInt64(Self.own) << 32
    case .storage: UInt64(Self.own) << 32 | Self.storageIndex
    case .listener(let index): UInt64(Self.own) << 32 | UInt64(index + 1)
    case .connection(let token): token.rawValue
    }
  }
}
