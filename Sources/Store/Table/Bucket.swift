// A bucket of the hash table: one cache line.
//
//     0         10                                              60    64
//     ┌─────────┬────────┬────────┬────────┬─ … ─┬────────┬─────┐
//     │ 10 tags │handle 0│handle 1│handle 2│     │handle 9│link │
//     │ 1 B each│  5 B   │        │        │     │        │ 4 B │
//     └─────────┴────────┴────────┴────────┴─ … ─┴────────┴─────┘
//
// A tag is 0 for an empty slot, else seven bits of the key's hash under a set top bit. The top bit makes an exact test
// of eight tags at once possible: in `tags ^ probe` a byte is zero only where they are equal, and adding 0x7F to its
// low seven bits sets the top bit for every other byte. One wrong candidate in 128 is left, which costs a cache miss.
//
// Five bytes name a block anywhere in 256 GiB (with four bits to spare), and so ten slots fit a line where eight-byte
// pointers would allow seven. The link names an overflow bucket, a block of 64 bytes, in units of 64 bytes.

/// A view of one bucket.
struct Bucket {
  static let bytes = 64
  static let slotCount = 10
  private static let handlesOffset = 10
  private static let linkOffset = 60
  private static let topBits: UInt64 = 0x8080_8080_8080_8080

  let base: UnsafeMutableRawPointer

  /// The tag of a hash; never 0.
  @inline(__always)
  static func tag(_ hash: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: hash &>> 57) | 0x80 }

  @inline(__always) private var lowTags: UInt64 { base.load(as: UInt64.self) }
  @inline(__always) private var highTags: UInt64 { UInt64(base.load(fromByteOffset: 8, as: UInt16.self)) }

  /// Of the first eight slots, those whose tag is `tag`: the top bit of each byte.
  @inline(__always)
  func lowMatches(_ tag: UInt8) -> UInt64 { Self.equalBytes(lowTags, tag) }

  /// Of the last two slots, those whose tag is `tag`: the top bit of each byte.
  @inline(__always)
  func highMatches(_ tag: UInt8) -> UInt64 { Self.equalBytes(highTags, tag) }

  /// The first slot whose tag is `tag`, or nil.
  @inline(__always)
  func firstMatch(_ tag: UInt8) -> Int? {
    let low = lowMatches(tag)
    if low != 0 { return low.trailingZeroBitCount &>> 3 }
    let high = highMatches(tag)
    return high != 0 ? 8 &+ high.trailingZeroBitCount &>> 3 : nil
  }

  @inline(__always)
  private static func equalBytes(_ tags: UInt64, _ tag: UInt8) -> UInt64 {
    let difference = tags ^ (0x0101_0101_0101_0101 &* UInt64(tag))
    return ~(((difference & ~topBits) &+ ~topBits) | difference) & topBits
  }

  /// The first empty slot, or nil.
  @inline(__always)
  var emptySlot: Int? {
    let low = ~lowTags & Self.topBits
    if low != 0 { return low.trailingZeroBitCount &>> 3 }
    let high = ~highTags & 0x8080
    return high != 0 ? 8 &+ high.trailingZeroBitCount &>> 3 : nil
  }

  /// How many slots are occupied.
  var occupiedCount: Int { (lowTags & Self.topBits).nonzeroBitCount + (highTags & 0x8080).nonzeroBitCount }

  @inline(__always)
  func tag(at slot: Int) -> UInt8 { base.load(fromByteOffset: slot, as: UInt8.self) }

  @inline(__always)
  func handle(at slot: Int) -> BlockHandle {
    let word = base.loadUnaligned(fromByteOffset: Self.handlesOffset &+ slot &* 5, as: UInt64.self)
    return BlockHandle(rawValue: word & 0xFF_FFFF_FFFF)
  }

  @inline(__always)
  func set(_ slot: Int, tag: UInt8, handle: BlockHandle) {
    base.storeBytes(of: tag, toByteOffset: slot, as: UInt8.self)
    set(slot, handle: handle)
  }

  @inline(__always)
  func set(_ slot: Int, handle: BlockHandle) {
    let offset = Self.handlesOffset &+ slot &* 5
    base.storeBytes(of: UInt32(truncatingIfNeeded: handle.rawValue), toByteOffset: offset, as: UInt32.self)
    base.storeBytes(of: UInt8(truncatingIfNeeded: handle.rawValue &>> 32), toByteOffset: offset &+ 4, as: UInt8.self)
  }

  @inline(__always)
  func empty(_ slot: Int) { base.storeBytes(of: 0, toByteOffset: slot, as: UInt8.self) }

  /// The overflow bucket behind this one, or nil.
  @inline(__always)
  var link: BlockHandle? {
    let units = base.load(fromByteOffset: Self.linkOffset, as: UInt32.self)
    return units == 0 ? nil : BlockHandle(rawValue: UInt64(units) &<< 4)
  }

  func setLink(_ overflow: BlockHandle?) {
    let units = UInt32(truncatingIfNeeded: (overflow?.rawValue ?? 0) &>> 4)
    base.storeBytes(of: units, toByteOffset: Self.linkOffset, as: UInt32.self)
  }

  func clear() { base.initializeMemory(as: UInt8.self, repeating: 0, count: Self.bytes) }
}
