// Replies, from values to bytes, in the dialect of the connection that they are for.
//
//                      line                RESP2              RESP3
//     value(hi)        VALUE hi            $2 hi              $2 hi
//     integer(5)       VALUE 5             :5                 :5
//     null()           ERROR key not found $-1                _
//     array(2) …       a line each, END 2  *2 …               *2 …
//
// Lists are in ReplyWriter+Aggregates.swift, errors in ReplyWriter+Errors.swift.

public import Bytes

/// Writes replies one after the other into a buffer of its own.
public struct ReplyWriter: ~Copyable {
  /// What is written and not sent yet.
  public var buffer: ByteBuffer
  /// How the next reply is spelt.
  public var dialect = Dialect.line
  /// The errors that were written so far; whoever counts anew puts zeroes here.
  public var errors = ErrorCounts()
  /// The lists that the next line belongs to.
  var aggregates = LineAggregates()

  /// Creates a writer whose buffer holds `capacity` bytes before it grows.
  public init(capacity: Int) { buffer = ByteBuffer(capacity: capacity) }

  /// All is well.
  public mutating func ok() {
    // `+OK`, CR, LF.
    dialect == .line ? status("OK") : buffer.append(word: 0x0A_0D4B_4F2B, length: 5)
  }

  /// A word that says how it is: `OK`, `PONG`, `QUEUED`.
  public mutating func status(_ word: StaticString) {
    switch dialect {
    case .line:
      buffer.append(word)
      endLine()
    case .resp2, .resp3: buffer.append(tag: UInt8(ascii: "+"), line: word)
    }
  }

  /// A line of text for people, which holds no line end.
  public mutating func status(_ line: Span<UInt8>) {
    switch dialect {
    case .line:
      buffer.append(line)
      endLine()
    case .resp2, .resp3:
      buffer.append("+")
      buffer.append(line)
      buffer.append("\r\n")
    }
  }

  /// A value.
  public mutating func value(_ bytes: Span<UInt8>) {
    dialect == .line ? lineValue(bytes) : buffer.append(tag: RESPByte.bulk, counted: bytes)
  }

  /// Kept apart so that the other dialects do not pay for its registers.
  @inline(never)
  private mutating func lineValue(_ bytes: Span<UInt8>) {
    buffer.append("VALUE ")
    LineText.appendValue(bytes, to: &buffer)
    endLine()
  }

  /// A value that is known beforehand.
  public mutating func value(_ literal: StaticString) {
    literal.withBytes { value($0) }
  }

  /// A value that is a number, where Redis answers with its text: a cursor, a time.
  public mutating func value(decimal number: UInt64) {
    switch dialect {
    case .line:
      buffer.append("VALUE ")
      buffer.append(decimal: number)
      endLine()
    case .resp2, .resp3:
      buffer.append(tag: RESPByte.bulk, number: Int64(number.decimalDigitCount))
      buffer.append(decimal: number)
      buffer.append("\r\n")
    }
  }

  /// A number.
  public mutating func integer(_ number: Int64) {
    dialect == .line ? lineInteger(number) : buffer.append(tag: UInt8(ascii: ":"), number: number)
  }

  @inline(never)
  private mutating func lineInteger(_ number: Int64) {
    buffer.append("VALUE ")
    buffer.append(decimal: number)
    endLine()
  }

  /// A number with a fraction, given as its text.
  public mutating func double(_ text: Span<UInt8>) {
    guard dialect == .resp3 else { return value(text) }
    buffer.append(UInt8(ascii: ","))
    buffer.append(text)
    buffer.append("\r\n")
  }

  /// No value.
  public mutating func null() {
    switch dialect {
    case .line:
      buffer.append(aggregates.isOpen ? "NONE" : "ERROR key not found")
      endLine()
    case .resp2: buffer.append("$-1\r\n")
    case .resp3: buffer.append("_\r\n")
    }
  }

  /// The value asked for is not there; the same as `null`.
  public mutating func notFound() { null() }

  /// Whether there was a key to remove.
  public mutating func removed(_ existed: Bool) {
    switch dialect {
    case .line: existed ? ok() : null()
    case .resp2, .resp3: integer(existed ? 1 : 0)
    }
  }

  /// One key of a listing.
  public mutating func key(_ bytes: Span<UInt8>) {
    switch dialect {
    case .line:
      buffer.append("KEY ")
      LineText.appendKey(bytes, to: &buffer)
      endLine()
    case .resp2, .resp3: buffer.append(tag: RESPByte.bulk, counted: bytes)
    }
  }

  /// A line of text for people, which holds no line feed: an element of an array.
  public mutating func text(_ line: StaticString) {
    switch dialect {
    case .line:
      buffer.append(line)
      endLine()
    case .resp2, .resp3:
      buffer.append(tag: RESPByte.bulk, number: Int64(line.utf8CodeUnitCount))
      buffer.append(line)
      buffer.append("\r\n")
    }
  }

  /// Text of several lines for people, which end in LF or CR LF.
  public mutating func verbatim(_ text: Span<UInt8>) {
    switch dialect {
    case .line: appendLines(text)
    case .resp2: buffer.append(tag: RESPByte.bulk, counted: text)
    case .resp3:
      let format: StaticString = "txt:"
      buffer.append(tag: UInt8(ascii: "="), number: Int64(format.utf8CodeUnitCount + text.count))
      buffer.append(format)
      buffer.append(text)
      buffer.append("\r\n")
    }
  }

  /// Bytes that are spelt already, as they are; in a list of lines they count as nothing.
  public mutating func raw(_ bytes: Span<UInt8>) { buffer.append(bytes) }

  /// Ends a line, and the lists that are complete with it.
  mutating func endLine() {
    buffer.append(LineByte.lineFeed)
    if aggregates.isOpen { endLists(aggregates.endElement(lines: 1)) }
  }

  /// Writes the end of the outermost list if `lineCount` says that it is complete.
  mutating func endLists(_ lineCount: Int?) {
    guard let lineCount else { return }
    buffer.append("END ")
    buffer.append(decimal: Int64(lineCount))
    buffer.append(LineByte.lineFeed)
  }

  private mutating func appendLines(_ text: Span<UInt8>) {
    var lineCount = 0
    var start = 0
    while start < text.count {
      let lineFeed = text.firstIndex(of: LineByte.lineFeed, from: start) ?? text.count
      let hasCarriageReturn = lineFeed > start && text[lineFeed - 1] == LineByte.carriageReturn
      buffer.append(text.extracting(start..<(hasCarriageReturn ? lineFeed - 1 : lineFeed)))
      buffer.append(LineByte.lineFeed)
      lineCount += 1
      start = lineFeed + 1
    }
    endLists(aggregates.isOpen ? aggregates.endElement(lines: lineCount) : lineCount)
  }
}
