import Bytes

/// Replies that wait for one frame to be safe, in the order in which they were made.
struct HeldReplies: ~Copyable {
  /// Their bytes.
  var buffer = ByteBuffer()
  /// Whose the parts of it are.
  var outbox: [Outgoing] = []

  var isEmpty: Bool { outbox.isEmpty }

  /// Keeps a part of the turn's replies.
  mutating func append(_ outgoing: Outgoing, of replies: borrowing ByteBuffer) {
    let part = outgoing.offset..<outgoing.offset + outgoing.count
    outbox.append(
      Outgoing(token: outgoing.token, offset: buffer.count, count: outgoing.count, kind: outgoing.kind))
    buffer.append(replies, part)
  }

  /// Forgets all; a small block is kept for the next frame's.
  mutating func removeAll() {
    outbox.removeAll(keepingCapacity: true)
    buffer.removeAll(keepingCapacity: ReactorLimits.keptOutputBlockBytesMax)
  }
}
