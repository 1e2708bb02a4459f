// Counts replies as they come in, and checks them. A reply that is just what is expected is recognised by its first
// bytes, its length and its last byte, and jumped over. Any other is read as its dialect spells it, and may stop
// anywhere: what is known of it stays with the connection, its bytes do not.

import Bytes

/// A reply under way.
struct ReplyProgress: BitwiseCopyable {
  /// Bytes of a value still to be passed over.
  var skip: UInt64 = 0
  /// Replies within this one that are still to come: of an array, of a listing, of a value before its END.
  var elements: UInt64 = 0
  /// The number that the line under way ends with, as far as it has been read.
  var number: UInt64 = 0
  /// The first eight bytes of the line under way, the first one lowest.
  var head: UInt64 = 0
  /// Bytes of the line under way so far.
  var lineBytes: UInt64 = 0
  var isMiss = false
  var isError = false

  /// Whether nothing of a reply, or of an element of one, has been read.
  var isFresh: Bool { skip == 0 && lineBytes == 0 }
}

/// What replies said.
struct ReplyCounts {
  /// All of them.
  var replies = 0
  /// Those that said that there is no such key.
  var misses = 0
  /// Those that were errors, or answered something else than was asked.
  var errors = 0
}

/// What a step of reading a reply came to.
enum ReplyStep {
  case incomplete
  case ended
}

/// Reads replies of one dialect.
struct ReplyReader: ~Copyable {
  /// A reply that is fully known beforehand but for the bytes in its middle.
  struct Expectation {
    let prefix: [UInt8]
    /// Bytes of the whole reply; 0 if that is not known.
    let count: Int
  }

  let dialect: Dialect
  let expectations: [Expectation]
  private let listElement: Expectation
  /// The first reply that counted as an error, or the part of it that came in one piece.
  private(set) var firstError: String?

  init(dialect: Dialect, shape: DataShape) {
    self.dialect = dialect
    // In UTF-8: CR LF is one Character. Values of many lengths are not known beforehand.
    let length = shape.fixedValueBytes
    let bulk = "$\(length ?? 0)\r\n"
    let header = "VALUE ".utf8.count + shape.keyBytes + " 0 \(length ?? 0)\r\n".utf8.count
    func whole(_ before: Int, _ after: Int) -> Int { length.map { before + $0 + after } ?? 0 }
    let texts: [(String, Int)]
    switch dialect {
    case .line: texts = [("VALUE ", whole(6, 1)), ("OK\n", 3), ("PONG\n", 5), ("", 0)]
    case .resp: texts = [(bulk, whole(bulk.utf8.count, 2)), ("+OK\r\n", 5), ("+PONG\r\n", 7), ("*", 0)]
    case .memcached: texts = [("VALUE ", whole(header, 7)), ("STORED\r\n", 8), ("VERSION", 0), ("", 0)]
    }
    expectations = texts.map { Expectation(prefix: Array($0.0.utf8), count: $0.1) }
    let element = dialect == .line ? "KEY " : "$\(shape.keyBytes)\r\n"
    let elementEnd = dialect == .line ? 1 : 2
    listElement = Expectation(
      prefix: Array(element.utf8), count: dialect == .memcached ? 0 : element.utf8.count + shape.keyBytes + elementEnd)
  }

  /// Counts the replies in `received`; the one at the end may be incomplete.
  ///
  /// - Parameters:
  ///   - kinds: what was asked for, in turn.
  ///   - turn: whose turn it is in `kinds`; moved on with each reply.
  mutating func read(
    _ received: borrowing ByteBuffer, _ progress: inout ReplyProgress, kinds: [RequestKind], turn: inout Int
  ) -> ReplyCounts {
    let chunk = received.span
    var counts = ReplyCounts()
    var position = 0
    while position < chunk.count {
      let kind = kinds[turn]
      if progress.isFresh {
        if progress.elements == 0 {
          if matches(expectations[Int(kind.rawValue)], chunk, position) {
            position += expectations[Int(kind.rawValue)].count
            counts.replies += 1
            turn = turn + 1 == kinds.count ? 0 : turn + 1
            continue
          }
        } else if kind == .list {
          position = passElements(chunk, from: position, &progress)
          if position == chunk.count { break }
        }
      }
      guard step(chunk, &position, &progress, kind) == .ended else { continue }
      counts.replies += 1
      if progress.isError { counts.errors += 1 } else if progress.isMiss { counts.misses += 1 }
      progress = ReplyProgress()
      turn = turn + 1 == kinds.count ? 0 : turn + 1
    }
    return counts
  }

  private func matches(_ expectation: Expectation, _ chunk: Span<UInt8>, _ position: Int) -> Bool {
    let end = position + expectation.count
    guard expectation.count > 0, end <= chunk.count, chunk[end - 1] == UInt8(ascii: "\n") else { return false }
    for index in expectation.prefix.indices where chunk[position + index] != expectation.prefix[index] { return false }
    return true
  }

  /// Passes over the elements of a listing that look as expected, but never over its last one.
  private func passElements(_ chunk: Span<UInt8>, from start: Int, _ progress: inout ReplyProgress) -> Int {
    var position = start
    while progress.elements > 1, matches(listElement, chunk, position) {
      position += listElement.count
      if dialect == .resp { progress.elements -= 1 }
    }
    return position
  }

  /// Reads on to the end of the value or line under way, or of the chunk.
  private mutating func step(
    _ chunk: Span<UInt8>, _ position: inout Int, _ progress: inout ReplyProgress, _ kind: RequestKind
  ) -> ReplyStep {
    if progress.skip > 0 {
      let passed = min(progress.skip, UInt64(chunk.count - position))
      progress.skip -= passed
      position += Int(passed)
      return progress.skip == 0 ? endElement(&progress) : .incomplete
    }
    let start = position
    guard readLine(chunk, &position, &progress) else { return .incomplete }
    let wasError = progress.isError
    let result = endLine(&progress, kind)
    if progress.isError, !wasError, firstError == nil {
      firstError = String(decoding: chunk.extracting(start..<min(position, start + 200)).copied, as: UTF8.self)
    }
    progress.head = 0
    progress.number = 0
    progress.lineBytes = 0
    return result
  }

  /// Reads on to the end of a line; returns whether it was reached.
  private func readLine(_ chunk: Span<UInt8>, _ position: inout Int, _ progress: inout ReplyProgress) -> Bool {
    let end = chunk.firstIndex(of: UInt8(ascii: "\n"), from: position)
    // Numbers are looked for in short lines only: a long one is a value of the line dialect.
    for index in position..<min(end ?? chunk.count, position + 300) {
      let byte = chunk[index]
      let place = progress.lineBytes + UInt64(index - position)
      if place < 8 { progress.head |= UInt64(byte) << (8 * place) }
      if byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") {
        progress.number = progress.number &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
      } else if byte == UInt8(ascii: " ") {
        progress.number = 0
      }
    }
    progress.lineBytes += UInt64((end ?? chunk.count) - position)
    position = end.map { $0 + 1 } ?? chunk.count
    return end != nil
  }

  /// Takes up what a whole line said.
  private func endLine(_ progress: inout ReplyProgress, _ kind: RequestKind) -> ReplyStep {
    switch dialect {
    case .line: endOfLine(&progress, kind)
    case .resp: endOfRESPLine(&progress, kind)
    case .memcached: endOfMemcachedLine(&progress, kind)
    }
  }

  /// Counts one element of a reply as read.
  func endElement(_ progress: inout ReplyProgress) -> ReplyStep {
    // memcached's value is followed by the line END, which ends the reply.
    if dialect == .memcached { return .incomplete }
    progress.elements -= 1
    return progress.elements == 0 ? .ended : .incomplete
  }
}
