// What stands behind the last good frame of a segment: nothing but zeros, a torn tail, or damage. It is looked at to
// the end of the file, since each later frame may say that the first bad one was on disk.

import Bytes

/// What is known of the rest of a segment.
struct Tail {
  enum Reason {
    case header(HeaderFault)
    case frame(FrameFault)
  }

  /// Where it begins.
  let start: UInt64
  /// Why what stands there cannot be used.
  let reason: Reason
  /// The end of its last word that is not zero.
  var usedEnd: UInt64 = 0
  /// The greatest sequence of a whole header in it, and the greatest of which one says that it was on disk.
  var lastSequence: UInt64 = 0
  var lastSynced: UInt64 = 0

  init(start: UInt64, reason: Reason) {
    self.start = start
    self.reason = reason
  }
}

extension Recovery {
  /// Looks at what has been read of the rest, and judges it when it has all been seen.
  mutating func scan(_ tail: Tail) throws(JournalFault) -> Step? {
    var tail = tail
    while left > 0 {
      // A header is only looked at when it is whole, or can never be.
      let isAtEnd = UInt64(buffer.count - position) == left
      let end = isAtEnd ? buffer.count : buffer.count - FrameHeader.bytes
      while position < end { position = look(at: &tail) }
      if left == 0 { break }
      stage = .tail(tail)
      if let step = ask(for: min(left, UInt64(FrameHeader.bytes) + 1)) { return step }
    }
    stage = .tail(tail)
    try judge(tail)
    return nil
  }

  /// Looks at one word, and at the header that begins with it, if one does; returns where the word ends.
  private func look(at tail: inout Tail) -> Int {
    let bytes = buffer.span
    let wordEnd = min(position + FrameHeader.alignment, bytes.count)
    if !bytes.extracting(position..<wordEnd).isAllZero {
      tail.usedEnd = bufferOffset + UInt64(wordEnd)
      if let frame = laterFrame(bytes) {
        tail.lastSequence = max(tail.lastSequence, frame.sequence)
        tail.lastSynced = max(tail.lastSynced, frame.syncedThrough)
      }
    }
    return wordEnd
  }

  /// The whole header at the position, if it is this file's, and of the first bad frame or a later one.
  private func laterFrame(_ bytes: Span<UInt8>) -> FrameHeader? {
    guard let header, bytes.count - position >= FrameHeader.bytes,
      bytes.littleEndian(UInt32.self, at: position) == FrameHeader.magic,
      let frame = try? FrameHeader.read(bytes, at: position),
      frame.salt == header.salt, frame.sequence >= nextSequence
    else { return nil }
    return frame
  }

  private mutating func judge(_ tail: Tail) throws(JournalFault) {
    switch tail.reason {
    case .header(let reason):
      guard tail.usedEnd <= UInt64(SegmentHeader.bytes) else { throw fault(.header(reason), at: 0) }
    case .frame(let reason) where tail.usedEnd > 0:
      let isClaimed = tail.lastSynced >= nextSequence
      guard isLast, !isClaimed else {
        throw fault(.frame(reason, isClaimed: isClaimed), at: tail.start, through: tail.lastSequence)
      }
      let file = plan.files[index]
      result.tornTail = TornTail(
        segment: file.number, name: file.name, offset: tail.start, byteCount: tail.usedEnd - tail.start, reason: reason)
    case .frame: break
    }
    try close(end: tail.start)
  }
}
