// What a whole line of a reply means in each dialect.

import Bytes

extension ReplyProgress {
  /// Whether the line begins with `text`, of at most eight bytes.
  fileprivate func begins(_ text: StaticString) -> Bool {
    var word: UInt64 = 0
    var mask: UInt64 = 0
    for index in 0..<text.utf8CodeUnitCount {
      word |= UInt64(text.byte(index)) << (8 * UInt64(index))
      mask |= 0xFF << (8 * UInt64(index))
    }
    return head & mask == word
  }
}

extension ReplyReader {
  /// `VALUE …`, `OK`, `PONG`, `KEY …`, `END n`, `ERROR …`.
  func endOfLine(_ progress: inout ReplyProgress, _ kind: RequestKind) -> ReplyStep {
    if kind == .list, progress.begins("KEY ") {
      progress.elements = 2  // never the last: END is
      return .incomplete
    }
    switch kind {
    case .get where progress.begins("VALUE "), .put where progress.begins("OK"), .ping where progress.begins("PONG"),
      .list where progress.begins("END "):
      break
    case .get where progress.begins("ERROR ke") && progress.lineBytes == "ERROR key not found".utf8.count:
      progress.isMiss = true
    default:
      progress.isError = true
    }
    return .ended
  }

  /// A simple reply, the head of a bulk string or of an aggregate, or an error.
  func endOfRESPLine(_ progress: inout ReplyProgress, _ kind: RequestKind) -> ReplyStep {
    let isNull = UInt8(truncatingIfNeeded: progress.head >> 8) == UInt8(ascii: "-")
    let type = UInt8(truncatingIfNeeded: progress.head)
    if progress.elements == 0 {
      progress.elements = 1
      switch (kind, type) {
      case (.get, UInt8(ascii: "$")), (.get, UInt8(ascii: "_")), (.put, UInt8(ascii: "+")), (.ping, UInt8(ascii: "+")),
        (.list, UInt8(ascii: "*")):
        break
      default: progress.isError = true
      }
    }
    switch type {
    case UInt8(ascii: "$") where !isNull:
      progress.skip = progress.number + 2
      return .incomplete
    case UInt8(ascii: "*") where !isNull:
      progress.elements += progress.number
      return endElement(&progress)
    case UInt8(ascii: "$"), UInt8(ascii: "_"):
      progress.isMiss = true
      return endElement(&progress)
    default:
      return endElement(&progress)
    }
  }

  /// `VALUE key flags bytes` with data and `END` behind it, `END` alone, `STORED`, `VERSION …`, or an error.
  func endOfMemcachedLine(_ progress: inout ReplyProgress, _ kind: RequestKind) -> ReplyStep {
    switch kind {
    case .get where progress.begins("VALUE "):
      progress.skip = progress.number + 2
      progress.elements = 1
      return .incomplete
    case .get where progress.begins("END"):
      progress.isMiss = progress.elements == 0
    case .put where progress.begins("STORED"), .ping where progress.begins("VERSION"):
      break
    default:
      progress.isError = true
    }
    return .ended
  }
}
