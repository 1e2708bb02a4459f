/// Facts about the journal that only the server knows; sizes in bytes.
public struct JournalFacts: Sendable {
  /// The last frame that was filled.
  public var sequence: UInt64 = 0
  /// All frames through this one are on disk.
  public var syncedSequence: UInt64 = 0
  /// What has changed and is not on disk.
  public var unsyncedBytes: UInt64 = 0
  /// What has changed and is not with the kernel.
  public var unwrittenBytes: UInt64 = 0
  /// Whether a sync is under way.
  public var isSyncing = false
  /// Parts of replies that wait for the disk.
  public var heldReplies = 0
  /// Whether writes are refused because the disk is full.
  public var isDiskFull = false
  /// How long writes that are synced, and syncs, have taken.
  public var syncs = SyncTimes()

  /// Segments that are needed.
  public var segments: UInt64 = 0
  /// What they take.
  public var journalBytes: UInt64 = 0
  /// What the base in use takes.
  public var baseBytes: UInt64 = 0
  /// What a base of the present keys would take, as far as that is known without writing it.
  public var liveBytes: UInt64 = 0
  /// Records of changes since the base in use was begun.
  public var changesSinceBase: UInt64 = 0
  /// A compaction begins when base and segments together take so much more than a new base would, in percent of that,
  /// and `compactionBytesMin` besides.
  public var compactionPercentage: UInt64 = 0
  /// Base and segments together take so much at least when a compaction begins.
  public var compactionBytesMin: UInt64 = 0

  /// Since when a compaction has been under way, in milliseconds; nil: none is.
  public var compactionMilliseconds: UInt64?
  /// Whether another follows the one that is under way.
  public var isCompactionScheduled = false
  /// How long the last complete one took, in milliseconds; nil: there was none since the start.
  public var lastCompactionMilliseconds: UInt64?
  /// Whether the last one could not be completed.
  public var hasCompactionFailed = false
  /// How many were completed since the start.
  public var compactions: UInt64 = 0
  /// When the base in use was complete, in milliseconds since 1970; 0: there is none.
  public var baseTime: Int64 = 0

  /// How far loading has come; nil: it has ended.
  public var loading: LoadingFacts?

  /// Creates facts that are all zero.
  public init() {}
}

/// How long writes that are synced, and syncs, have taken, in microseconds.
public struct SyncTimes: Sendable {
  /// How many there were.
  public var count: UInt64 = 0
  /// The time that half of them took at most, to a quarter.
  public var median: UInt64 = 0
  /// The time that all but a hundredth of them took at most, to a quarter.
  public var percentile99: UInt64 = 0
  /// The longest.
  public var max: UInt64 = 0

  /// Creates times of no syncs.
  public init() {}
}

/// How far loading has come.
public struct LoadingFacts: Sendable {
  /// For how long it has been under way, in milliseconds.
  public var milliseconds: UInt64 = 0
  /// Bytes of all files that are read.
  public var bytesTotal: UInt64 = 0
  /// Those of them that are loaded.
  public var bytesDone: UInt64 = 0

  /// Creates facts that are all zero.
  public init() {}
}
