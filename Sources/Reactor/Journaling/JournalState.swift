// Where the journal stands. At most one frame is on its way to the disk; the next is filled meanwhile by the turns.
//
//     turns ──► executor.log ──seal──► frame ──submit──► the thread that owns the files
//               (frame N + 1)          (frame N)                    │
//                    replies held for N + 1, for N ◄──completion────┘

import Bytes
import Journal

/// What the server knows of its journal.
struct JournalState: ~Copyable {
  /// Whether changes are kept: a data directory is in use, and what it holds is loaded.
  var isOn = false
  /// The directory's identity, in the header of each of its files.
  var identity: UInt64 = 0

  /// The segment that frames go into.
  var segment = Segment()
  /// The one that comes after it.
  var next = NextSegment.none
  /// How far the change from one to the other has come, during which no frame is written.
  var switching = SwitchStage.none
  /// What the next frame says of those before.
  var chain = FrameChain(salt: 0, nextSequence: 1, previousCRC: 0)

  /// The frame on its way to the disk.
  var frame = ByteBuffer()
  var frameStage = FrameStage.none
  /// Whether it is synced as it is written.
  var isFrameSynced = false
  /// An empty buffer, for the records of the frame after.
  var spare = ByteBuffer()

  /// All frames through this one are with the kernel.
  var writtenThrough: UInt64 = 0
  /// All frames through this one are on disk.
  var syncedThrough: UInt64 = 0
  /// The sync under way covers the frames through this one; nil: none is.
  var syncTarget: UInt64?
  /// How many bytes the frame on its way has, all that were written since the start have, and those of them that are on
  /// disk; of the latter, those that the sync under way and the sealing of the segment before make so.
  var frameBytes: UInt64 = 0
  var writtenBytes: UInt64 = 0
  var syncedBytes: UInt64 = 0
  var syncTargetBytes: UInt64 = 0
  var sealedBytes: UInt64 = 0
  /// How long what makes changes durable has taken.
  var syncTimes = DurationHistogram()
  /// Records of changes that were written, those of earlier servers that were loaded included.
  var records: UInt64 = 0
  /// When the disk is synced next, in the loop's milliseconds.
  var nextSync: UInt64 = 0

  /// What each sync of the directory under way is for, in order.
  var directorySyncs: [DirectorySync] = []
  /// When making the next segment is tried again, in the loop's milliseconds.
  var nextRetryAt: UInt64 = 0
  /// Bytes of the segments before this one that are still needed.
  var oldSegmentBytes: UInt64 = 0

  /// Until when records that are not urgent wait for others, in the loop's milliseconds; nil: there are none.
  var idleRecordsDue: UInt64?

  /// Replies that wait for the frame that is filled, and for the one on its way.
  var heldForFilling = HeldReplies()
  var heldForFrame = HeldReplies()

  var room = DiskRoom()
  var progress = ClosingStage.open

  /// A segment's file.
  struct Segment {
    var number: UInt64 = 0
    var name = ""
    /// Where the next frame goes.
    var position: UInt64 = 0
    /// The disk has room for its bytes below this.
    var reservedEnd: UInt64 = 0
  }

  enum NextSegment: Equatable {
    case none
    /// Its file is being made.
    case creating
    /// It is made, and has room for its bytes below the number.
    case ready(reservedEnd: UInt64)
  }

  enum SwitchStage: Equatable {
    case none
    /// Room of the segment is given back for the next one, and that one is made.
    case yielding
    /// The old segment is cut to its length and synced.
    case cutting
    /// The new one's header is written.
    case heading
    /// It gets its name.
    case naming
  }

  enum FrameStage: Equatable {
    /// There is no frame on its way.
    case none
    /// It waits for room on the disk.
    case waitingForRoom
    /// It is being written, and synced if that is the mode.
    case writing
  }

  /// Room on the disk that is asked for ahead.
  struct DiskRoom {
    var isReserving = false
    /// Bytes that are asked for at once; fewer when the disk is nearly full.
    var step = JournalLimits.reserveStepBytes
    /// Whether what is asked for is no more than what is needed at once.
    var isBare = false
    /// Whether not even little could be had.
    var isFull = false
    /// When it is asked for again, in the loop's milliseconds.
    var retryAt: UInt64?
    /// Until when requests are refused that need as much as could not be had, in the loop's milliseconds.
    var refusesUntil: UInt64?
  }

  /// How far an orderly end has come.
  enum ClosingStage {
    case open, closing, sealing, closed, done
  }
}

/// What a sync of the directory is for.
enum DirectorySync {
  /// That a segment has taken its name.
  case nextSegment
  /// That a base has taken its name.
  case base
  /// That the files that a base stands for are gone.
  case leftovers
}
