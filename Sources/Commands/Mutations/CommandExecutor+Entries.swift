// The keyspace as records, in slices: what a compacted journal consists of. A large value is told part by part, so that
// no slice is long. Neither the whole nor a large value is of one moment; what changes meanwhile is recorded as ever,
// and applied over it.

public import Bytes
import Store

/// Records gathered of the keyspace, and where to go on.
public struct EntryRecords: ~Copyable {
  /// The records, behind whatever stands in front of them.
  public var buffer = ByteBuffer()
  /// How many there are in the buffer.
  public var count = 0
  /// Keys told so far.
  public private(set) var keyCount: UInt64 = 0
  /// Where SCAN's cursor stands.
  private var cursor: UInt64 = 0
  private var hasScanned = false
  /// Keys with large values that the cursor has passed, and how much has been told of the last of them.
  private var large: [[UInt8]] = []
  private var largeOffset = 0

  /// Creates an empty gathering, at the keyspace's beginning.
  public init() {}

  /// Whether all keys have been told.
  public var isComplete: Bool { hasScanned && large.isEmpty }

  fileprivate mutating func append(
    someOf keyspace: borrowing Keyspace, keys: Int, bytes: Int, now: Int64
  ) {
    if let key = large.last {
      append(partOf: key, of: keyspace, bytes: bytes, now: now)
      return
    }
    cursor = keyspace.scanEntries(cursor: cursor, count: keys, bytes: bytes, now: now) { key, value, expiry in
      keyCount += 1
      guard value.count <= CommandLimits.wholeEntryBytesMax else {
        large.append(key.copied)
        return
      }
      MutationLog.appendSet(key, value, expiry: expiry, to: &buffer)
      count += 1
    }
    hasScanned = cursor == 0
  }

  /// Tells a part of a value as a patch; what is left of it may have changed since the part before.
  private mutating func append(partOf key: [UInt8], of keyspace: borrowing Keyspace, bytes: Int, now: Int64) {
    let hash = keyspace.hash(key.span)
    guard let value = keyspace.value(of: key.span, hash: hash, now: now), largeOffset < value.count else {
      endLarge()
      return
    }
    let part = largeOffset..<min(largeOffset + bytes, value.count)
    let expiry = keyspace.expiry(of: key.span, hash: hash, now: now) ?? .never
    MutationLog.appendPatch(
      key.span, expiry: expiry, total: value.count, offset: part.lowerBound, value.extracting(part), to: &buffer)
    count += 1
    largeOffset = part.upperBound
    if largeOffset == value.count { endLarge() }
  }

  private mutating func endLarge() {
    large.removeLast()
    largeOffset = 0
  }
}

extension CommandExecutor {
  /// Appends records of some more keys: stops after `keys` of them or `bytes` bytes, or little more.
  public func append(to records: inout EntryRecords, keys: Int, bytes: Int) {
    records.append(someOf: keyspace, keys: keys, bytes: bytes, now: now)
  }

  /// Removes the keys whose time had come by `time`, which is not before now: those that somebody has been told are
  /// gone stay so, should the wall clock have been set back since.
  public mutating func removeKeys(expiredBy time: Int64) {
    _ = keyspace.removeExpired(now: time, limit: .max) { _ in }
  }
}
