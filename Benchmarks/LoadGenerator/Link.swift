import Bytes
import LinuxIO

/// A connection to the server under load: plain numbers, all zero at first.
struct Link: BitwiseCopyable {
  var socket: Descriptor
  /// 0 for the main stream, 1 for the one in the background.
  var stream: Int
  /// The connection's number within its stream.
  var place: Int
  var isConnected: Bool
  /// Waits for room to send.
  var waitsForRoom: Bool
  /// What the socket has not taken yet, and how much of that it has.
  var unsent: BufferID
  var unsentTaken: Int
  /// Requests sent in this phase, and those of them that were answered.
  var sent: Int
  var answered: Int
  /// Whose turn it is in the stream's mix: of the next request, and of the next reply.
  var nextRequest: Int
  var nextReply: Int
  /// When the batch under way was sent (closed loop).
  var batchSentAt: UInt64
  var progress: ReplyProgress

  /// Requests under way.
  var outstanding: Int { sent - answered }
}
