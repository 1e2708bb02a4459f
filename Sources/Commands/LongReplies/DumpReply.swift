// A huge value's dump as a reply. The Redis protocol wants its length first, so the value is compressed first, a slice
// at a time, into a buffer of its own; then head, what came of it and footer are sent in slices, and summed up on the
// way.

import Bytes
import Store
import Wire

/// The reply of DUMP of a huge value. A class, since its compressor cannot be copied.
final class DumpReply {
  private enum Stage {
    case compressing
    /// The value stands in the dump compressed: so many bytes are written.
    case writingCompressed(Int)
    /// It did not become shorter, and stands as it is.
    case writing(Int)
  }

  /// Compressing a byte takes some four times as long as writing it.
  private static let compressedShare = 4

  /// The value, as long as it is read.
  private var held: HeldValue?
  private var stage = Stage.compressing
  private var compressor: LZFCompressor
  /// What it was compressed to.
  private var compressed = BufferID.none
  private var checksum = CRC64()
  private var progress = LongValue(count: 0)

  init(_ held: HeldValue, count: Int) {
    self.held = held
    compressor = DumpPayload.compressor(of: count)
  }

  /// Compresses or writes some more; returns whether that was all.
  func step(
    bytes: Int, _ keyspace: borrowing Keyspace, _ buffers: inout BufferPool, _ replies: inout ReplyWriter
  ) -> Bool {
    switch stage {
    case .compressing:
      compress(bytes: max(1, bytes / Self.compressedShare), keyspace, &buffers, &replies)
      return false
    case .writingCompressed(let written):
      let (end, isLast) = write(buffers[compressed].span, from: written, bytes, &replies)
      stage = .writingCompressed(end)
      return isLast
    case .writing(let written):
      guard let held else { preconditionFailure("a value that is written as it is is held") }
      let (end, isLast) = write(keyspace.value(of: held), from: written, bytes, &replies)
      stage = .writing(end)
      return isLast
    }
  }

  /// Gives back what it has taken.
  func end(_ keyspace: borrowing Keyspace, _ buffers: inout BufferPool) {
    letGo(keyspace)
    if compressed != .none { buffers.release(compressed) }
  }

  private func letGo(_ keyspace: borrowing Keyspace) {
    if let held { keyspace.letGo(held) }
    held = nil
  }

  private func compress(
    bytes: Int, _ keyspace: borrowing Keyspace, _ buffers: inout BufferPool, _ replies: inout ReplyWriter
  ) {
    guard let held else { preconditionFailure("a value that is compressed is held") }
    let value = keyspace.value(of: held)
    let count = value.count
    let result = compressor.step(value, budget: bytes)
    guard result != .more else { return }
    compressed = buffers.acquire()
    compressor.takeOutput(into: &buffers[compressed])
    if result == .done {
      let compressedCount = buffers[compressed].count
      letGo(keyspace)
      stage = .writingCompressed(0)
      begin(valueCount: count, compressedCount: compressedCount, &replies)
    } else {
      buffers.release(compressed)
      compressed = .none
      stage = .writing(0)
      begin(valueCount: count, compressedCount: nil, &replies)
    }
  }

  private func begin(valueCount: Int, compressedCount: Int?, _ replies: inout ReplyWriter) {
    var head = ByteBuffer()
    DumpPayload.appendHead(valueCount: valueCount, compressedCount: compressedCount, to: &head)
    let count = head.count + (compressedCount ?? valueCount) + DumpPayload.footerBytes
    // It begins with a zero byte, which is nothing to show as it is.
    progress = LongValue(count: count, isText: false)
    checksum.update(head.span)
    replies.write(head.span, of: &progress)
  }

  /// Writes some more of the string, and the footer behind its end; returns where to go on, and whether that was all.
  private func write(
    _ string: Span<UInt8>, from start: Int, _ bytes: Int, _ replies: inout ReplyWriter
  ) -> (end: Int, isLast: Bool) {
    let end = start + min(bytes, string.count - start)
    let part = string.extracting(start..<end)
    checksum.update(part)
    replies.write(part, of: &progress)
    guard end == string.count else { return (end, false) }
    var footer = ByteBuffer()
    DumpPayload.appendFooter(behind: checksum, to: &footer)
    replies.write(footer.span, of: &progress)
    replies.endLongValue(progress)
    return (end, true)
  }
}
