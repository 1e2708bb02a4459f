// How each file of the journal begins: 64 bytes, numbers with their lowest byte first.
//
//      0 ┌───────────────────────────────────────┐
//        │ "SWIFTLET"                            │
//      8 ├───────────────────┬───────────────────┤
//        │ version, 1        │ CRC32C of 16..<64 │
//     16 ├───────────────────┴───────────────────┤
//        │ number of the segment; of a base: of  │
//        │ the first segment to read after it    │
//     24 ├───────────────────────────────────────┤
//        │ salt: drawn anew for each file        │
//     32 ├───────────────────────────────────────┤
//        │ sequence of its first frame; of a     │
//        │ base: of that segment's first frame   │
//     40 ├───────────────────────────────────────┤
//        │ identity of the directory             │
//     48 ├───────────────────────────────────────┤
//        │ time of creation, milliseconds since  │
//        │ 1970                                  │
//     56 ├───────────────────┬──────┬────────────┤
//        │ checksum of the   │ kind │ zero       │      kind: 0 journal, 1 base
//        │ frame before      │      │            │
//     64 └───────────────────┴──────┴────────────┘
//
// The frame before is the last one of the segment before: its header's own CRC32C. It is 0 in the first segment and in
// a base. A file's first frame repeats it, so that segments are chained as frames are. The salt tells this file's
// frames from those of an older file that lay in the same blocks of the disk.

public import Bytes

/// What the files of a journal hold.
public enum SegmentKind: UInt8, Equatable, Sendable {
  /// Changes, as they were made.
  case journal = 0
  /// A state: what all changes before a segment had led to.
  case base = 1
}

/// The first 64 bytes of a segment or a base.
public struct SegmentHeader: Equatable, Sendable {
  /// How long it is.
  public static let bytes = 64
  /// "SWIFTLET", the first letter lowest.
  private static let magic: UInt64 = 0x5445_4C54_4649_5753
  private static let version: UInt32 = 1

  /// Whether it is a segment or a base.
  public var kind: SegmentKind
  /// The segment's number; a base's is that of the first segment which is read after it.
  public var number: UInt64
  /// Drawn anew for each file.
  public var salt: UInt64
  /// The sequence of the segment's first frame; in a base, of the first frame of segment `number`.
  public var firstSequence: UInt64
  /// Drawn once for a directory, and the same in all its files.
  public var identity: UInt64
  /// When the file was created, in milliseconds since 1970.
  public var time: Int64
  /// What the first frame says of the frame before it: `FrameChain.lastCRC`, or 0 if there is none.
  public var previousCRC: UInt32

  /// Creates a header.
  public init(
    kind: SegmentKind, number: UInt64, salt: UInt64, firstSequence: UInt64, identity: UInt64, time: Int64,
    previousCRC: UInt32
  ) {
    self.kind = kind
    self.number = number
    self.salt = salt
    self.firstSequence = firstSequence
    self.identity = identity
    self.time = time
    self.previousCRC = previousCRC
  }

  /// Appends the 64 bytes.
  ///
  /// The checksum within is the header's own; the chain of frames goes on from `previousCRC`.
  public func append(to file: inout ByteBuffer) {
    precondition(number > 0 && firstSequence > 0, "segments and frames are counted from 1")
    let start = file.count
    for _ in 0..<Self.bytes { file.append(0) }
    file.put(littleEndian: Self.magic, at: start)
    file.put(littleEndian: Self.version, at: start + 8)
    file.put(littleEndian: number, at: start + 16)
    file.put(littleEndian: salt, at: start + 24)
    file.put(littleEndian: firstSequence, at: start + 32)
    file.put(littleEndian: identity, at: start + 40)
    file.put(littleEndian: time, at: start + 48)
    file.put(littleEndian: previousCRC, at: start + 56)
    file.put(littleEndian: kind.rawValue, at: start + 60)
    let checksum = CRC32C.of(file.span.extracting(start + 16..<start + Self.bytes))
    file.put(littleEndian: checksum, at: start + 12)
  }

  /// Reads the header that `bytes` begin with.
  public static func read(_ bytes: Span<UInt8>) throws(HeaderFault) -> SegmentHeader {
    guard bytes.count >= Self.bytes else { throw .cut }
    guard bytes.littleEndian(UInt64.self, at: 0) == magic else { throw .magic }
    let checksum = CRC32C.of(bytes.extracting(16..<Self.bytes))
    guard bytes.littleEndian(UInt32.self, at: 12) == checksum else { throw .checksum }
    let version = bytes.littleEndian(UInt32.self, at: 8)
    guard version == Self.version else { throw .version(version) }
    let kindAndZeros = bytes.littleEndian(UInt32.self, at: 60)
    guard kindAndZeros <= 0xFF, let kind = SegmentKind(rawValue: UInt8(kindAndZeros)) else { throw .kind }
    let header = SegmentHeader(
      kind: kind, number: bytes.littleEndian(at: 16), salt: bytes.littleEndian(at: 24),
      firstSequence: bytes.littleEndian(at: 32), identity: bytes.littleEndian(at: 40),
      time: bytes.littleEndian(at: 48), previousCRC: bytes.littleEndian(at: 56))
    guard (1...JournalLimits.numberMax).contains(header.number) else { throw .number(header.number) }
    guard (1...JournalLimits.numberMax).contains(header.firstSequence) else { throw .sequence(header.firstSequence) }
    return header
  }
}

/// Why a file's first bytes are not the header that has to stand there.
public enum HeaderFault: Error, Equatable, Sendable {
  /// The file is shorter than a header.
  case cut
  /// It does not begin with the magic word.
  case magic
  /// Its checksum is another.
  case checksum
  /// It was written by another version, which this one cannot read.
  case version(UInt32)
  /// It is of a kind that is unknown or does not belong here, or says something where nothing is to be said.
  case kind
  /// It has another number than its name says.
  case number(UInt64)
  /// Its first frame is not the one that has to follow.
  case sequence(UInt64)
  /// The frame before it was another.
  case previous
  /// It is of another data directory.
  case identity
}
