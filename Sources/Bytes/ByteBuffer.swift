// A growable block of bytes with one owner.
//
//     base ──► [ filled: count bytes | free: capacity − count bytes ]
//
// It grows by doubling, only inside `reserve` and the appends (which call it), and frees its block when its
// owner lets go of it. It lends its bytes as spans and never hands out the pointer. It never shrinks by itself.

import Glibc

/// A growable block of bytes with one owner; appending is amortised O(1) a byte.
@safe
public struct ByteBuffer: ~Copyable {
  @usableFromInline var base: UnsafeMutablePointer<UInt8>
  @usableFromInline var room: Int
  @usableFromInline var filled = 0

  /// Creates an empty buffer that holds `capacity` bytes before it grows; 0 allocates nothing.
  public init(capacity: Int = 0) {
    precondition(capacity >= 0, "a capacity is not negative")
    room = capacity
    base = capacity > 0 ? Self.resized(nil, to: capacity) : Self.nowhere
  }

  deinit { if room > 0 { free(base) } }

  /// Stands in for the block that a buffer without capacity does not have; never read or written.
  private static var nowhere: UnsafeMutablePointer<UInt8> { UnsafeMutablePointer(bitPattern: 16).unsafelyUnwrapped }

  /// Bytes that the block can hold before it has to grow.
  @inlinable public var capacity: Int { room }
  /// Bytes filled so far.
  @inlinable public var count: Int { filled }

  /// Whether nothing is filled.
  public var isEmpty: Bool { count == 0 }

  /// The filled bytes.
  public var span: Span<UInt8> {
    @inlinable
    @_lifetime(borrow self)
    get { _overrideLifetime(Span(_unsafeStart: base, count: count), borrowing: self) }
  }

  /// The filled bytes, to be changed in place.
  public var mutableSpan: MutableSpan<UInt8> {
    @inlinable
    @_lifetime(&self)
    mutating get { _overrideLifetime(MutableSpan(_unsafeStart: base, count: count), mutating: &self) }
  }

  /// Makes room for `additional` more bytes, growing to at least twice the old capacity when it has to grow.
  @inlinable
  public mutating func reserve(_ additional: Int) {
    if capacity &- count < additional { grow(by: additional) }
  }

  @usableFromInline
  mutating func grow(by additional: Int) {
    let (needed, overflow) = count.addingReportingOverflow(additional)
    precondition(!overflow && additional >= 0, "a buffer's size fits an Int")
    let grown = max(needed, 64, capacity.multipliedReportingOverflow(by: 2).partialValue)
    base = Self.resized(room > 0 ? base : nil, to: grown)
    room = grown
  }

  /// A block made larger, or a new one: realloc(3), which moves the pages of a large block and copies no bytes.
  private static func resized(_ block: UnsafeMutablePointer<UInt8>?, to capacity: Int) -> UnsafeMutablePointer<UInt8> {
    guard let resized = realloc(block, capacity) else {
      fatalError("no memory for a buffer of \(capacity) bytes")
    }
    return resized.assumingMemoryBound(to: UInt8.self)
  }

  /// Gives back what an empty buffer's block has beyond a capacity.
  mutating func shrink(to capacity: Int) {
    precondition(isEmpty && capacity > 0 && capacity <= room, "a buffer that holds nothing becomes smaller")
    base = Self.resized(base, to: capacity)
    room = capacity
  }

  /// Appends one byte.
  @inlinable
  public mutating func append(_ byte: UInt8) {
    reserve(1)
    base[count] = byte
    filled &+= 1
  }

  /// Appends a copy of `bytes`.
  @inlinable
  public mutating func append(_ bytes: Span<UInt8>) {
    reserve(bytes.count)
    bytes.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { (base + count).update(from: start, count: source.count) }
    }
    filled &+= bytes.count
  }

  /// Appends a copy of a part of another buffer.
  @inlinable
  public mutating func append(_ other: borrowing ByteBuffer, _ part: Range<Int>) {
    append(other.span.extracting(part))
  }

  /// Appends the bytes of a literal.
  @inlinable
  public mutating func append(_ literal: StaticString) {
    let length = literal.utf8CodeUnitCount
    reserve(length)
    (base + count).update(from: literal.utf8Start, count: length)
    filled &+= length
  }

  /// Lends `length` bytes of free space behind the filled ones, to be filled from their start; `commit` says how many
  /// were.
  ///
  /// What the space holds beforehand is unspecified.
  @_lifetime(&self)
  public mutating func freeSpace(_ length: Int) -> MutableSpan<UInt8> {
    reserve(length)
    return _overrideLifetime(MutableSpan(_unsafeStart: base + count, count: length), mutating: &self)
  }

  /// Counts the first `length` bytes of the free space as filled.
  public mutating func commit(_ length: Int) {
    precondition(length >= 0 && length <= capacity - count, "no more is filled than there is room for")
    filled &+= length
  }

  /// Forgets all bytes; keeps the block unless it is larger than `keepingCapacity`.
  public mutating func removeAll(keepingCapacity: Int = .max) {
    filled = 0
    if capacity > keepingCapacity { self = ByteBuffer(capacity: keepingCapacity) }
  }

  /// Forgets the bytes from `newCount` on.
  public mutating func truncate(to newCount: Int) {
    precondition(newCount >= 0 && newCount <= count, "a buffer is cut within what it holds")
    filled = newCount
  }

  /// Forgets the first `length` bytes by moving the rest to the front; O(what stays).
  public mutating func removePrefix(_ length: Int) {
    precondition(length >= 0 && length <= count, "a prefix lies within the buffer")
    base.update(from: base + length, count: count - length)
    filled -= length
  }
}
