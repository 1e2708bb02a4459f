// The memory of large values, which lie outside the slabs: each in a block of its own, straight from the page source.
// This is the only place where such a block is taken, and where an entry lets go of one; what becomes of it then is
// `HeldBlocks`' business.

import Bytes

/// Takes and drops the blocks of large entries, and counts the bytes of those that entries refer to.
struct OutsideBlocks {
  private let pages: PageSource
  private let held: HeldBlocks
  private(set) var bytes = 0

  init(pages: PageSource, held: HeldBlocks) {
    self.pages = pages
    self.held = held
  }

  /// Takes a block, its content unspecified; nil if there is no memory.
  mutating func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    var block = pages.allocate(byteCount, 16)
    // What is on its way back may be what is missing: this once it has to be waited for.
    while block == nil, held.giveBackSome() { block = pages.allocate(byteCount, 16) }
    guard let block else { return nil }
    bytes += byteCount
    return block
  }

  /// Drops a block; `byteCount` is what it was taken with.
  mutating func release(_ block: UnsafeMutableRawPointer, _ byteCount: Int) {
    bytes -= byteCount
    held.drop(block, byteCount)
  }

  /// Whether a block has to stay as it is, because somebody reads it.
  func isHeld(_ block: UnsafeMutableRawPointer) -> Bool { held.isHeld(block) }
}
