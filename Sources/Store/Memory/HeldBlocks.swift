// The blocks of large values that stay although no entry may refer to them any more: those that a reply still reads,
// and those so large that giving them back at once would hold up everything else.
//
//     an entry's ──► dropped ──┬─ held ──► let go ──┐
//                              │                    ▼
//                              └──────────► given back: at once, or from its end on, a slice at a time
//
// A block is held by its address, as often as somebody asks. While it is, its content stays as it is: whoever wants to
// change a value in place asks first, and gives the entry a copy. So holding a value costs what the table below needs,
// and an entry that nobody holds costs nothing at all.

import Bytes

/// Blocks of large values beyond their entries. A class, since the keyspace and what was emptied of it share it.
final class HeldBlocks {
  private struct Hold {
    var holders = 0
    let byteCount: Int
    /// Whether the entry is gone, so that the last holder gives the block back.
    var isDropped = false
  }

  private struct Returning {
    let block: UnsafeMutableRawPointer
    var byteCount: Int
  }

  private let pages: PageSource
  private var holds: [UInt: Hold] = [:]
  private var returning: [Returning] = []
  /// Where `droppedBytes` lies: outside of the object, so that a look at it every turn costs no check for exclusivity.
  private let dropped = UnsafeMutablePointer<Int>.allocate(capacity: 1)
  /// Bytes of blocks that no entry refers to.
  private(set) var droppedBytes: Int {
    get { dropped.pointee }
    set { dropped.pointee = newValue }
  }

  init(pages: PageSource) {
    self.pages = pages
    dropped.initialize(to: 0)
  }

  deinit {
    dropped.deallocate()
    for (address, hold) in holds where hold.isDropped {
      pages.release(UnsafeMutableRawPointer(bitPattern: address).unsafelyUnwrapped, hold.byteCount)
    }
    for rest in returning { pages.release(rest.block, rest.byteCount) }
  }

  // MARK: - Holding

  /// Whether somebody reads a block, so that it has to stay as it is.
  func isHeld(_ block: UnsafeMutableRawPointer) -> Bool { !holds.isEmpty && holds[UInt(bitPattern: block)] != nil }

  /// Keeps an entry's block as it is until it is let go as often.
  func hold(_ block: UnsafeMutableRawPointer, _ byteCount: Int) {
    holds[UInt(bitPattern: block), default: Hold(byteCount: byteCount)].holders += 1
  }

  /// Undoes one `hold`.
  func letGo(_ block: UnsafeMutableRawPointer) {
    let address = UInt(bitPattern: block)
    guard var hold = holds[address] else { preconditionFailure("what is let go is held") }
    hold.holders -= 1
    holds[address] = hold.holders > 0 ? hold : nil
    guard hold.holders == 0, hold.isDropped else { return }
    droppedBytes -= hold.byteCount
    giveBack(block, hold.byteCount)
  }

  // MARK: - Giving back

  /// Takes a block that its entry does not refer to any more.
  func drop(_ block: UnsafeMutableRawPointer, _ byteCount: Int) {
    guard isHeld(block) else { return giveBack(block, byteCount) }
    holds[UInt(bitPattern: block)]?.isDropped = true
    droppedBytes += byteCount
  }

  private func giveBack(_ block: UnsafeMutableRawPointer, _ byteCount: Int) {
    guard byteCount >= StoreLimits.slicedBlockBytesMin, pages.shorten != nil else {
      return pages.release(block, byteCount)
    }
    returning.append(Returning(block: block, byteCount: byteCount))
    droppedBytes += byteCount
  }

  /// Whether there are blocks that are being given back.
  var isGivingBack: Bool { droppedBytes > 0 && !returning.isEmpty }

  /// Gives the last two MiB or so of such a block back; false if there is none.
  func giveBackSome() -> Bool {
    guard droppedBytes > 0, let last = returning.popLast() else { return false }
    let rest = last.byteCount - StoreLimits.regionBytes
    if rest >= StoreLimits.regionBytes, let shorten = pages.shorten {
      shorten(last.block, last.byteCount, rest)
      returning.append(Returning(block: last.block, byteCount: rest))
      droppedBytes -= StoreLimits.regionBytes
    } else {
      pages.release(last.block, last.byteCount)
      droppedBytes -= last.byteCount
    }
    return true
  }

  // MARK: - Checking

  /// Ends the process with a message if the holds do not add up with the blocks that entries refer to; nil: with those
  /// of some entries only.
  func check(entryBlocks: Set<UInt>?) {
    var bytes = returning.reduce(0) { $0 + $1.byteCount }
    for (address, hold) in holds {
      precondition(hold.holders > 0, "a block that nobody holds is forgotten")
      if hold.isDropped { bytes += hold.byteCount }
      guard let entryBlocks else { continue }
      precondition(hold.isDropped != entryBlocks.contains(address), "a held block is an entry's, or was dropped")
    }
    precondition(bytes == droppedBytes, "dropped blocks' bytes are counted right")
  }
}
