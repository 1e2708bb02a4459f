/// The numbers of the journal.
enum JournalLimits {
  /// A segment that is as long is followed by the next. Compaction frees whole segments, so that up to one more than
  /// needed is kept.
  static let segmentBytes: UInt64 = 64 * 1024 * 1024
  /// The name of the next segment's file until its turn has come; recovery passes it over.
  static let spareName = "spare"
  /// Disk space is asked for in such steps, ahead of need: some tenths of a second of writes at full speed.
  static let reserveStepBytes: UInt64 = 4 * 1024 * 1024
  /// The same where it is filled with zeros, which a sync then waits for.
  static let filledStepBytes: UInt64 = 1024 * 1024
  /// The smallest step that is tried on a disk that is nearly full.
  static let reserveStepBytesMin: UInt64 = 64 * 1024
  /// The least room that a segment is begun with: a page, which holds its header and a few changes.
  static let segmentRoomBytesMin: UInt64 = 4 * 1024
  /// What is kept for removals when the disk is full, at least.
  static let removalBytesMin: UInt64 = 16 * 1024
  /// With so little room beside that, the disk is taken to be full.
  static let lowRoomBytes: UInt64 = 4 * 1024
  /// Room that is kept in a segment for the last frame of a server that stops, and for what makes up a frame's length.
  static let closingBytes = 128
  /// Removals of expired keys are written at the latest when so many bytes of them have gathered.
  static let idleRecordBytesMax = 64 * 1024
  /// They are written at the latest after so long.
  static let idleRecordMilliseconds: UInt64 = 1_000
  /// The disk is synced so often in the mode that does so by time.
  static let syncMilliseconds: UInt64 = 1_000
  /// A full disk is asked for room again so often.
  static let roomRetryMilliseconds: UInt64 = 500
  /// Time that loading takes a turn, so that clients are told meanwhile that it is under way.
  static let recoveryNanosecondsPerTurn: UInt64 = 5_000_000
  /// A line of the log tells how far loading has come so often.
  static let recoveryLogMilliseconds: UInt64 = 1_000
  /// Bytes of a torn tail that are copied at once.
  static let tornCopyBytes = 1024 * 1024
  /// The block of a frame is kept for the next one up to this size.
  static let keptFrameBytesMax = 4 * 1024 * 1024
  /// A compaction that could not be completed is tried again after so long, and after each failure twice as long.
  static let compactionRetryMilliseconds: UInt64 = 10_000
  static let compactionRetryMillisecondsMax: UInt64 = 600_000
}
