// A frame: what one group commit wrote, applied as a whole or not at all. 64 bytes of header, then the payload, then
// zeros up to a multiple of 8; numbers with their lowest byte first.
//
//      0 ┌───────────────────┬───────────────────┐
//        │ "FRAM"            │ CRC32C of 8..<64  │
//      8 ├───────────────────┴───────────────────┤
//        │ sequence                              │   counts up by one, from 1, over the life of the directory;
//     16 ├───────────────────────────────────────┤   in a base: from 1
//        │ synced through this sequence          │   was on disk for certain when this frame was written
//     24 ├───────────────────────────────────────┤
//        │ salt of the file                      │
//     32 ├───────────────────────────────────────┤
//        │ time, milliseconds since 1970         │   the earliest at which its changes were made
//     40 ├───────────────────────────────────────┤
//        │ bytes of the payload                  │
//     48 ├───────────────────┬───────────────────┤
//        │ CRC32C of the     │ CRC32C of the     │   of the frame before: what stands in bytes 4..<8 of its header;
//        │ payload           │ frame before      │   in a file's first frame, what the file's header says of it
//     56 ├───────────────────┼──────┬────────────┤
//        │ records in the    │ kind │ zero       │   kind: 0 changes, 1 end of a base, 2 clean shutdown
//        │ payload           │      │            │
//     64 ├───────────────────┴──────┴────────────┤
//        │ payload, zeros                        │
//        └───────────────────────────────────────┘
//
// The checksum of the header covers that of the payload, and the next frame repeats it: a frame that was replaced,
// dropped, repeated or left over from an older file breaks the chain. "Synced through" tells corruption from a write
// that a power cut interrupted: a bad frame that no later frame says was on disk may have been on its way there.

public import Bytes

/// What a frame is for.
public enum FrameKind: UInt8, Equatable, Sendable {
  /// Its payload is records of changes.
  case changes = 0
  /// The last frame of a base. A base without it is not whole. Its payload is for people: how many keys there are.
  case endOfBase = 1
  /// The last thing that a stopping server writes; without payload.
  case shutdown = 2
}

/// The first 64 bytes of a frame.
public struct FrameHeader: Equatable, Sendable {
  /// How long it is.
  public static let bytes = 64
  /// Each frame begins at a multiple of so many bytes.
  public static let alignment = 8
  /// "FRAM", the first letter lowest.
  static let magic: UInt32 = 0x4D41_5246

  /// The frame's place in the order of all.
  public var sequence: UInt64
  /// Every frame through this one was on disk when this frame was written.
  public var syncedThrough: UInt64
  /// The file's salt.
  public var salt: UInt64
  /// The earliest time at which its changes were made, in milliseconds since 1970.
  public var time: Int64
  /// Bytes of the payload.
  public var payloadCount: UInt64
  /// The payload's checksum.
  public var payloadCRC: UInt32
  /// The checksum of the header before, `crc` there.
  public var previousCRC: UInt32
  /// Records in the payload.
  public var recordCount: UInt32
  /// What it is for.
  public var kind: FrameKind

  /// Creates a header.
  public init(
    sequence: UInt64, syncedThrough: UInt64, salt: UInt64, time: Int64, payloadCount: UInt64, payloadCRC: UInt32,
    previousCRC: UInt32, recordCount: UInt32, kind: FrameKind
  ) {
    self.sequence = sequence
    self.syncedThrough = syncedThrough
    self.salt = salt
    self.time = time
    self.payloadCount = payloadCount
    self.payloadCRC = payloadCRC
    self.previousCRC = previousCRC
    self.recordCount = recordCount
    self.kind = kind
  }

  /// Overwrites the 64 bytes from `offset` on, which have to be filled already; returns the checksum in them.
  @discardableResult
  public func write(to file: inout ByteBuffer, at offset: Int) -> UInt32 {
    file.put(littleEndian: Self.magic, at: offset)
    file.put(littleEndian: sequence, at: offset + 8)
    file.put(littleEndian: syncedThrough, at: offset + 16)
    file.put(littleEndian: salt, at: offset + 24)
    file.put(littleEndian: time, at: offset + 32)
    file.put(littleEndian: payloadCount, at: offset + 40)
    file.put(littleEndian: payloadCRC, at: offset + 48)
    file.put(littleEndian: previousCRC, at: offset + 52)
    file.put(littleEndian: recordCount, at: offset + 56)
    file.put(littleEndian: UInt32(kind.rawValue), at: offset + 60)
    let crc = CRC32C.of(file.span.extracting(offset + 8..<offset + Self.bytes))
    file.put(littleEndian: crc, at: offset + 4)
    return crc
  }

  /// Reads the header that stands in `bytes` from `offset` on: whether it is whole, not whether it belongs there.
  public static func read(_ bytes: Span<UInt8>, at offset: Int = 0) throws(FrameFault) -> FrameHeader {
    guard bytes.count - offset >= Self.bytes else { throw .cut }
    guard bytes.littleEndian(UInt32.self, at: offset) == magic else { throw .magic }
    let checksum = CRC32C.of(bytes.extracting(offset + 8..<offset + Self.bytes))
    guard crc(of: bytes, at: offset) == checksum else { throw .checksum }
    let kindAndZeros = bytes.littleEndian(UInt32.self, at: offset + 60)
    guard kindAndZeros <= 0xFF, let kind = FrameKind(rawValue: UInt8(kindAndZeros)) else { throw .kind }
    return FrameHeader(
      sequence: bytes.littleEndian(at: offset + 8), syncedThrough: bytes.littleEndian(at: offset + 16),
      salt: bytes.littleEndian(at: offset + 24), time: bytes.littleEndian(at: offset + 32),
      payloadCount: bytes.littleEndian(at: offset + 40), payloadCRC: bytes.littleEndian(at: offset + 48),
      previousCRC: bytes.littleEndian(at: offset + 52), recordCount: bytes.littleEndian(at: offset + 56), kind: kind)
  }

  /// The checksum that a header says it has, by which the next frame names it.
  static func crc(of bytes: Span<UInt8>, at offset: Int) -> UInt32 { bytes.littleEndian(at: offset + 4) }

  /// Bytes of the whole frame, or nil if there is no such number.
  var frameBytes: UInt64? {
    let (end, isTooLong) = payloadCount.addingReportingOverflow(UInt64(Self.bytes + Self.alignment - 1))
    return isTooLong ? nil : end / UInt64(Self.alignment) * UInt64(Self.alignment)
  }
}

/// Why the bytes where a frame has to begin are not the one that belongs there.
public enum FrameFault: Error, Equatable, Sendable {
  /// There are fewer bytes than a header has.
  case cut
  /// They do not begin with the magic word.
  case magic
  /// The header's checksum is another.
  case checksum
  /// It is of a kind that is unknown or does not belong here, or says something where nothing is to be said.
  case kind
  /// It is of another file.
  case salt
  /// It is another frame than the one whose turn it is.
  case sequence(UInt64)
  /// The frame before it was another.
  case previous
  /// It is longer than what there is of the file.
  case length(UInt64)
  /// The payload's checksum is another.
  case payload
  /// The zeros behind the payload are not.
  case padding
}
