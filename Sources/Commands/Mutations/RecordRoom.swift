// Nothing is executed that cannot be written down. Whoever keeps the records of changes says for how many bytes there
// is room; a request is executed if what it may record fits. If it may not, it waits until room was asked for, and is
// refused if there is none. Its bound is drawn from its words, before anything is done:
//
//     words             each key and value, some bytes for lengths and an expiry
//     what keys hold    of commands that give a value another key, or combine values, as long as those are now
//
// A whole batch is held against the room first, by the bytes that it came in: so that costs one comparison.

import Bytes
import Store
import Wire

/// For how many bytes of records there is room.
public struct RecordRoom: Sendable {
  /// Bytes that the block at hand may have, its header included.
  public var bytes = Int.max
  /// Those of them that only removals may use, and other changes that store nothing.
  public var reservedBytes = 0
  /// A request that would need so much more than the block has is refused: that was asked for, and is not to be had.
  public var refusedFrom = Int.max
  /// How much more than the block has a request needs that waits for room; 0: none waits.
  public var wanted = 0

  /// Creates room without a bound.
  public init() {}
}

extension CommandExecutor {
  /// Whether a batch of requests that came in so many bytes may not fit, each of them recording its words at most.
  @inline(__always)
  func isRoomShort(forBatchOf byteCount: Int) -> Bool {
    log.buffer.count &+ 2 &* byteCount &+ CommandLimits.batchRecordBytesMax > room.bytes &- room.reservedBytes
  }

  /// What becomes of a request for whose records there may be no room.
  enum RoomAnswer {
    case fits, waits, refused
  }

  private mutating func answer(need: Int, mayUseReserve: Bool) -> RoomAnswer {
    let (need, overflow) = need.addingReportingOverflow(mayUseReserve ? 0 : room.reservedBytes)
    guard overflow || need > room.bytes - log.buffer.count else { return .fits }
    guard !overflow, writeHold != .diskFull, need < room.refusedFrom else { return .refused }
    room.wanted = max(room.wanted, need)
    return .waits
  }

  /// Refuses a request, or has it wait, if there may be no room for what it records; nil if there is.
  mutating func refuseForRoom(_ request: borrowing Request, _ row: Int) -> Outcome? {
    let shape = shape(of: row)
    // Whether there is room for a whole transaction was decided when it began.
    guard log.isOn, !isExecuting, shape.traits.contains(.writes) else { return nil }
    let need = recordBytesMax(of: request, shape)
    switch answer(need: need, mayUseReserve: shape.traits.isDisjoint(with: [.grows, .copies])) {
    case .fits: return nil
    case .waits: return .waits(.pause)
    case .refused:
      refuseWhileFull()
      return .replied
    }
  }

  /// What becomes of EXEC, for what the requests of its transaction record.
  mutating func roomAnswer(_ transaction: Transaction) -> RoomAnswer {
    guard log.isOn, transaction.traits.contains(.writes) else { return .fits }
    let words = 2 * (transaction.bytes.count + transaction.requestCount * CommandLimits.recordBytesBesideWordsMax)
    let copied = transaction.traits.contains(.copies) ? copiedBytesMax(of: transaction) : 0
    return answer(
      need: words + copied, mayUseReserve: transaction.traits.isDisjoint(with: [.grows, .copies]))
  }

  // MARK: - Bounds

  /// What a request records at most: each word once, the first key perhaps twice, since what it held may be removed
  /// first, or the new value at once.
  private func recordBytesMax(of request: borrowing Request, _ shape: CommandShape) -> Int {
    // An end of all keys is the last thing that a full disk should refuse.
    guard !shape.traits.contains(.allKeys) else { return CommandLimits.frameHeaderBytes * 2 }
    var bytes = CommandLimits.recordBytesBesideWordsMax
    for index in 1..<max(1, request.count) { bytes += request[index].count + CommandLimits.recordBytesBesideWordMax }
    if request.count > 1 { bytes += request[1].count }
    guard shape.traits.contains(.copies) else { return bytes }
    return bytes + CommandLimits.numberBytesMax + max(longestValue(of: request, shape), restoredBytesMax(of: request))
  }

  /// The length of the longest value that a request names.
  private func longestValue(of request: borrowing Request, _ shape: CommandShape) -> Int {
    guard shape.keys.first != 0 else { return 0 }
    var longest = 0
    for index in shape.keys.indices(wordCount: request.count) {
      longest = max(longest, valueCount(of: request[index], keyspace.hash(request[index])) ?? 0)
    }
    return longest
  }

  private func restoredBytesMax(of request: borrowing Request) -> Int {
    request.count > 3 && request[0].isWord("RESTORE") ? DumpPayload.valueBytesMax(of: request[3]) : 0
  }

  /// What those requests of a transaction record beside their words that copy values: each as much as the longest value
  /// that one of them may find there by then.
  private mutating func copiedBytesMax(of transaction: Transaction) -> Int {
    var transaction = transaction
    var words = RangeList()
    let bytes = transaction.bytes
    var longest = 0
    var copied = 0
    while transaction.next(&words) {
      let request = Request(bytes: bytes.span, words: words.span)
      let row = verbs.row(of: request)
      guard row >= 0, request.count > 1 else { continue }
      let shape = shape(of: row)
      longest = max(longest, longestValue(of: request, shape), restoredBytesMax(of: request), stretchedTo(by: request))
      for index in 1..<request.count { longest += request[index].count }
      if shape.traits.contains(.copies) { copied += longest + CommandLimits.numberBytesMax }
    }
    return copied
  }

  /// How long a value is at least once a request has been executed that fills it with zeros up to an offset.
  private func stretchedTo(by request: borrowing Request) -> Int {
    guard request.count > 2, let offset = request[2].integer, offset >= 0 else { return 0 }
    let end = Int(min(offset, Int64(settings.valueBytesMax) * 8))
    if request[0].isWord("SETRANGE") { return min(end, settings.valueBytesMax) }
    return request[0].isWord("SETBIT") ? end / 8 + 1 : 0
  }

  // MARK: - Keys that have expired

  /// How many keys that have expired can be removed now, of `limit`: the removals are recorded too.
  func expiredKeysMax(_ limit: Int) -> Int {
    guard log.isOn else { return limit }
    let left = room.bytes - log.buffer.count - CommandLimits.recordBytesBesideWordsMax
    let longest = max(settings.keyBytesMax, loadedKeyBytesMax)
    return max(0, min(limit, left / (longest + CommandLimits.recordBytesBesideWordMax)))
  }
}
