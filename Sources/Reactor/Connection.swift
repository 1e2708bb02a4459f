// What the server keeps of a client: 64 bytes of plain numbers. Buffers exist only while there is a partial request or
// unsent output, and are named, not held.

import Bytes
import Commands
import LinuxIO
import Wire

/// A client's connection, or a free place for one (all zero at first).
struct Connection: BitwiseCopyable {
  struct Flags: OptionSet, BitwiseCopyable {
    let rawValue: UInt16

    /// A client is connected.
    static let isOpen = Flags(rawValue: 1 << 0)
    /// Stands in the run queue.
    static let isQueued = Flags(rawValue: 1 << 1)
    /// Its kept input may hold whole requests.
    static let hasRequests = Flags(rawValue: 1 << 2)
    /// The reply to its last request takes many turns, and is not complete.
    static let isReplying = Flags(rawValue: 1 << 3)
    /// Nothing more is received: the client has closed its side, or the server is stopping.
    static let endOfInput = Flags(rawValue: 1 << 4)
    /// To be closed once its output is sent; executes nothing more.
    static let isClosing = Flags(rawValue: 1 << 5)
    /// All is sent and said; waits a little for the client to close first.
    static let isLingering = Flags(rawValue: 1 << 6)
    /// The server is stopping, and reads for the last time what has arrived.
    static let isDraining = Flags(rawValue: 1 << 7)
    /// Its first byte has yet to choose its dialect.
    static let isUndecided = Flags(rawValue: 1 << 8)
    /// Came through a listener for the line dialect only.
    static let isPinnedToLines = Flags(rawValue: 1 << 9)
    /// Executes nothing until it is woken.
    static let isAsleep = Flags(rawValue: 1 << 10)
    /// Has kept output that was not offered to the socket yet.
    static let isUnoffered = Flags(rawValue: 1 << 11)
    /// What is for it is held until a frame of the journal is safe: by whether the frame's number is even, the two that
    /// there can be are told apart.
    static let waitsForEvenFrame = Flags(rawValue: 1 << 12)
    static let waitsForOddFrame = Flags(rawValue: 1 << 13)
    /// What it sent last was one request, so its next one is likely to come alone too.
    static let sendsSingly = Flags(rawValue: 1 << 14)
    /// Waits for a frame of either kind; it executes nothing meanwhile.
    static let isGated: Flags = [.waitsForEvenFrame, .waitsForOddFrame]

    /// Waits for this frame.
    static func waits(for frame: UInt64) -> Flags { frame.isMultiple(of: 2) ? .waitsForEvenFrame : .waitsForOddFrame }
  }

  var socket: Descriptor
  /// Counts the clients that had this place.
  var generation: UInt32
  /// The next in the run queue or in the list of free places, + 1.
  var link: UInt32
  /// Received and not executed: part of a request, or whole ones beyond the slice.
  var input: BufferID
  /// Not yet taken by the socket.
  var output: BufferID
  /// Bytes at the start of `output` that have been taken.
  var outputTaken: UInt32
  /// When something was last received or taken, in ticks of the timer wheel.
  var lastActivity: UInt32
  /// When something of `output` was last taken (or lingering began), in ticks.
  var lastProgress: UInt32
  var longReply: LongReplyID
  /// Where the parser of its dialect stands.
  var line: LineState
  var resp: RESPState
  var flags: Flags
  var interest: Interest
}

/// Names one client of one place, as the kernel hands it back with events; a stale one matches nobody.
struct ConnectionToken: BitwiseCopyable {
  let slot: Int
  let generation: UInt32

  init(slot: Int, generation: UInt32) {
    self.slot = slot
    self.generation = generation
  }

  init(rawValue: UInt64) {
    slot = Int(rawValue & 0xFFFF_FFFF)
    generation = UInt32(rawValue >> 32)
  }

  var rawValue: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
}
