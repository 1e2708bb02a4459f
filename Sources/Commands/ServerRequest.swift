/// What a command wants of the server, because only the server knows or can do it.
public enum ServerRequest: Equatable, Sendable {
  /// Nothing.
  case none
  /// Facts about the process, then `answer`.
  case facts(FactsRequest)
  /// CLIENT INFO: the line of the client that asks.
  case describeSelf
  /// CLIENT LIST: a line for each of these clients.
  case listClients(ClientFilter)
  /// CLIENT KILL: close these clients. The old form names one address, and answers with a status.
  case killClients(ClientFilter, isOldForm: Bool)
  /// SHUTDOWN: stop as after a signal.
  case shutDown(isNow: Bool)
  /// DEBUG SLEEP: execute nothing more of this client for so long.
  case sleep(milliseconds: UInt64)
  /// BGREWRITEAOF, BGSAVE, SAVE: compact the journal, then `answer`.
  case compact(CompactionRequest)
}

/// Commands that want the journal compacted.
public enum CompactionRequest: Equatable, Sendable {
  /// BGREWRITEAOF.
  case rewrite
  /// BGSAVE; once more after a compaction that is under way, if that is wanted.
  case background(mayWait: Bool)
  /// SAVE: answered when the compaction is complete.
  case foreground
}

/// What became of such a command.
public enum CompactionAnswer: Equatable, Sendable {
  /// A compaction has begun.
  case begun
  /// One begins after the one that is under way.
  case scheduled
  /// One is under way already.
  case isRunning
  /// It is complete.
  case complete
  /// It could not be completed.
  case failed
  /// The server is stopping.
  case isStopping
  /// There is no data directory.
  case nothingKept
}

/// Replies that need facts about the process.
public enum FactsRequest: Equatable, Sendable {
  /// INFO, for these sections, in lower case; empty: the usual ones.
  case info([[UInt8]])
  /// MEMORY STATS.
  case memoryStatistics
  /// MEMORY DOCTOR.
  case memoryAdvice
  /// MEMORY MALLOC-STATS.
  case allocatorStatistics
  /// CONFIG GET, for parameters whose names match one of these patterns, in lower case.
  case configuration([[UInt8]])
  /// LASTSAVE.
  case lastSave
}

/// Facts about the process that only the server knows.
public struct ServerFacts: Sendable {
  /// Its process number.
  public var processID: Int32 = 0
  /// The first TCP port that it listens on; 0: none.
  public var tcpPort: UInt16 = 0
  /// The hosts that it listens on, with spaces between them.
  public var hosts: [UInt8] = []
  /// The least severe lines that it logs, by the name of their level.
  public var logLevel: [UInt8] = []
  /// Milliseconds since it started.
  public var uptimeMilliseconds: UInt64 = 0
  /// Connections that there can be.
  public var connectionsMax = 0
  /// Resident memory in bytes.
  public var residentBytes: UInt64 = 0
  /// Its greatest resident memory so far, in bytes.
  public var residentBytesPeak: UInt64 = 0
  /// Memory of the machine in bytes.
  public var machineBytes: UInt64 = 0
  /// Processor time in user mode, in microseconds.
  public var userMicroseconds: UInt64 = 0
  /// Processor time in kernel mode, in microseconds.
  public var kernelMicroseconds: UInt64 = 0
  /// Clients whose requests wait for a moment, or for something to end.
  public var waitingCount = 0
  /// Buffers in use for partial requests and unsent output.
  public var bufferCount = 0
  /// Name and release of the kernel.
  public var operatingSystem: [UInt8] = []
  /// What is known of the journal; nil: there is no data directory.
  public var journal: JournalFacts?

  /// Creates facts that are all zero.
  public init() {}
}

/// Which clients are meant; nil: whichever.
public struct ClientFilter: Equatable, Sendable {
  /// By number.
  public var ids: [UInt64]?
  /// By the peer's address, as CLIENT LIST shows it.
  public var address: [UInt8]?
  /// By the address they connected to.
  public var localAddress: [UInt8]?
  /// By what they do.
  public var type: ClientType?
  /// Connected for at least so many seconds.
  public var ageSecondsMin: UInt64?
  /// Whether the client that asks is left out.
  public var skipsSelf = false

  /// Creates a filter that lets all clients through.
  public init() {}
}

/// What a client does, in Redis's words.
public enum ClientType: Equatable, Sendable {
  case normal, pubsub, master, replica
}
