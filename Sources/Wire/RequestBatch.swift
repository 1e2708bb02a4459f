// Requests that are parsed together, before the first of them is executed: so what they will touch can be fetched into
// the cache together, and the cost of a call is paid once for all. All their words lie in one list:
//
//     words    GET k1 │ SET k2 v │ GET k3          parts of the input
//     places   0 … 1    2 … 4      5 … 6           for each request its words, and where it ends in the input

public import Bytes

/// A few requests, as parts of the bytes that they were received in; O(1) access, reused from batch to batch.
public struct RequestBatch: ~Copyable {
  @usableFromInline
  struct Place: BitwiseCopyable {
    @usableFromInline var firstWord: UInt32
    @usableFromInline var endWord: UInt32
    @usableFromInline var end: UInt32
  }

  /// The words of all requests, and those of one that is being parsed.
  @usableFromInline var words = RangeList()
  @usableFromInline var places = ZeroedArray<Place>(count: WireLimits.requestsPerBatchMax)
  /// How many requests there are.
  @inlinable public var count: Int { filled }
  @usableFromInline var filled = 0
  /// Where the words begin that are no request's yet.
  private var nextWord: UInt32 = 0
  /// The line of the first request as it came, if words of it were decoded in place, and where it stands.
  private var line = ByteBuffer()
  private var lineStart = 0

  /// Creates an empty batch.
  public init() {}

  /// Where a request ends in the input.
  public func end(of index: Int) -> Int {
    precondition(index < count, "a request lies within its batch")
    return Int(places[index].end)
  }

  /// Puts back what was decoded in place, so that the input can be parsed again. O(length of one line).
  public func restore(_ input: inout ByteBuffer) {
    guard !line.isEmpty else { return }
    var bytes = input.mutableSpan
    bytes.copy(line.span, to: lineStart)
  }

  /// Keeps a line that may be decoded in place.
  mutating func keep(_ input: Span<UInt8>, _ part: Range<Int>) {
    line.removeAll(keepingCapacity: Self.keptLineBytesMax)
    line.append(input.extracting(part))
    lineStart = part.lowerBound
  }

  /// The block for a line is kept for the next one up to this size.
  private static let keptLineBytesMax = 4 * 1024

  /// The requests, given the input that they were taken from.
  @inlinable @inline(__always)
  @_lifetime(copy bytes, borrow self)
  public func requests(of bytes: Span<UInt8>) -> Requests {
    Requests(bytes: bytes, words: words.span, places: places.span.extracting(..<filled))
  }

  /// Forgets all requests but the first `count`.
  mutating func truncate(to count: Int) {
    guard filled > count else { return }
    filled = count
    nextWord = count > 0 ? places[count - 1].endWord : 0
    forgetUnfinished()
  }

  /// Forgets all requests.
  public mutating func removeAll() {
    filled = 0
    nextWord = 0
    words.removeAll()
    if !line.isEmpty { line.removeAll(keepingCapacity: Self.keptLineBytesMax) }
  }

  /// Forgets the words that are no request's yet.
  mutating func forgetUnfinished() { words.truncate(to: Int(nextWord)) }

  /// Adds the request that the words behind the last one's are; it ends at `end` in the input.
  @inline(__always)
  mutating func add(end: Int) {
    let endWord = UInt32(truncatingIfNeeded: words.count)
    places[filled] = Place(firstWord: nextWord, endWord: endWord, end: UInt32(truncatingIfNeeded: end))
    nextWord = endWord
    filled &+= 1
  }
}

/// The requests of a batch together with the bytes that they are parts of.
public struct Requests: ~Escapable {
  @usableFromInline let bytes: Span<UInt8>
  @usableFromInline let words: Span<ByteRange>
  @usableFromInline let places: Span<RequestBatch.Place>

  @inlinable @inline(__always)
  @_lifetime(copy bytes, copy words, copy places)
  init(bytes: Span<UInt8>, words: Span<ByteRange>, places: Span<RequestBatch.Place>) {
    self.bytes = bytes
    self.words = words
    self.places = places
  }

  /// How many there are.
  @inlinable public var count: Int { places.count }

  /// The request at `index`.
  public subscript(index: Int) -> Request {
    @inlinable @inline(__always)
    @_lifetime(copy self)
    get {
      let place = places[index]
      return Request(bytes: bytes, words: words.extracting(Int(place.firstWord)..<Int(place.endWord)))
    }
  }
}
