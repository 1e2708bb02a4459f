// Holds what the server has written against what the model expects, as the model goes: each call takes one element of a
// reply off the front, and the first one that differs is remembered.

import Bytes
import Wire

/// A slice of replies to one client, and how much of it is accounted for.
struct ReplyMatcher: ~Copyable {
  private var bytes = ByteBuffer()
  private(set) var position = 0
  var dialect = Dialect.line
  /// Lists that are open.
  private var depth = 0
  private var lineCount = 0
  private var wanted = ByteBuffer()
  /// What differs, if something does.
  private(set) var complaint: String?

  var isAtEnd: Bool { position == bytes.count }
  var count: Int { bytes.count }
  var hasFailed: Bool { complaint != nil }

  /// What has not been accounted for.
  var rest: Span<UInt8> {
    @_lifetime(borrow self) get { bytes.span.extracting(position..<bytes.count) }
  }

  /// Forgets everything.
  mutating func removeAll() {
    bytes.removeAll()
    position = 0
    complaint = nil
    depth = 0
  }

  mutating func add(_ part: Span<UInt8>) { bytes.append(part) }
  mutating func skip(_ count: Int) { position += count }

  mutating func fail(_ what: String) {
    guard complaint == nil else { return }
    let text = copied(count: 80)
    complaint = "\(what), written was \(String(decoding: text, as: UTF8.self).debugDescription)"
  }

  /// Adds what was asked for to the complaint.
  mutating func explain(_ what: String) {
    if let old = complaint { complaint = "\(what): \(old)" }
  }

  /// Puts bytes in front of those that are not accounted for.
  mutating func prepend(_ part: [UInt8]) {
    guard !part.isEmpty else { return }
    let later = rest.copiedBytes
    bytes.removeAll()
    bytes.append(part.span)
    bytes.append(later.span)
    position = 0
  }

  /// Takes everything that is left.
  mutating func takeRest() -> [UInt8] {
    defer { position = bytes.count }
    return rest.copiedBytes
  }

  // MARK: - Elements

  mutating func ok() { status("OK") }

  mutating func status(_ word: StaticString) {
    wanted.removeAll()
    if dialect != .line { wanted.append(UInt8(ascii: "+")) }
    wanted.append(word)
    endLine()
  }

  mutating func integer(_ number: Int64) {
    wanted.removeAll()
    dialect == .line ? wanted.append("VALUE ") : wanted.append(UInt8(ascii: ":"))
    wanted.append(decimal: number)
    endLine()
  }

  mutating func integer(_ number: Int) { integer(Int64(number)) }

  mutating func value(_ value: [UInt8]) {
    wanted.removeAll()
    if dialect == .line {
      wanted.append("VALUE ")
      LineSpelling.appendReply(value, isKey: false, to: &wanted)
    } else {
      wanted.append(UInt8(ascii: "$"))
      wanted.append(decimal: Int64(value.count))
      wanted.append("\r\n")
      wanted.append(value.span)
    }
    endLine()
  }

  mutating func null() {
    wanted.removeAll()
    switch dialect {
    case .line: wanted.append(depth > 0 ? "NONE" : "ERROR key not found")
    case .resp2: wanted.append("$-1")
    case .resp3: wanted.append("_")
    }
    endLine()
  }

  mutating func nullArray() {
    wanted.removeAll()
    switch dialect {
    case .line: wanted.append("NONE")
    case .resp2: wanted.append("*-1")
    case .resp3: wanted.append("_")
    }
    endLine()
  }

  mutating func removed(_ existed: Bool) {
    guard dialect == .line else { return integer(existed ? 1 : 0) }
    existed ? ok() : null()
  }

  /// An error of this class, whatever its sentence.
  mutating func error(_ code: StaticString = "ERR") {
    guard beginsWithError(code) else { return fail("expected is an error \(code)") }
    takeLine()
  }

  /// Whether an error of this class comes next; in lines they have no class.
  func beginsWithError(_ code: StaticString) -> Bool {
    dialect == .line
      ? rest.begins("ERROR ") : rest.count > 1 && rest[0] == UInt8(ascii: "-") && rest.extracting(1...).begins(code)
  }

  /// Whether the server has refused for want of memory.
  var isOutOfMemory: Bool {
    dialect == .line ? rest.begins("ERROR ") && firstLineContains("memory") : rest.begins("-OOM ")
  }

  private func firstLineContains(_ literal: StaticString) -> Bool {
    rest.extracting(..<(rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.count)).contains(literal)
  }

  /// Whether the server has refused because the disk is full.
  var isOutOfDisk: Bool { rest.begins(dialect == .line ? "ERROR the disk is full" : "-MISCONF ") }

  /// Whether the server has refused a transaction for that.
  var isTransactionOutOfDisk: Bool {
    rest.begins(
      dialect == .line ? "ERROR Transaction discarded because of: " : "-EXECABORT Transaction discarded because of: ")
  }

  private mutating func takeLine() {
    guard let feed = rest.firstIndex(of: UInt8(ascii: "\n")) else { return fail("a line has no end") }
    position += feed + 1
    lineCount += 1
  }

  // MARK: - Lists

  mutating func beginList(_ count: Int) {
    if dialect == .line {
      if depth == 0 { lineCount = 0 }
      depth += 1
    } else {
      depth += 1
      wanted.removeAll()
      wanted.append(UInt8(ascii: "*"))
      wanted.append(decimal: Int64(count))
      endLine()
    }
  }

  mutating func endList() {
    depth -= 1
    guard dialect == .line, depth == 0 else { return }
    wanted.removeAll()
    wanted.append("END ")
    wanted.append(decimal: Int64(lineCount))
    endLine()
  }

  /// The end of a listing of so many lines.
  mutating func end(lines: Int) {
    wanted.removeAll()
    wanted.append("END ")
    wanted.append(decimal: Int64(lines))
    endLine()
  }

  /// Ends the line that is wanted, and takes it if it is there.
  private mutating func endLine() {
    wanted.append(dialect == .line ? "\n" : "\r\n")
    guard complaint == nil else { return }
    let end = position + wanted.count
    guard end <= bytes.count, bytes.span.extracting(position..<end).hasSameBytes(as: wanted.span) else {
      let isLong = wanted.count > 80
      var text: [UInt8] = []
      for index in 0..<min(wanted.count, 80) { text.append(wanted.span[index]) }
      return fail("expected is \(String(decoding: text, as: UTF8.self).debugDescription)\(isLong ? "…" : "")")
    }
    position = end
    lineCount += 1
  }

  /// A copy of what is not accounted for, of at most so many bytes.
  private func copied(count: Int) -> [UInt8] { rest.extracting(..<min(rest.count, count)).copiedBytes }

  // MARK: - Unknown replies

  /// Takes a value that the model does not know beforehand: its bytes.
  mutating func takeValue(_ tag: StaticString = "VALUE ") -> [UInt8]? {
    guard !hasFailed else { return nil }
    if dialect == .line {
      guard rest.begins(tag), let feed = rest.firstIndex(of: UInt8(ascii: "\n")) else {
        fail("expected is a line \(tag)…")
        return nil
      }
      let value = Array(copied(count: feed)[tag.utf8CodeUnitCount...])
      position += feed + 1
      lineCount += 1
      return value
    }
    guard let length = takeNumber("$"), length >= 0, length + 2 <= rest.count else {
      fail("expected is a value")
      return nil
    }
    let value = copied(count: length)
    position += length + 2
    return value
  }

  /// Whether no value comes next.
  var isNull: Bool {
    switch dialect {
    case .line: rest.begins("ERROR key not found\n") || rest.begins("NONE\n")
    case .resp2: rest.begins("$-1\r\n")
    case .resp3: rest.begins("_\r\n")
    }
  }

  /// Whether a value of the Redis protocol is there as a whole.
  var hasWholeValue: Bool { ReplyShape.end(of: bytes.span, from: position) != nil }

  /// Takes a number that the model does not know beforehand.
  mutating func takeInteger() -> Int? {
    guard dialect == .line else {
      let number = takeNumber(":")
      if number == nil { fail("expected is a number") }
      return number
    }
    guard let text = takeValue(), let number = text.span.integer else {
      fail("expected is a number")
      return nil
    }
    return Int(number)
  }

  /// Takes a line of a tag and a number, `*3` or `$5`.
  mutating func takeNumber(_ tag: StaticString) -> Int? {
    guard rest.begins(tag), let feed = rest.firstIndex(of: UInt8(ascii: "\n")), feed > 1,
      let number = rest.extracting(1..<feed - 1).integer
    else { return nil }
    position += feed + 1
    return Int(number)
  }

  /// Takes one reply of the Redis protocol, whatever it is.
  mutating func takeShape() {
    guard let end = ReplyShape.end(of: bytes.span, from: position) else { return fail("no reply has this shape") }
    position = end
  }

  /// Takes everything that is left, which has to be whole lines.
  mutating func takeLines() {
    guard !rest.isEmpty, rest[rest.count - 1] == UInt8(ascii: "\n") else { return fail("expected are lines") }
    position = bytes.count
  }
}

extension Span<UInt8> {
  func begins(_ literal: StaticString) -> Bool {
    guard count >= literal.utf8CodeUnitCount else { return false }
    return literal.withBytes { extracting(..<$0.count).hasSameBytes(as: $0) }
  }

  func contains(_ literal: StaticString) -> Bool {
    let length = literal.utf8CodeUnitCount
    guard count >= length else { return false }
    for start in 0...count - length where extracting(start...).begins(literal) { return true }
    return false
  }

  var copiedBytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    for index in 0..<count { bytes.append(self[index]) }
    return bytes
  }
}

/// The shape of a reply of the Redis protocol.
enum ReplyShape {
  /// The offset behind the value that begins at `start`; nil if there is no whole one.
  static func end(of bytes: Span<UInt8>, from start: Int) -> Int? {
    guard start < bytes.count, let feed = bytes.firstIndex(of: UInt8(ascii: "\n"), from: start), feed > start + 1,
      bytes[feed - 1] == UInt8(ascii: "\r")
    else { return nil }
    let number = bytes.extracting(start + 1..<feed - 1).integer.map { Int($0) }
    switch bytes[start] {
    case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "#"), UInt8(ascii: ","): return feed + 1
    case UInt8(ascii: ":"): return number.map { _ in feed + 1 }
    case UInt8(ascii: "$"), UInt8(ascii: "="):
      guard let number else { return nil }
      if number < 0 { return feed + 1 }
      let end = feed + 1 + number
      return end + 2 <= bytes.count && bytes[end] == UInt8(ascii: "\r") ? end + 2 : nil
    case UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: ">"), UInt8(ascii: "%"):
      guard let number else { return nil }
      var position = feed + 1
      for _ in 0..<max(0, bytes[start] == UInt8(ascii: "%") ? 2 * number : number) {
        guard let next = end(of: bytes, from: position) else { return nil }
        position = next
      }
      return position
    default: return nil
    }
  }
}
