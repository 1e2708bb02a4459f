/// The numbers that bound what is taken up in a turn of the loop, and what a connection may hold.
enum ReactorLimits {
  /// Events taken from the kernel a turn: enough to spread the cost of the wait, few enough to stay fair.
  static let eventsPerTurnMax = 256
  /// Connections accepted a turn and listener: a flood of them must not hold up those that are connected.
  static let acceptsPerTurnMax = 64
  /// Bytes received at once, into the buffer that all connections share; it stays in the processor's second-level
  /// cache.
  static let receiveBytes = 64 * 1024
  /// Bytes of a long request received at once: as many as are there, but at most so many, some 30 microseconds.
  static let longReceiveBytesMax = 256 * 1024
  /// Bytes of requests of several connections that are gathered before they are executed together; as long as what is
  /// copied in front of what is received, which the shared buffer has room for.
  static let gatheredBytesMax = copiedInputBytesMax
  /// A connection's kept input up to this size is copied in front of what it receives next; a longer one is received
  /// into.
  static let copiedInputBytesMax = 16 * 1024
  /// While others wait for a listing, there being as many as there can be, each is looked at every so often, and cut
  /// off if its client has taken less than so much a second meanwhile.
  static let slowListingMilliseconds: UInt64 = 5_000
  static let listingBytesPerSecondMin = 64 * 1024
  /// A connection with so much unsent output is not read and executes nothing until some is taken.
  static let unsentBytesHigh = 64 * 1024
  /// The shared buffer's block is kept from turn to turn up to this size.
  static let keptOutputBlockBytesMax = 4 * 1024 * 1024
  /// A kept output's taken part beyond this size is cut off once it is the larger part.
  static let takenBytesMax = 64 * 1024
  /// It is cut off beyond this size however much is left: the offset behind it is kept in 32 bits.
  static let takenOffsetMax = 2 * 1024 * 1024 * 1024
  /// Timers that fire a turn.
  static let timersPerTurnMax = 256
  /// Turns in a row that may put the timers off.
  static let timerSkipsMax = 16
  /// Time after which a turn runs no further slice of what was put off.
  static let slicesNanosecondsMax: UInt64 = 500_000
  /// How long accepting rests when the process has no descriptor left.
  static let acceptPauseMilliseconds: UInt64 = 200
  /// How long a connection that we close goes on reading what its client had under way, so that our last reply is not
  /// thrown away by a reset (RFC 9293, 3.6.1).
  static let lingerMilliseconds: UInt64 = 1_000
  /// How long a stopping server goes on sending replies.
  static let stopMilliseconds: UInt64 = 5_000
  /// A turn that took so much longer than its wait means that the process was stopped; the clients are not to blame.
  static let pauseMillisecondsMin: UInt64 = 1_000
  /// Descriptors kept for other things than clients: standard streams, epoll, signals, and what comes up.
  static let reservedDescriptors = 32
  /// Connections that the server prepares for when neither flag nor kernel sets a bound; a slot costs memory once used.
  static let connectionsDefaultMax = 1_048_576
  /// A memory limit below this would refuse every write.
  static let memoryBytesMin: UInt64 = 1024 * 1024
  /// Memory blocks from this size on come from the kernel directly, and go back to it at once.
  static let mappedBlockBytesMin = 1024 * 1024
  /// At most one line of the log an interval is about refused clients.
  static let refusalLogIntervalMilliseconds: UInt64 = 1_000
}
