// The expiry of an entry: 6 bytes of deadline, and two links of 5 bytes.

extension Entry {
  private static let deadlineOffset = 4
  private static let nextOffset = 10
  private static let previousOffset = 15

  /// When the key expires.
  @inline(__always)
  var deadline: Deadline { hasExpiry ? storedDeadline : .never }

  @inline(__always)
  private var storedDeadline: Deadline {
    let word = base.loadUnaligned(fromByteOffset: Self.deadlineOffset, as: UInt64.self)
    return Deadline(milliseconds: Int64(truncatingIfNeeded: word & 0xFFFF_FFFF_FFFF))
  }

  /// Whether the key is there for somebody who asks at `now`; the deadline lies in the cache line of the header.
  @inline(__always)
  func isLive(at now: Int64) -> Bool { isPlain || !hasExpiry || storedDeadline.milliseconds > now }

  @inline(__always)
  func setDeadline(_ deadline: Deadline) {
    let bits = UInt64(truncatingIfNeeded: deadline.milliseconds)
    base.storeBytes(of: UInt32(truncatingIfNeeded: bits), toByteOffset: Self.deadlineOffset, as: UInt32.self)
    base.storeBytes(
      of: UInt16(truncatingIfNeeded: bits &>> 32), toByteOffset: Self.deadlineOffset + 4, as: UInt16.self)
  }

  /// The next entry in its list: a block's handle, or 0.
  var next: UInt64 {
    base.loadUnaligned(fromByteOffset: Self.nextOffset, as: UInt64.self) & 0xFF_FFFF_FFFF
  }

  /// The one before it: a block's handle, or the list's number under a set top bit.
  var previous: UInt64 {
    // From three bytes further down, so that it does not reach beyond the block.
    base.loadUnaligned(fromByteOffset: Self.previousOffset - 3, as: UInt64.self) >> 24
  }

  func setNext(_ link: UInt64) { setLink(link, Self.nextOffset) }
  func setPrevious(_ link: UInt64) { setLink(link, Self.previousOffset) }

  private func setLink(_ link: UInt64, _ offset: Int) {
    base.storeBytes(of: UInt32(truncatingIfNeeded: link), toByteOffset: offset, as: UInt32.self)
    base.storeBytes(of: UInt8(truncatingIfNeeded: link >> 32), toByteOffset: offset + 4, as: UInt8.self)
  }
}
