/// A growable list of byte ranges with one owner: the words of a request, reused from request to request.
@safe
public struct RangeList: ~Copyable {
  @usableFromInline var base: UnsafeMutablePointer<ByteRange>
  @usableFromInline var capacity: Int
  @usableFromInline var filled = 0

  /// Creates an empty list that holds `capacity` ranges before it grows.
  public init(capacity: Int = 16) {
    self.capacity = max(capacity, 1)
    base = .allocate(capacity: self.capacity)
  }

  deinit { base.deallocate() }

  /// How many ranges the list holds.
  @inlinable
  public var count: Int { filled }

  /// The ranges.
  public var span: Span<ByteRange> {
    @inlinable
    @_lifetime(borrow self)
    get { _overrideLifetime(Span(_unsafeStart: base, count: filled), borrowing: self) }
  }

  /// Appends a range; amortised O(1).
  @inlinable
  public mutating func append(_ range: ByteRange) {
    if filled == capacity { resize(to: capacity * 2) }
    base[filled] = range
    filled &+= 1
  }

  /// Forgets all ranges, and gives memory back if it grew beyond `keeping` of them.
  @inlinable
  public mutating func removeAll(keeping: Int = 1024) {
    filled = 0
    if capacity > keeping { resize(to: max(keeping, 1)) }
  }

  @usableFromInline
  mutating func resize(to newCapacity: Int) {
    let block = UnsafeMutablePointer<ByteRange>.allocate(capacity: newCapacity)
    block.update(from: base, count: filled)
    base.deallocate()
    base = block
    capacity = newCapacity
  }
}

/// A fixed number of range lists with one owner: the words of each request of a batch.
@safe
public struct RangeLists: ~Copyable {
  @usableFromInline let base: UnsafeMutablePointer<RangeList>
  /// How many lists there are.
  public let count: Int

  /// Creates `count` empty lists.
  public init(count: Int) {
    base = .allocate(capacity: count)
    for index in 0..<count { (base + index).initialize(to: RangeList()) }
    self.count = count
  }

  deinit {
    base.deinitialize(count: count)
    base.deallocate()
  }

  /// The list at `index`.
  public subscript(index: Int) -> RangeList {
    @inlinable unsafeAddress {
      precondition(index >= 0 && index < count, "an index lies within its lists")
      return UnsafePointer(base + index)
    }
    @inlinable unsafeMutableAddress {
      precondition(index >= 0 && index < count, "an index lies within its lists")
      return base + index
    }
  }
}
