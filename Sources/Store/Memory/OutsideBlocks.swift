// The memory of large values, which lie outside the slabs: each in a block of its own, straight from the page source.
// This is the only place where such a block is taken or given back.

import Bytes

/// Takes and gives back the blocks of large entries, and counts their bytes.
struct OutsideBlocks {
  private let pages: PageSource
  private(set) var bytes = 0

  init(pages: PageSource) { self.pages = pages }

  /// Takes a block, its content unspecified; nil if there is no memory.
  mutating func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    guard let block = pages.allocate(byteCount, 16) else { return nil }
    bytes += byteCount
    return block
  }

  /// Gives a block back; `byteCount` is what it was taken with.
  mutating func release(_ block: UnsafeMutableRawPointer, _ byteCount: Int) {
    bytes -= byteCount
    pages.release(block, byteCount)
  }
}
