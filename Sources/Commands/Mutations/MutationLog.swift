// The changes that commands make, written down as they are made, so that whoever keeps a journal has a turn's changes
// ready as one block. A change is told by its result in absolute terms, never as the command that it came of: the same
// records over the same keys always give the same keyspace, and records that are applied once more over what they led
// to change nothing in the end.
//
//     set                1 │ key │ value                                a key, a value: its length, then its bytes;
//     set with expiry    2 │ key │ expiry │ value                       lengths and offsets are LEB128,
//     delete             3 │ key                                        an expiry is 8 bytes, little-endian,
//     expiry             4 │ key │ expiry                               in milliseconds since 1970; the greatest number
//     flush              5                                              stands for none
//     patch              6 │ key │ expiry │ total │ offset │ bytes
//
// A patch makes a key's value `total` bytes long, zero where it grows, and overwrites a part of it; a key that is not
// there is made. It keeps a small change to a large value small.

public import Bytes
import Store

/// The changes since the last block was taken.
public struct MutationLog: ~Copyable {
  /// Room for whoever frames a block, in front of its records.
  public let headerBytes: Int
  /// The block: room for a header, then records.
  public var buffer: ByteBuffer
  /// How many records there are.
  public private(set) var recordCount = 0
  /// The turn's time when the first of them was made, or the earliest since, in milliseconds since 1970.
  public private(set) var earliestTime: Int64 = .max
  /// Whether any of them should be kept soon. Removals of keys whose time has come need not: a key that has expired is
  /// not visible, whether its removal is known or not.
  public private(set) var isUrgent = false
  /// Whether a reply was promised that the block is on disk before it is sent, whatever the mode is now.
  public private(set) var mustSync = false
  /// Whether changes are written down at all.
  public internal(set) var isOn = false

  init(headerBytes: Int) {
    self.headerBytes = headerBytes
    buffer = ByteBuffer()
  }

  /// Bytes of all records.
  public var bytes: Int { max(0, buffer.count - headerBytes) }

  /// Exchanges the block for an empty buffer, and begins the next.
  public mutating func take(replacement: consuming ByteBuffer) -> ByteBuffer {
    replacement.removeAll()
    swap(&buffer, &replacement)
    recordCount = 0
    earliestTime = .max
    isUrgent = false
    mustSync = false
    return replacement
  }

  /// Has a block taken soon, even if there is no record in it.
  mutating func demandFrame() { isUrgent = true }

  /// Has the block synced as it is written, though replies do not wait for that any more.
  mutating func demandSync() { mustSync = true }

  // MARK: - Records

  /// Kinds of records, by their first byte.
  enum Kind: UInt8 {
    case set = 1
    case setWithExpiry, delete, expiry, flush, patch
  }

  /// The expiry of a key that does not expire.
  static let noExpiry = Int64.max

  @inline(__always)
  mutating func set(_ key: Span<UInt8>, _ value: Span<UInt8>, expiry: Expiry, now: Int64) {
    begin(now)
    Self.appendSet(key, value, expiry: expiry, to: &buffer)
    isUrgent = true
  }

  /// Appends the record of a key with its value: what a compacted journal consists of.
  @inline(__always)
  static func appendSet(_ key: Span<UInt8>, _ value: Span<UInt8>, expiry: Expiry, to buffer: inout ByteBuffer) {
    switch expiry {
    case .never:
      append(.set, key, to: &buffer)
    case .at(let time):
      append(.setWithExpiry, key, to: &buffer)
      buffer.append(littleEndian: UInt64(bitPattern: time))
    }
    buffer.append(varint: UInt64(value.count))
    buffer.append(value)
  }

  /// A removal; one of a key that had expired can wait.
  mutating func delete(_ key: Span<UInt8>, isUrgent: Bool, now: Int64) {
    begin(now)
    Self.append(.delete, key, to: &buffer)
    if isUrgent { self.isUrgent = true }
  }

  mutating func expiry(_ key: Span<UInt8>, _ expiry: Expiry, now: Int64) {
    begin(now)
    Self.append(.expiry, key, to: &buffer)
    Self.append(expiry, to: &buffer)
    isUrgent = true
  }

  mutating func flush(now: Int64) {
    begin(now)
    buffer.append(Kind.flush.rawValue)
    isUrgent = true
  }

  mutating func patch(
    _ key: Span<UInt8>, expiry: Expiry, total: Int, offset: Int, _ bytes: Span<UInt8>, now: Int64
  ) {
    begin(now)
    Self.appendPatch(key, expiry: expiry, total: total, offset: offset, bytes, to: &buffer)
    isUrgent = true
  }

  /// Appends the record of a part of a value.
  static func appendPatch(
    _ key: Span<UInt8>, expiry: Expiry, total: Int, offset: Int, _ bytes: Span<UInt8>, to buffer: inout ByteBuffer
  ) {
    append(.patch, key, to: &buffer)
    append(expiry, to: &buffer)
    buffer.append(varint: UInt64(total))
    buffer.append(varint: UInt64(offset))
    buffer.append(varint: UInt64(bytes.count))
    buffer.append(bytes)
  }

  @inline(__always)
  private mutating func begin(_ now: Int64) {
    if buffer.isEmpty {
      for _ in 0..<headerBytes { buffer.append(0) }
    }
    recordCount &+= 1
    if now < earliestTime { earliestTime = now }
  }

  @inline(__always)
  private static func append(_ kind: Kind, _ key: Span<UInt8>, to buffer: inout ByteBuffer) {
    buffer.append(kind.rawValue)
    buffer.append(varint: UInt64(key.count))
    buffer.append(key)
  }

  private static func append(_ expiry: Expiry, to buffer: inout ByteBuffer) {
    switch expiry {
    case .never: buffer.append(littleEndian: UInt64(bitPattern: noExpiry))
    case .at(let time): buffer.append(littleEndian: UInt64(bitPattern: time))
    }
  }
}
