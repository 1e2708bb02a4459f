// Replies, from values to bytes, in the dialect of the connection that they are for.

public import Bytes

/// Writes replies one after the other into a buffer of its own.
public struct ReplyWriter: ~Copyable {
  /// What is written and not sent yet.
  public var buffer: ByteBuffer
  /// How the next reply is spelt.
  public var dialect = Dialect.line

  /// Creates a writer whose buffer holds `capacity` bytes before it grows.
  public init(capacity: Int) { buffer = ByteBuffer(capacity: capacity) }

  /// A word that says that all is well: `OK`.
  public mutating func status(_ word: StaticString) {
    switch dialect {
    case .line:
      buffer.append(word)
      buffer.append(LineByte.lineFeed)
    }
  }

  /// A value.
  public mutating func value(_ bytes: Span<UInt8>) {
    switch dialect {
    case .line:
      buffer.append("VALUE ")
      LineText.appendValue(bytes, to: &buffer)
      buffer.append(LineByte.lineFeed)
    }
  }

  /// A number.
  public mutating func integer(_ number: Int64) {
    switch dialect {
    case .line:
      buffer.append("VALUE ")
      buffer.append(decimal: number)
      buffer.append(LineByte.lineFeed)
    }
  }

  /// The value asked for is not there.
  public mutating func notFound() {
    switch dialect {
    case .line: buffer.append("ERROR key not found\n")
    }
  }

  /// Whether there was a key to remove.
  public mutating func removed(_ existed: Bool) {
    switch dialect {
    case .line: existed ? status("OK") : notFound()
    }
  }

  /// One key of a listing.
  public mutating func key(_ bytes: Span<UInt8>) {
    switch dialect {
    case .line:
      buffer.append("KEY ")
      LineText.appendKey(bytes, to: &buffer)
      buffer.append(LineByte.lineFeed)
    }
  }

  /// A line of text for people, which holds no line feed.
  public mutating func text(_ line: Span<UInt8>) {
    switch dialect {
    case .line:
      buffer.append(line)
      buffer.append(LineByte.lineFeed)
    }
  }

  /// A line of text for people, which holds no line feed.
  public mutating func text(_ line: StaticString) {
    switch dialect {
    case .line:
      buffer.append(line)
      buffer.append(LineByte.lineFeed)
    }
  }

  /// The end of a listing or a text of `count` lines.
  public mutating func end(_ count: Int) {
    switch dialect {
    case .line:
      buffer.append("END ")
      buffer.append(decimal: Int64(count))
      buffer.append(LineByte.lineFeed)
    }
  }

  /// An error: its class as Redis's clients know it (`ERR`, `OOM`), and the sentence that `message` appends.
  public mutating func error(_ code: StaticString, _ message: (inout ByteBuffer) -> Void) {
    switch dialect {
    case .line:
      buffer.append("ERROR ")
      message(&buffer)
      buffer.append(LineByte.lineFeed)
    }
  }

  /// An error: its class, and its sentence.
  public mutating func error(_ code: StaticString, _ message: StaticString) {
    error(code) { $0.append(message) }
  }

  /// What is wrong with a line.
  public mutating func fault(_ fault: LineFault) {
    error("ERR") { fault.appendSentence(to: &$0) }
  }

  /// Why the connection is about to be closed.
  public mutating func refusal(_ refusal: Refusal) {
    switch refusal {
    case .http: error("ERR", "this is not an HTTP server: requests are lines such as GET key")
    case .tls: error("ERR", "TLS is not spoken here: connect without it")
    case .resp: buffer.append("-ERR the Redis protocol is not spoken here: requests are lines such as GET key\r\n")
    }
  }
}
