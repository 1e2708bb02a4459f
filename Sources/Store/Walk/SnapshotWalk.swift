// A walk over the keys that existed at one moment, while keys come and go: no copy, no fork, no stop.
//
//     buckets   0 ───────────► next ─────────────────────────► end      (as many as there were at the start)
//               visited        not visited; those that were about
//                              to change are marked, their keys captured
//
// The walk visits buckets in ascending order, some a step. Before a new key, a removal, a split or a merge changes
// which keys a bucket holds, each walk that has yet to visit it captures its keys, and marks it as visited. So each key
// that existed at the start is reported once, and no other. Storing a new value under an old key changes no set of
// keys, and costs nothing. A key that had expired at the start is not reported; so a change of expiry counts as a
// change of keys where it would make one of those visible to the walk, or hide another. Buckets that come after `end`
// hold keys of buckets that were captured when they were split, or new ones; buckets that are merged away were captured
// when they were. When all keys are removed at once, the walk goes on over them as they were, set aside.

import Bytes

/// One walk's progress.
struct SnapshotWalk: ~Copyable {
  let end: Int
  /// Keys that it reports in all, if that was known at its start, and keys reported so far.
  let keyCount: Int?
  /// When it started: keys that had expired by then are not reported.
  let now: Int64
  var reportedCount = 0
  /// The first bucket that has not been visited in order.
  var next = 0
  private var marks: Bitmap
  /// Keys that were captured and not reported: a length of four bytes, then the key, one after the other.
  private var captured = ByteBuffer()
  private var drained = 0
  private(set) var isLost = false
  private let capturedBytesMax: Int

  init(bucketCount: Int, keyCount: Int?, now: Int64, capturedBytesMax: Int) {
    end = bucketCount
    self.keyCount = keyCount
    self.now = now
    self.capturedBytesMax = capturedBytesMax
    marks = Bitmap(count: bucketCount)
  }

  /// Whether `bucket` is still to be visited.
  func isAhead(_ bucket: Int) -> Bool {
    !isLost && bucket >= next && bucket < end && !marks.contains(bucket)
  }

  mutating func mark(_ bucket: Int) { marks.insert(bucket) }

  /// Keeps one key of a bucket that is about to change.
  mutating func capture(_ key: UnsafeRawBufferPointer) {
    guard !isLost else { return }
    guard captured.count - drained + key.count + 4 <= capturedBytesMax else {
      isLost = true
      captured = ByteBuffer()
      drained = 0
      return
    }
    withUnsafeBytes(of: UInt32(key.count).littleEndian) { length in
      captured.append(Span(_unsafeElements: length.assumingMemoryBound(to: UInt8.self)))
    }
    captured.append(Span(_unsafeElements: key.assumingMemoryBound(to: UInt8.self)))
  }

  /// Reports captured keys until some `bytes` bytes are reported; returns how many bytes were.
  mutating func drain(bytes: Int, _ report: (Span<UInt8>) -> Void) -> Int {
    var reported = 0
    while drained < captured.count, reported < bytes {
      let length = captured.span.withUnsafeBytes {
        Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: drained, as: UInt32.self)))
      }
      report(captured.span.extracting(drained + 4..<drained + 4 + length))
      reportedCount += 1
      drained += 4 + length
      reported += length
    }
    if drained == captured.count {
      captured.removeAll(keepingCapacity: 64 * 1024)
      drained = 0
    } else if drained > captured.count / 2 {
      // So that it never holds more than twice what waits, however long changes stay ahead of the reports.
      captured.removePrefix(drained)
      drained = 0
    }
    return reported
  }

  /// Bytes of captured keys that are held, those reported already among them.
  var heldBytes: Int { captured.count }

  /// Whether everything captured has been reported.
  var isDrained: Bool { drained == captured.count }
}

/// A set of small numbers, a bit each; its memory is committed as it is touched.
private struct Bitmap: ~Copyable {
  private var words: ZeroedArray<UInt64>

  init(count: Int) { words = ZeroedArray(count: (count + 63) / 64) }

  func contains(_ number: Int) -> Bool { words[number >> 6] >> UInt64(number & 63) & 1 != 0 }

  mutating func insert(_ number: Int) { words[number >> 6] |= 1 << UInt64(number & 63) }
}
