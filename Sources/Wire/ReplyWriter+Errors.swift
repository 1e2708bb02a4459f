// Errors: `ERROR sentence` for people, `-CODE sentence` for Redis's clients, and always one line.

public import Bytes

extension ReplyWriter {
  /// An error: its class as Redis's clients know it (`ERR`, `OOM`), and the sentence that `message` appends.
  ///
  /// Whatever the sentence holds, the reply is one line, and for people it is text: what a client sent may stand in it,
  /// and a terminal obeys control characters.
  public mutating func error(_ code: StaticString, _ message: (inout ByteBuffer) -> Void) {
    errors.count(code)
    switch dialect {
    case .line: buffer.append("ERROR ")
    case .resp2, .resp3:
      buffer.append(UInt8(ascii: "-"))
      buffer.append(code)
      buffer.append(UInt8(ascii: " "))
    }
    let start = buffer.count
    message(&buffer)
    makeOneLine(from: start)
    switch dialect {
    case .line: endLine()
    case .resp2, .resp3: buffer.append("\r\n")
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

  /// What is wrong with a request of the Redis protocol.
  public mutating func fault(_ fault: RESPFault) {
    error("ERR") { fault.appendSentence(to: &$0) }
  }

  /// Why the connection is about to be closed, in a way that whoever opened it may understand.
  public mutating func refusal(_ refusal: Refusal) {
    let spoken = dialect
    if refusal == .resp { dialect = .resp2 }
    error("ERR") { refusal.appendSentence(to: &$0) }
    dialect = spoken
  }

  private mutating func makeOneLine(from start: Int) {
    let isShownAsItStands = dialect != .line || buffer.span.extracting(start...).isPrintableText
    var text = buffer.mutableSpan
    for index in start..<text.count {
      let byte = text[index]
      if byte == LineByte.lineFeed || byte == LineByte.carriageReturn {
        text[index] = UInt8(ascii: " ")
      } else if !isShownAsItStands, byte < 0x20 || byte > 0x7E {
        text[index] = UInt8(ascii: "?")
      }
    }
  }
}

extension Refusal {
  func appendSentence(to text: inout ByteBuffer) {
    switch self {
    case .http: text.append("this is not an HTTP server: requests are lines such as GET key")
    case .tls: text.append("TLS is not spoken here: connect without it")
    case .resp: text.append("the Redis protocol is not spoken here: requests are lines such as GET key")
    }
  }
}
