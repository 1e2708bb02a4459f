public import Bytes

/// A request: its words as parts of the bytes that they were received in.
///
/// Word 0 is the verb; a request has at least that. It lives no longer than the bytes and the list of words.
public struct Request: ~Escapable {
  @usableFromInline let bytes: Span<UInt8>
  @usableFromInline let words: Span<ByteRange>

  /// Creates a request from parts of `bytes`.
  @inlinable
  @_lifetime(copy bytes, copy words)
  public init(bytes: Span<UInt8>, words: Span<ByteRange>) {
    precondition(!words.isEmpty, "a request has a verb")
    self.bytes = bytes
    self.words = words
  }

  /// How many words there are, the verb included.
  public var count: Int {
    @inlinable get { words.count }
  }

  /// The verb as one word, if it is short: see `Span.shortWord`.
  public var shortVerb: UInt64? {
    @inlinable @inline(__always) get { bytes.shortWord(words[0]) }
  }

  /// How long the verb is.
  public var verbBytes: Int {
    @inlinable @inline(__always) get { Int(words[0].count) }
  }

  /// The word at `index`.
  public subscript(index: Int) -> Span<UInt8> {
    @inlinable @inline(__always)
    @_lifetime(copy self)
    get { bytes.extracting(words[index].indices) }
  }
}
