// From a verb's bytes to its row: the verb folded to capitals in two machine words, multiplied into a slot of a small
// open-addressed table that is at most a quarter full. Most requests have the same verb as the one before, spelt the
// same, which is remembered.

import Bytes
import Wire

/// Finds a command by its verb, whatever its case; O(1), allocates nothing.
struct VerbIndex: ~Copyable {
  private static let slotCount = 1024
  /// Row number + 1, or 0.
  private var slots = ZeroedArray<UInt16>(count: slotCount)
  private var names: ZeroedArray<FoldedWord>
  /// The last verb that was found, as it was spelt, and its row.
  private var lastVerb: UInt64 = 0
  private var lastVerbBytes = 0
  private var lastRow = -1

  init(_ rows: [Command]) {
    precondition(rows.count <= Self.slotCount / 4, "the index stays sparse")
    names = ZeroedArray(count: rows.count)
    for (row, command) in rows.enumerated() {
      guard let name = FoldedWord(command.name) else { preconditionFailure("a name has 1 to 16 bytes") }
      precondition(self.row(of: name) == nil, "a command has one row")
      var slot = Self.firstSlot(name)
      while slots[slot] != 0 { slot = (slot + 1) % Self.slotCount }
      slots[slot] = UInt16(row + 1)
      names[row] = name
    }
  }

  /// The row of a request's verb, or −1.
  @inline(__always)
  mutating func row(of request: borrowing Request) -> Int {
    if let verb = request.shortVerb, verb == lastVerb, request.verbBytes == lastVerbBytes { return lastRow }
    return search(request)
  }

  @inline(never)
  private mutating func search(_ request: borrowing Request) -> Int {
    guard let verb = FoldedWord(request[0]), let row = row(of: verb) else { return -1 }
    if let short = request.shortVerb { (lastVerb, lastVerbBytes, lastRow) = (short, request.verbBytes, row) }
    return row
  }

  /// The row of `verb`, or nil.
  func row(of verb: FoldedWord) -> Int? {
    var slot = Self.firstSlot(verb)
    while slots[slot] != 0 {
      let row = Int(slots[slot]) &- 1
      if names[row] == verb { return row }
      slot = (slot &+ 1) & (Self.slotCount &- 1)
    }
    return nil
  }

  @inline(__always)
  private static func firstSlot(_ word: FoldedWord) -> Int {
    let mixed = (word.low ^ (word.high &* 0x9E37_79B9_7F4A_7C15)) &* 0xD6E8_FEB8_6659_FD93
    return Int(mixed >> 54)
  }
}
