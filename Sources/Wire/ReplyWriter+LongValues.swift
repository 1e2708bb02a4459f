// Values that are so long that they are written in parts, other clients' replies in between. Their length is known
// beforehand; for people, so is whether they have to stand in quotes, which takes a look at all of their bytes:
//
//     LongValue(count: 300000)      nothing yet
//     looked at, part by part       (lines only)
//     written, part by part         $300000 ⏎ … bytes … ⏎      VALUE bytes ⏎      VALUE "bytes" ⏎

import Bytes

/// How far a long value is written, or looked at.
public struct LongValue: Sendable {
  /// How it is spelt in lines.
  fileprivate enum Form: Sendable {
    /// Not known: the bytes up to an index can be shown as they are.
    case plainUpTo(Int)
    case plain, quoted
  }

  /// Bytes that it has.
  public let count: Int
  /// Bytes that are written.
  public private(set) var written = 0
  fileprivate var form: Form
  fileprivate var hasBegun = false

  /// Creates the beginning of a value of `count` bytes.
  ///
  /// - Parameter isText: whether its bytes may be such that people can be shown them as they are.
  public init(count: Int, isText: Bool = true) {
    self.count = count
    form = isText ? .plainUpTo(0) : .quoted
  }

  fileprivate mutating func note(_ length: Int) {
    written += length
    precondition(written <= count, "a value has as many bytes as were announced")
  }
}

extension ReplyWriter {
  /// Writes about `bytesMax` more bytes of a value, or looks at as many; returns whether that was all.
  public mutating func write(_ bytesMax: Int, of value: Span<UInt8>, _ progress: inout LongValue) -> Bool {
    precondition(progress.count == value.count, "a value is the same in each step")
    if dialect == .line, case .plainUpTo(let checked) = progress.form {
      progress.form = form(of: value, from: checked, bytesMax)
      return false
    }
    let start = progress.written
    write(value.extracting(start..<start + min(bytesMax, value.count - start)), of: &progress)
    guard progress.written == progress.count else { return false }
    endLongValue(progress)
    return true
  }

  /// Writes the next part of a value, as it stands or, in lines, in quotes.
  public mutating func write(_ part: Span<UInt8>, of progress: inout LongValue) {
    if !progress.hasBegun { begin(&progress) }
    progress.note(part.count)
    guard dialect == .line, case .quoted = progress.form else { return buffer.append(part) }
    LineText.appendEscaped(part, to: &buffer)
  }

  /// Writes what stands behind a value of which all parts are written.
  public mutating func endLongValue(_ progress: LongValue) {
    precondition(progress.written == progress.count, "a value is written whole")
    guard dialect == .line else { return buffer.append("\r\n") }
    if case .quoted = progress.form { buffer.append(LineByte.quote) }
    endLine()
  }

  private mutating func begin(_ progress: inout LongValue) {
    progress.hasBegun = true
    guard dialect == .line else { return buffer.append(tag: RESPByte.bulk, number: Int64(progress.count)) }
    buffer.append("VALUE ")
    if case .quoted = progress.form { buffer.append(LineByte.quote) }
  }

  /// Looks at some more bytes of a value to know how it is spelt.
  private func form(of value: Span<UInt8>, from checked: Int, _ bytesMax: Int) -> LongValue.Form {
    guard !value.isEmpty, value[0] != LineByte.quote else { return .quoted }
    let end = checked + min(bytesMax, value.count - checked)
    guard let next = value.endOfPrintableText(from: checked, to: end) else { return .quoted }
    return next < value.count ? .plainUpTo(next) : .plain
  }
}
