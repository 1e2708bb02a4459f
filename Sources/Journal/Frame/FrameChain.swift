public import Bytes

/// The writing side's state: what the next frame of a file has to say of those before it.
///
/// At the end of a segment the next one's header takes `nextSequence` and `lastCRC`, and a new chain begins with that
/// header.
public struct FrameChain: Sendable {
  /// The file's salt.
  public let salt: UInt64
  /// The next frame's place in the order of all.
  public private(set) var nextSequence: UInt64
  /// The last frame's checksum, or what the file's header says of the frame before its first one.
  public private(set) var lastCRC: UInt32

  /// Creates a chain whose next frame has a sequence and a frame before it.
  public init(salt: UInt64, nextSequence: UInt64, previousCRC: UInt32) {
    self.salt = salt
    self.nextSequence = nextSequence
    self.lastCRC = previousCRC
  }

  /// Creates the chain of a file that has only its header yet.
  public init(_ header: SegmentHeader) {
    let first = header.kind == .base ? 1 : header.firstSequence
    self.init(salt: header.salt, nextSequence: first, previousCRC: header.previousCRC)
  }

  /// Seals a frame: `frame` begins with `FrameHeader.bytes` bytes of room, whatever is in them, then its payload. The
  /// header is filled in and zeros are appended up to the frame's full length.
  ///
  /// `syncedThrough` is the last sequence that is known to be on disk, 0 if none is and in a base. O(length).
  public mutating func seal(
    _ frame: inout ByteBuffer, kind: FrameKind, time: Int64, recordCount: Int, syncedThrough: UInt64
  ) {
    precondition(frame.count >= FrameHeader.bytes, "a frame begins with room for its header")
    precondition(syncedThrough < nextSequence, "a frame is not synced before it is written")
    precondition(recordCount >= 0 && recordCount <= UInt32.max, "a frame's records are counted in 32 bits")
    let payloadCount = frame.count - FrameHeader.bytes
    let header = FrameHeader(
      sequence: nextSequence, syncedThrough: syncedThrough, salt: salt, time: time, payloadCount: UInt64(payloadCount),
      payloadCRC: CRC32C.of(frame.span.extracting(FrameHeader.bytes...)), previousCRC: lastCRC,
      recordCount: UInt32(recordCount), kind: kind)
    while frame.count % FrameHeader.alignment != 0 { frame.append(0) }
    lastCRC = header.write(to: &frame, at: 0)
    nextSequence += 1
  }
}
