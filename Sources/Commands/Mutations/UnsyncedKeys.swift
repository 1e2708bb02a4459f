// Which keys may have changes that a power cut could still take back, so that a reply which saw one waits and all
// others do not. Changes go into frames, one after the other: one that is being written, and the next, which the turns
// fill meanwhile. For each of the two there is a set of hash bits of the keys that it changes: a key whose bit is not
// set has no change in it. Two keys may share a bit; then a reply waits for nothing, and not long.

import Bytes

/// The keys of the frame that is being filled, and of the one that is being written.
struct UnsyncedKeys: ~Copyable {
  /// The number of the frame that is being filled.
  private(set) var filling: UInt64
  /// Whether a frame is being written: the one before.
  private(set) var isWriting = false
  /// Whether the frame that is being filled has changes.
  private(set) var hasChanges = false
  private var filled = Bits()
  private var written = Bits()

  /// The hash bits of a frame's keys: 8 KiB. A thousand changed keys make one read in 65 wait for nothing.
  private struct Bits: ~Copyable {
    static let count = 1 << 16
    var words = ZeroedArray<UInt64>(count: count / 64)
    /// Whether all keys have changed.
    var all = false
    var isEmpty = true

    func contains(_ hash: UInt64) -> Bool {
      let bit = Int(truncatingIfNeeded: hash >> 32) & (Self.count - 1)
      return all || words[bit >> 6] & (1 << UInt64(bit & 63)) != 0
    }

    mutating func insert(_ hash: UInt64) {
      let bit = Int(truncatingIfNeeded: hash >> 32) & (Self.count - 1)
      words[bit >> 6] |= 1 << UInt64(bit & 63)
      isEmpty = false
    }

    mutating func clear() {
      guard !isEmpty || all else { return }
      for index in 0..<words.count { words[index] = 0 }
      all = false
      isEmpty = true
    }
  }

  init(filling: UInt64) { self.filling = filling }

  /// Whether any key may have a change that is not safe.
  var isAny: Bool { hasChanges || isWriting }

  /// Notes a change of a key.
  mutating func insert(_ hash: UInt64) {
    filled.insert(hash)
    hasChanges = true
  }

  /// Notes a change of all keys.
  mutating func insertAll() {
    filled.all = true
    hasChanges = true
  }

  /// The frame that has to be safe before anybody is told what a key of this hash holds; 0: none.
  func frame(for hash: UInt64) -> UInt64 {
    if hasChanges, filled.contains(hash) { return filling }
    return isWriting && written.contains(hash) ? filling - 1 : 0
  }

  /// The frame that has to be safe before anybody is told of the keyspace as a whole; 0: none.
  var frameForAll: UInt64 { hasChanges ? filling : isWriting ? filling - 1 : 0 }

  /// The frame that was being filled is being written from now on, and the next is filled.
  mutating func beginWriting() {
    precondition(!isWriting, "one frame is written at a time")
    swap(&filled, &written)
    isWriting = true
    hasChanges = false
    filling += 1
  }

  /// The frame that was being written is safe.
  mutating func endWriting() {
    precondition(isWriting, "a frame was being written")
    written.clear()
    isWriting = false
  }
}
