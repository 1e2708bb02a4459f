// From records back to keys: what a journal holds is applied to the keyspace by the same operations that commands use.

import Bytes
import Store

/// Why a block of records cannot be applied.
public enum ApplyFault: Error, Equatable, Sendable {
  /// The bytes from this offset on are no record: a bug has written them, for their checksum was right.
  case malformed(offset: Int)
  /// There is no room in memory for what they hold.
  case store(StoreError)
}

extension CommandExecutor {
  /// Applies a block of records; returns how many there were.
  ///
  /// - Parameters:
  ///   - records: records from end to end, without a header.
  ///   - time: the wall time of the turn that made them, which tells the keys that had expired by then.
  public mutating func apply(_ records: Span<UInt8>, time: Int64) throws(ApplyFault) -> Int {
    var reader = BinaryReader()
    var count = 0
    while reader.position < records.count {
      let offset = reader.position
      let isRecord: Bool
      do throws(StoreError) {
        isRecord = try apply(&reader, records, time)
      } catch {
        throw .store(error)
      }
      guard isRecord else { throw .malformed(offset: offset) }
      count += 1
    }
    return count
  }

  /// Applies the record that the reader stands at; false if it is none.
  @inline(__always)
  private mutating func apply(
    _ reader: inout BinaryReader, _ records: Span<UInt8>, _ time: Int64
  ) throws(StoreError) -> Bool {
    guard let byte = reader.byte(of: records), let kind = MutationLog.Kind(rawValue: byte) else { return false }
    if kind == .flush {
      keyspace.removeAll()
      return true
    }
    guard let keyPlace = reader.counted(of: records) else { return false }
    let key = records.extracting(keyPlace)
    let hash = keyspace.hash(key)
    switch kind {
    case .set:
      guard let value = reader.counted(of: records) else { return false }
      try keyspace.set(key, hash: hash, value: records.extracting(value), now: time)
    case .setWithExpiry:
      guard let expiry = reader.word(of: records), let value = reader.counted(of: records) else { return false }
      let moment = Int64(bitPattern: expiry)
      try keyspace.set(key, hash: hash, value: records.extracting(value), expiry: .at(moment), now: time)
    case .delete: _ = keyspace.remove(key, hash: hash, now: time)
    case .expiry:
      guard let expiry = reader.word(of: records) else { return false }
      try keyspace.setExpiry(of: key, hash: hash, to: Self.expiry(expiry), now: time)
    case .patch: return try applyPatch(&reader, records, key, hash, time)
    case .flush: break
    }
    return true
  }

  private static func expiry(_ word: UInt64) -> Expiry {
    let moment = Int64(bitPattern: word)
    return moment == MutationLog.noExpiry ? .never : .at(moment)
  }

  private mutating func applyPatch(
    _ reader: inout BinaryReader, _ records: Span<UInt8>, _ key: Span<UInt8>, _ hash: UInt64, _ time: Int64
  ) throws(StoreError) -> Bool {
    guard let expiry = reader.word(of: records), let total = reader.varint(of: records),
      let offset = reader.varint(of: records), let place = reader.counted(of: records),
      let count = Int(exactly: total), let start = Int(exactly: offset), start <= count, place.count <= count - start
    else { return false }
    try keyspace.resizeValue(of: key, hash: hash, to: count, now: time)
    let part = records.extracting(place)
    _ = keyspace.withMutableValue(of: key, hash: hash, now: time) { value in value.copy(part, to: start) }
    try keyspace.setExpiry(of: key, hash: hash, to: Self.expiry(expiry), now: time)
    return true
  }
}
