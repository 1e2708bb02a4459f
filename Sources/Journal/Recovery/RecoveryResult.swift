/// A frame of changes that recovery has found to be whole and in its place.
public struct FrameFacts: Equatable, Sendable {
  /// Its header.
  public let header: FrameHeader
  /// Where in its file it begins.
  public let offset: UInt64
  /// Where in recovery's buffer its payload lies, until the next step.
  public let payload: Range<Int>
}

/// The end of the last segment that a power cut, or a kill, left unfinished. No reply has depended on it.
public struct TornTail: Equatable, Sendable {
  /// The segment's number.
  public let segment: UInt64
  /// The segment's name.
  public let name: String
  /// The first byte that cannot be used.
  public let offset: UInt64
  /// Bytes from there to the last one that is not zero, in whole words of eight.
  public let byteCount: UInt64
  /// Why the first frame in it cannot be used.
  public let reason: FrameFault

  /// The name under which it is kept aside.
  public var keptName: String { JournalFileName.torn(segment, offset: offset).description }
}

/// What recovery has found: what is to be tidied up, and where the journal goes on.
public struct RecoveryResult: Equatable, Sendable {
  /// The directory's identity; nil if there is no file yet that says it.
  public internal(set) var identity: UInt64?
  /// The number of the base; nil if there is none.
  public internal(set) var base: UInt64?
  /// When the base was complete, in milliseconds since 1970; nil if there is none.
  public internal(set) var baseTime: Int64?
  /// The number of the last segment that stays; nil if there is none.
  public internal(set) var lastSegment: UInt64?
  /// Bytes of that segment that are good: it is cut to this length before the next one is begun. 0 if there is none.
  public internal(set) var lastSegmentBytes: UInt64 = 0
  /// The number of the next segment. It is begun after each recovery, whatever the last one's length.
  public internal(set) var nextSegment: UInt64 = 1
  /// The sequence of the next frame.
  public internal(set) var nextSequence: UInt64 = 1
  /// What the next segment's header says of the frame before its first one.
  public internal(set) var chainCRC: UInt32 = 0
  /// The time that the last header says, a frame's or a file's, in milliseconds since 1970; nil if there is none.
  public internal(set) var lastTime: Int64?
  /// What has to be kept aside before the last segment is cut or removed.
  public internal(set) var tornTail: TornTail?
  /// The name of a last segment without any whole frame, which is to be removed; its number is used again.
  public internal(set) var emptySegment: String?
  /// The names of what a compaction left, to be removed.
  public internal(set) var obsolete: [String] = []
  /// Whether the last server that wrote here had stopped by itself; true of an empty directory too.
  public internal(set) var endedCleanly = false
  /// Frames of changes.
  public internal(set) var frames: UInt64 = 0
  /// Records in those frames.
  public internal(set) var records: UInt64 = 0
  /// Bytes of their payloads.
  public internal(set) var bytes: UInt64 = 0
  /// Good bytes of all segments that stay.
  public internal(set) var journalBytes: UInt64 = 0
  /// Bytes of the base.
  public internal(set) var baseBytes: UInt64 = 0
}
