// Compaction: the journal's past is replaced by a base, which holds each key once. It does not fork and stops nobody:
// the keyspace is written down in slices while it changes. That the base is of no one moment does no harm, because
// what has changed since it was begun is in the segments that are replayed over it, in absolute terms.
//
//     idle ─► wantsSegment ─► scanning ─► finishing ─► naming ─► removing ─► idle
//             a new segment   the base's  its last     renamed,  what it stands
//             begins, N       frames      change is    synced    for is removed
//                                         on disk
//
// Killed at any point, either the old base with all segments is there, or the new one with those from N on.

import Bytes
import Commands
import Journal

/// Where a compaction stands.
struct Compaction: ~Copyable {
  var stage = Stage.idle
  /// The base's number: the first segment that is replayed over it.
  var number: UInt64 = 0
  var chain = FrameChain(salt: 0, nextSequence: 1, previousCRC: 0)
  /// What is gathered for the next frame, behind room for its header, and where the frame will go.
  var records = EntryRecords()
  var position: UInt64 = 0
  /// Whether a part of the base is being written.
  var isWriting = false
  /// The frame of the journal that holds the last change which the base may hold.
  var lastSeen: UInt64 = 0
  /// What the base was expected to take when it was begun.
  var liveBytes: UInt64 = 0
  /// Bytes of the segments that the base stands for.
  var replacedBytes: UInt64 = 0
  /// When it began, in the loop's milliseconds.
  var began: UInt64 = 0
  /// When its base was complete, in milliseconds since 1970.
  var sealedAt: Int64 = 0
  /// Records of changes that were written before its base was begun.
  var recordsAtStart: UInt64 = 0
  /// Whether another follows it, because a client asked for one meanwhile.
  var isScheduled = false

  // What is known of the past.

  /// The base in use; nil if there is none.
  var base: UInt64?
  var baseBytes: UInt64 = 0
  /// The first segment that is needed.
  var firstSegment: UInt64 = 1
  /// When the base in use was complete, in milliseconds since 1970; 0: there is none.
  var completedAt: Int64 = 0
  /// How many were completed since the start, and how long the last of them took.
  var completedCount: UInt64 = 0
  var lastMilliseconds: UInt64?
  /// Records of changes that were written before the base in use was begun.
  var recordsBefore: UInt64 = 0
  /// How many in a row could not be completed up to now, and what was live when the last of them was begun.
  var failures: UInt64 = 0
  var failedLiveBytes: UInt64 = 0
  /// When one is tried again after one that could not, in the loop's milliseconds.
  var retryAt: UInt64 = 0

  /// Whether nothing of it is on its way to the disk, nor can be.
  var isQuiet: Bool { stage == .idle || stage == .wantsSegment }

  mutating func makeRoomForHeader() {
    for _ in 0..<FrameHeader.bytes { records.buffer.append(0) }
  }

  enum Stage {
    case idle
    /// Waits for a segment to begin.
    case wantsSegment
    /// Writes the keyspace down.
    case scanning
    /// Waits until the journal holds on disk what the base may have seen.
    case finishing
    /// Has the base take its name.
    case naming
    /// Removes what the base stands for.
    case removing
    /// Cannot go on: what was written is being removed.
    case abandoning
  }
}
