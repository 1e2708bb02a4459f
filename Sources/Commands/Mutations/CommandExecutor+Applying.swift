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
      let (batch, fault) = readBatch(&reader, records)
      do throws(StoreError) {
        for index in 0..<batch { try apply(mutations[index], keyHashes[index], records, time) }
      } catch {
        throw .store(error)
      }
      if let fault { throw fault }
      count += batch
    }
    return count
  }

  /// Reads some records, and fetches what they are about into the cache, so that the misses of all happen at once.
  /// Returns how many they are, and what is wrong behind them, if anything is.
  private mutating func readBatch(_ reader: inout BinaryReader, _ records: Span<UInt8>) -> (Int, ApplyFault?) {
    var count = 0
    while count < mutations.count, reader.position < records.count {
      let offset = reader.position
      guard let mutation = Mutation.read(&reader, of: records) else { return (count, .malformed(offset: offset)) }
      mutations[count] = mutation
      keyHashes[count] = keyspace.hash(records.extracting(mutation.key.indices))
      count += 1
    }
    if count > 1 { keyspace.prefetch(keyHashes.span.extracting(..<count)) }
    return (count, nil)
  }

  @inline(__always)
  private mutating func apply(
    _ mutation: Mutation, _ hash: UInt64, _ records: Span<UInt8>, _ time: Int64
  ) throws(StoreError) {
    let key = records.extracting(mutation.key.indices)
    let value = records.extracting(mutation.value.indices)
    loadedKeyBytesMax = max(loadedKeyBytesMax, key.count)
    switch mutation.kind {
    case .set: try keyspace.set(key, hash: hash, value: value, now: time)
    case .setWithExpiry: try keyspace.set(key, hash: hash, value: value, expiry: .at(mutation.moment), now: time)
    case .delete: _ = keyspace.remove(key, hash: hash, now: time)
    case .expiry:
      let time = momentOfLife(of: key, hash, before: time)
      try keyspace.setExpiry(of: key, hash: hash, to: mutation.expiry, now: time)
    case .flush: keyspace.removeAll()
    case .patch:
      let time = momentOfLife(of: key, hash, before: time)
      try keyspace.resizeValue(of: key, hash: hash, to: mutation.total, now: time)
      _ = keyspace.withMutableValue(of: key, hash: hash, now: time) { $0.copy(value, to: mutation.start) }
      try keyspace.setExpiry(of: key, hash: hash, to: mutation.expiry, now: time)
    }
  }

  /// A moment, `time` or before, at which what is stored of a key has not expired.
  ///
  /// What changes a part of a key was done to a live one, and a base, whose parts are of different moments, may say of
  /// it that it had expired by then.
  private func momentOfLife(of key: Span<UInt8>, _ hash: UInt64, before time: Int64) -> Int64 {
    guard case .at(let deadline) = keyspace.expiry(of: key, hash: hash, now: .min), deadline <= time else {
      return time
    }
    return deadline - 1
  }
}
