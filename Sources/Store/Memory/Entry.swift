// A key and its value in one block.
//
//     small     ┌────────┬ ╌╌╌╌╌╌ ┬─────┬───────┐      header: 13 bits key length, 13 bits value length,
//               │ header │ expiry │ key │ value │              6 bits of flags
//               │  4 B   │  8 B   │     │       │      expiry: absolute, in ms; only if its flag is set (none is yet)
//               └────────┴ ╌╌╌╌╌╌ ┴─────┴───────┘
//
//     large     ┌────────┬─────────┐        ┌──────────────┬────────────┬─────┬───────┐
//               │ header │ pointer │ ─────► │ value length │ key length │ key │ value │
//               │  4 B   │   8 B   │        │     8 B      │    8 B     │     │       │
//               └────────┴─────────┘        └──────────────┴────────────┴─────┴───────┘
//
// Two more bits of the flags are kept for the count that eviction will need.

import Bytes
import Glibc

/// A view of one entry's block.
struct Entry {
  private static let isLargeFlag: UInt32 = 1 << 26
  static let headerBytes = 4
  static let largeBlockBytes = 12
  static let largeHeaderBytes = 16

  let base: UnsafeMutableRawPointer

  /// Bytes of the block in a slab for a key and a value of these lengths.
  @inline(__always)
  static func blockBytes(keyCount: Int, valueCount: Int) -> Int {
    let bytes = headerBytes &+ keyCount &+ valueCount
    return bytes <= StoreLimits.blockBytesMax ? bytes : largeBlockBytes
  }

  /// Bytes outside the slabs for a key and a value of these lengths; 0 if they fit a slab's block.
  @inline(__always)
  static func outsideBytes(keyCount: Int, valueCount: Int) -> Int {
    let content = keyCount &+ valueCount
    return headerBytes &+ content <= StoreLimits.blockBytesMax ? 0 : largeHeaderBytes &+ content
  }

  @inline(__always) private var header: UInt32 { base.load(as: UInt32.self) }
  @inline(__always) var isLarge: Bool { header & Self.isLargeFlag != 0 }

  /// The block outside the slabs; only of a large entry.
  @inline(__always)
  var outside: UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(bitPattern: base.loadUnaligned(fromByteOffset: 4, as: UInt.self)).unsafelyUnwrapped
  }

  @inline(__always)
  var key: UnsafeRawBufferPointer {
    let header = header
    guard header & Self.isLargeFlag == 0 else {
      let block = outside
      return UnsafeRawBufferPointer(
        start: block + Self.largeHeaderBytes, count: block.load(fromByteOffset: 8, as: Int.self))
    }
    return UnsafeRawBufferPointer(start: base + Self.headerBytes, count: Int(header & 0x1FFF))
  }

  @inline(__always)
  var value: UnsafeRawBufferPointer {
    let header = header
    guard header & Self.isLargeFlag == 0 else {
      let block = outside
      let keyCount = block.load(fromByteOffset: 8, as: Int.self)
      return UnsafeRawBufferPointer(start: block + Self.largeHeaderBytes + keyCount, count: block.load(as: Int.self))
    }
    let keyCount = Int(header & 0x1FFF)
    return UnsafeRawBufferPointer(
      start: base + Self.headerBytes + keyCount, count: Int(header &>> 13 & 0x1FFF))
  }

  /// Bytes of the entry outside the slabs, 0 for a small one.
  var outsideBytes: Int { isLarge ? Self.largeHeaderBytes + key.count + value.count : 0 }

  @inline(__always)
  func hasKey(_ other: UnsafeRawBufferPointer) -> Bool {
    let key = key
    return key.count == other.count && Self.sameBytes(key, other)
  }

  /// Fills the block of a small entry.
  @inline(__always)
  func fill(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    base.storeBytes(
      of: UInt32(truncatingIfNeeded: key.count) | UInt32(truncatingIfNeeded: value.count) &<< 13, as: UInt32.self)
    Self.copy(key, to: base + Self.headerBytes)
    Self.copy(value, to: base + Self.headerBytes + key.count)
  }

  /// Fills the block of a large entry and the one outside, which holds `outsideBytes(keyCount:valueCount:)`.
  func fill(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, outside: UnsafeMutableRawPointer) {
    base.storeBytes(of: Self.isLargeFlag, as: UInt32.self)
    base.storeBytes(of: UInt(bitPattern: outside), toByteOffset: 4, as: UInt.self)
    outside.storeBytes(of: value.count, as: Int.self)
    outside.storeBytes(of: key.count, toByteOffset: 8, as: Int.self)
    Self.copy(key, to: outside + Self.largeHeaderBytes)
    Self.copy(value, to: outside + Self.largeHeaderBytes + key.count)
  }

  @inline(__always)
  private static func copy(_ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) {
    if let start = source.baseAddress { memcpy(target, start, source.count) }
  }

  /// Compares equally long byte strings, eight bytes a step; keys are mostly too short for a call to pay.
  @inline(__always)
  private static func sameBytes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    let count = left.count
    if count < 8 || count > 64 { return count == 0 || memcmp(left.baseAddress!, right.baseAddress!, count) == 0 }
    var offset = 0
    while offset &+ 8 < count {
      if word(left, offset) != word(right, offset) { return false }
      offset &+= 8
    }
    return word(left, count &- 8) == word(right, count &- 8)
  }

  @inline(__always)
  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    bytes.baseAddress.unsafelyUnwrapped.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }
}
