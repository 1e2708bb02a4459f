// A key and its value in one block.
//
//     small     ┌────────┬ ╌╌╌╌╌╌ ┬─────┬───────┐      header: 13 bits key length, 13 bits value length,
//               │ header │ expiry │ key │ value │              6 bits of flags
//               │  4 B   │  16 B  │     │       │
//               └────────┴ ╌╌╌╌╌╌ ┴─────┴───────┘
//
//     large     ┌────────┬ ╌╌╌╌╌╌ ┬─────────┬─────┐     ┌──────────┬────────────┬──────────┬───────┬╌╌╌╌╌╌╌┐
//               │ header │ expiry │ pointer │ key │     │ capacity │value length│key length│ value │ slack │
//               │  4 B   │  16 B  │   8 B   │     │ ──► │   8 B    │    8 B     │  8 B: 0  │       │       │
//               └────────┴ ╌╌╌╌╌╌ ┴─────────┴─────┘     └──────────┴────────────┴──────────┴───────┴╌╌╌╌╌╌╌┘
//
//     expiry    ┌──────────┬──────┬──────────┐         only if its flag is set: when the key expires, in ms since
//               │ deadline │ next │ previous │         1970, and its neighbours in a list of the expiry wheel
//               │   6 B    │ 5 B  │   5 B    │
//               └──────────┴──────┴──────────┘
//
// The block outside is the value's alone, so that it can change its key, or outlive it, without being copied. A key
// that is too long for the slabs lies in it too, in front of the value: a bit where a small entry has its value's
// length says so, and the key length is not 0 then. The capacity is that of both together. A value that is changed in
// place grows into the slack behind it, of which it gets more the longer it is, so that appending to it over and over
// copies each byte a few times at most. Two bits of the flags are kept for the count that eviction will need.

import Bytes
import Glibc

/// A view of one entry's block.
struct Entry {
  private static let isLargeFlag: UInt32 = 1 << 26
  private static let hasExpiryFlag: UInt32 = 1 << 27
  private static let isModifiedFlag: UInt32 = 1 << 28
  private static let isNotPlainMask = isLargeFlag | hasExpiryFlag
  /// Of a large entry: its key lies outside, with the value.
  private static let hasKeyOutsideFlag: UInt32 = 1 << 13
  static let headerBytes = 4
  static let expiryBytes = 16
  static let pointerBytes = 8
  static let outsideHeaderBytes = 24

  let base: UnsafeMutableRawPointer

  @inline(__always) private var header: UInt32 { base.load(as: UInt32.self) }
  @inline(__always) var isLarge: Bool { header & Self.isLargeFlag != 0 }
  @inline(__always) var hasExpiry: Bool { header & Self.hasExpiryFlag != 0 }
  /// Whether it is small and has no expiry, as most are.
  @inline(__always) var isPlain: Bool { header & Self.isNotPlainMask == 0 }

  /// Where key, or pointer, begins: behind the header, and the expiry if there is one.
  @inline(__always)
  private func contentOffset(_ header: UInt32) -> Int { Self.headerBytes &+ Int(header &>> 23 & 16) }

  /// The block outside the slabs; only of a large entry.
  @inline(__always)
  var outside: UnsafeMutableRawPointer {
    let bits = base.loadUnaligned(fromByteOffset: contentOffset(header), as: UInt.self)
    return UnsafeMutableRawPointer(bitPattern: bits).unsafelyUnwrapped
  }

  /// The key. A plain entry's is at a fixed place, which keeps the common case as short as can be.
  // Key and value of a plain entry are told apart first: one test then does for both, and for the expiry.

  @inline(__always)
  var key: UnsafeRawBufferPointer {
    let header = header
    if header & Self.isNotPlainMask == 0 {
      return UnsafeRawBufferPointer(start: base + Self.headerBytes, count: Int(header & 0x1FFF))
    }
    return header & Self.isLargeFlag != 0 ? largeKey : volatileKey
  }

  @inline(__always)
  var value: UnsafeMutableRawBufferPointer {
    let header = header
    if header & Self.isNotPlainMask == 0 {
      return UnsafeMutableRawBufferPointer(
        start: base + Self.headerBytes + Int(header & 0x1FFF), count: Int(header &>> 13 & 0x1FFF))
    }
    return header & Self.isLargeFlag != 0 ? largeValue : volatileValue
  }

  /// The value of a plain entry.
  @inline(__always)
  var plainValue: UnsafeRawBufferPointer {
    let header = header
    return UnsafeRawBufferPointer(
      start: base + (Self.headerBytes &+ Int(header & 0x1FFF)), count: Int(header &>> 13 & 0x1FFF))
  }

  @inline(__always)
  private var volatileKey: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + (Self.headerBytes &+ Self.expiryBytes), count: Int(header & 0x1FFF))
  }

  @inline(__always)
  private var volatileValue: UnsafeMutableRawBufferPointer {
    let header = header
    return UnsafeMutableRawBufferPointer(
      start: base + (Self.headerBytes &+ Self.expiryBytes &+ Int(header & 0x1FFF)),
      count: Int(header &>> 13 & 0x1FFF))
  }

  @inline(never)
  private var largeKey: UnsafeRawBufferPointer {
    let header = header
    guard header & Self.hasKeyOutsideFlag != 0 else {
      return UnsafeRawBufferPointer(
        start: base + contentOffset(header) + Self.pointerBytes, count: Int(header & 0x1FFF))
    }
    let block = outside
    return UnsafeRawBufferPointer(
      start: block + Self.outsideHeaderBytes, count: block.load(fromByteOffset: 16, as: Int.self))
  }

  @inline(never)
  private var largeValue: UnsafeMutableRawBufferPointer { Self.value(inOutside: outside) }

  /// The value that lies in a block outside the slabs.
  static func value(inOutside block: UnsafeMutableRawPointer) -> UnsafeMutableRawBufferPointer {
    let keyCount = block.load(fromByteOffset: 16, as: Int.self)
    return UnsafeMutableRawBufferPointer(
      start: block + outsideHeaderBytes + keyCount, count: block.load(fromByteOffset: 8, as: Int.self))
  }

  /// Bytes of the block outside the slabs, 0 for a small entry.
  var outsideBytes: Int { isLarge ? Self.outsideHeaderBytes + outside.load(as: Int.self) : 0 }

  /// The memory that the entry takes.
  var size: EntrySize {
    guard !isLarge else {
      return EntrySize(keyCount: key.count, hasExpiry: hasExpiry, outsideBytes: outsideBytes)
    }
    return EntrySize(keyCount: key.count, valueCount: value.count, hasExpiry: hasExpiry)
  }

  @inline(__always)
  func hasKey(_ other: UnsafeRawBufferPointer) -> Bool {
    let header = header
    guard header & Self.isNotPlainMask == 0 else { return hasKeyElsewhere(other) }
    return Int(header & 0x1FFF) == other.count
      && Self.sameBytes(base + Self.headerBytes, other.baseAddress, other.count)
  }

  /// Whether it is plain and has this key of 8 to 64 bytes, as nearly all keys are; told without a call.
  @inline(__always)
  func isPlain(withShortKey other: UnsafeRawBufferPointer) -> Bool {
    let header = header
    guard header & Self.isNotPlainMask == 0, Int(header & 0x1FFF) == other.count, other.count >= 8, other.count <= 64
    else { return false }
    return Self.sameWords(base + Self.headerBytes, other.baseAddress.unsafelyUnwrapped, other.count)
  }

  /// Whether an entry that is not plain has this key.
  @inline(never)
  private func hasKeyElsewhere(_ other: UnsafeRawBufferPointer) -> Bool {
    let key = key
    return key.count == other.count && Self.sameBytes(key.baseAddress.unsafelyUnwrapped, other.baseAddress, key.count)
  }

  // MARK: - Filling

  /// Fills the block of a small entry; an expiry's links are left as they are.
  @inline(__always)
  func fill(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, valueCount: Int, deadline: Deadline) {
    var header = UInt32(truncatingIfNeeded: key.count) | UInt32(truncatingIfNeeded: valueCount) &<< 13
    if deadline != .never { header |= Self.hasExpiryFlag }
    base.storeBytes(of: header, as: UInt32.self)
    if deadline != .never { setDeadline(deadline) }
    Self.copy(key, value, valueCount, to: base + contentOffset(header))
  }

  /// Fills the block of a large entry, and points it to a block outside that is filled already.
  func fill(key: UnsafeRawBufferPointer, outside: UnsafeMutableRawPointer, deadline: Deadline) {
    var header = Self.isLargeFlag | (deadline == .never ? 0 : Self.hasExpiryFlag)
    let isKeyOutside = EntrySize.isKeyOutside(key.count)
    header |= isKeyOutside ? Self.hasKeyOutsideFlag : UInt32(key.count)
    base.storeBytes(of: header, as: UInt32.self)
    if deadline != .never { setDeadline(deadline) }
    setOutside(outside)
    guard !isKeyOutside, let start = key.baseAddress else { return }
    memmove(base + contentOffset(header) + Self.pointerBytes, start, key.count)
  }

  /// Fills a block outside the slabs, but for a key that does not lie there.
  static func fillOutside(
    _ block: UnsafeMutableRawPointer, _ byteCount: Int, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer,
    valueCount: Int
  ) {
    block.storeBytes(of: byteCount - outsideHeaderBytes, as: Int.self)
    block.storeBytes(of: valueCount, toByteOffset: 8, as: Int.self)
    let key = EntrySize.isKeyOutside(key.count) ? key : UnsafeRawBufferPointer(start: nil, count: 0)
    block.storeBytes(of: key.count, toByteOffset: 16, as: Int.self)
    copy(key, value, valueCount, to: block + outsideHeaderBytes)
  }

  /// Gives an entry another value and deadline in the blocks that it has; an expiry's links are left as they are.
  func refill(value: UnsafeRawBufferPointer, valueCount: Int, deadline: Deadline) {
    guard isLarge else { return fill(key: key, value: value, valueCount: valueCount, deadline: deadline) }
    base.storeBytes(of: header & ~Self.isModifiedFlag, as: UInt32.self)
    if deadline != .never { setDeadline(deadline) }
    let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    if let target = UnsafeMutableRawPointer(self.value.baseAddress) {
      Self.copy(nothing, value, valueCount, to: target)
    }
    outside.storeBytes(of: valueCount, toByteOffset: 8, as: Int.self)
  }

  /// Points a large entry to another block.
  func setOutside(_ block: UnsafeMutableRawPointer) {
    base.storeBytes(of: UInt(bitPattern: block), toByteOffset: contentOffset(header), as: UInt.self)
  }

  /// Copies a key and a value of `valueCount` bytes, zero from the given ones' end; they may be there already.
  @inline(__always)
  private static func copy(
    _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ valueCount: Int,
    to target: UnsafeMutableRawPointer
  ) {
    if let start = key.baseAddress { memmove(target, start, key.count) }
    let copied = min(value.count, valueCount)
    if let start = value.baseAddress { memmove(target + key.count, start, copied) }
    if copied < valueCount { memset(target + key.count + copied, 0, valueCount - copied) }
  }

  // MARK: - Changing in place

  /// Whether the block of a plain entry is the one that it would have with a value of so many bytes.
  @inline(__always)
  func hasRoom(forPlain newCount: Int) -> Bool {
    let header = header
    let keyCount = Int(header & 0x1FFF)
    let oldCount = Int(header &>> 13 & 0x1FFF)
    return newCount == oldCount
      || EntrySize(keyCount: keyCount, valueCount: newCount, hasExpiry: false)
        == EntrySize(keyCount: keyCount, valueCount: oldCount, hasExpiry: false)
  }

  /// Gives a plain entry another value, which its block has room for and which is no part of it.
  @inline(__always)
  func setPlainValue(_ value: UnsafeRawBufferPointer) {
    let keyCount = header & 0x1FFF
    base.storeBytes(of: keyCount | UInt32(truncatingIfNeeded: value.count) &<< 13, as: UInt32.self)
    if let start = value.baseAddress {
      (base + Self.headerBytes + Int(keyCount)).copyBytes(from: start, count: value.count)
    }
  }

  /// Whether the value was changed in place since it was stored.
  var isModified: Bool { header & Self.isModifiedFlag != 0 }

  func markModified() { base.storeBytes(of: header | Self.isModifiedFlag, as: UInt32.self) }

  /// Gives the value another length that its block has room for; what is added is zero.
  func setValueCount(_ count: Int) {
    let old = value
    if isLarge {
      outside.storeBytes(of: count, toByteOffset: 8, as: Int.self)
    } else {
      base.storeBytes(of: header & ~(0x1FFF &<< 13) | UInt32(count) &<< 13, as: UInt32.self)
    }
    if count > old.count { memset(value.baseAddress! + old.count, 0, count - old.count) }
  }

  // MARK: - Comparing

  /// Compares equally long byte strings, eight bytes a step; keys are mostly too short for a call to pay.
  @inline(__always)
  private static func sameBytes(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer?, _ count: Int) -> Bool {
    guard let right else { return count == 0 }
    if count < 8 || count > 64 { return memcmp(left, right, count) == 0 }
    return sameWords(left, right, count)
  }

  /// The same for 8 bytes or more.
  @inline(__always)
  private static func sameWords(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Bool {
    var offset = 0
    while offset &+ 8 < count {
      if word(left, offset) != word(right, offset) { return false }
      offset &+= 8
    }
    return word(left, count &- 8) == word(right, count &- 8)
  }

  @inline(__always)
  private static func word(_ bytes: UnsafeRawPointer, _ offset: Int) -> UInt64 {
    bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }
}
