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

  /// Forgets the ranges from `newCount` on.
  @inlinable
  public mutating func truncate(to newCount: Int) {
    precondition(newCount >= 0 && newCount <= filled, "a list is cut within what it holds")
    filled = newCount
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
