// Byte buffers for connections that need one for a while. A connection keeps a 4-byte name instead of a buffer, and
// gives it back when its request is complete or its output is sent; small blocks are kept for the next one.

/// Names a buffer of a pool; all bits zero is none.
public struct BufferID: Equatable, Sendable, BitwiseCopyable {
  let rawValue: UInt32

  /// No buffer.
  public static let none = BufferID(rawValue: 0)
}

/// A growable set of byte buffers with one owner; acquire, release and access are O(1).
@safe
public struct BufferPool: ~Copyable {
  /// What is at most a small block. A larger one is kept apart for who needs as much: fresh pages cost the kernel more
  /// than what is copied into them.
  private static let smallBlockBytesMax = 16 * 1024
  /// A block from this size on is given back in parts of half of it: a MiB takes the kernel some 60 microseconds.
  private static let hugeBlockBytesMin = 4 * 1024 * 1024
  /// So much memory is kept in released blocks altogether, in small ones and in larger ones that are not huge.
  private static let keptBytesMax = 1024 * 1024
  private static let keptLargeBytesMax = 16 * 1024 * 1024

  @usableFromInline var base: UnsafeMutablePointer<ByteBuffer>
  @usableFromInline var count = 0
  private var capacity = 16
  /// Released buffers, those that still have a block apart from those that have none.
  private var warm: [UInt32] = []
  private var warmLarge: [UInt32] = []
  private var cold: [UInt32] = []
  /// Released buffers whose blocks are being given back.
  @usableFromInline var shrinking: [UInt32] = []
  private var keptBytes = 0
  private var keptLargeBytes = 0

  /// Creates an empty pool.
  public init() { base = .allocate(capacity: capacity) }

  deinit {
    base.deinitialize(count: count)
    base.deallocate()
  }

  /// How many buffers are in use.
  public var inUse: Int { count - warm.count - warmLarge.count - cold.count - shrinking.count }

  /// Takes an empty buffer, which has to be released, for `byteCount` bytes or more if so much is known.
  public mutating func acquire(for byteCount: Int = 0) -> BufferID {
    if byteCount > Self.smallBlockBytesMax, let index = warmLarge.popLast() {
      keptLargeBytes -= base[Int(index)].capacity
      return BufferID(rawValue: index + 1)
    }
    if let index = warm.popLast() {
      keptBytes -= base[Int(index)].capacity
      return BufferID(rawValue: index + 1)
    }
    if let index = cold.popLast() { return BufferID(rawValue: index + 1) }
    if count == capacity { grow() }
    (base + count).initialize(to: ByteBuffer())
    count += 1
    return BufferID(rawValue: UInt32(count))
  }

  /// Gives a buffer back; what it held is forgotten.
  public mutating func release(_ id: BufferID) {
    self[id].removeAll()
    let blockBytes = self[id].capacity
    let index = id.rawValue - 1
    if blockBytes > 0, blockBytes <= Self.smallBlockBytesMax, keptBytes + blockBytes <= Self.keptBytesMax {
      keptBytes += blockBytes
      warm.append(index)
    } else if blockBytes > Self.smallBlockBytesMax, blockBytes < Self.hugeBlockBytesMin,
      keptLargeBytes + blockBytes <= Self.keptLargeBytesMax
    {
      keptLargeBytes += blockBytes
      warmLarge.append(index)
    } else if blockBytes >= Self.hugeBlockBytesMin {
      shrinking.append(index)
    } else {
      self[id] = ByteBuffer()
      cold.append(index)
    }
  }

  /// Gives some memory of a huge buffer back that was released; returns whether there is more.
  @inlinable
  public mutating func giveBackSome() -> Bool { shrinking.isEmpty ? false : shrinkLast() }

  @usableFromInline
  mutating func shrinkLast() -> Bool {
    guard let index = shrinking.last else { return false }
    let rest = base[Int(index)].capacity - Self.hugeBlockBytesMin / 2
    if rest >= Self.hugeBlockBytesMin / 2 {
      base[Int(index)].shrink(to: rest)
      return true
    }
    base[Int(index)] = ByteBuffer()
    cold.append(index)
    shrinking.removeLast()
    return !shrinking.isEmpty
  }

  /// Appends what a buffer of the pool holds to another buffer.
  public func copy(_ id: BufferID, to other: inout ByteBuffer) { copy(id, 0..<self[id].count, to: &other) }

  /// Appends a part of what a buffer of the pool holds to another buffer.
  public func copy(_ id: BufferID, _ part: Range<Int>, to other: inout ByteBuffer) { other.append(self[id], part) }

  /// Appends a part of another buffer to a buffer of the pool.
  public mutating func append(_ other: borrowing ByteBuffer, _ part: Range<Int>, to id: BufferID) {
    self[id].append(other, part)
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<ByteBuffer>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: base, count: count)
    base.deallocate()
    base = larger
    capacity *= 2
  }

  /// The buffer named `id`.
  public subscript(id: BufferID) -> ByteBuffer {
    unsafeAddress {
      precondition(id.rawValue > 0 && id.rawValue <= count, "a buffer's name comes from its pool")
      return UnsafePointer(base + Int(id.rawValue - 1))
    }
    unsafeMutableAddress {
      precondition(id.rawValue > 0 && id.rawValue <= count, "a buffer's name comes from its pool")
      return base + Int(id.rawValue - 1)
    }
  }
}
