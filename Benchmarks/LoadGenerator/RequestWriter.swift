// Requests are copies of one template a kind, with the key's digits put in. Nothing is formatted while a run is under
// way.

import Bytes

/// Writes requests of one dialect and shape.
struct RequestWriter: ~Copyable {
  private struct Template {
    var start = 0
    var count = 0
    /// Where the key ends within the template; 0 if there is no key.
    var keyEnd = 0
  }

  private var bytes = ByteBuffer()
  private var templates: [Template] = []

  init(dialect: Dialect, shape: DataShape) {
    for kind in RequestKind.allCases {
      let (before, after) = Self.text(of: kind, dialect, shape)
      var template = Template(start: bytes.count)
      bytes.append(Array(before.utf8).span)
      if kind == .get || kind == .put {
        bytes.append(Array(Self.blankKey(shape).utf8).span)
        template.keyEnd = bytes.count - template.start
      }
      bytes.append(Array(after.utf8).span)
      template.count = bytes.count - template.start
      templates.append(template)
    }
  }

  /// Appends a request about the key of that number.
  func append(_ kind: RequestKind, key: UInt64, to output: inout ByteBuffer) {
    let template = templates[Int(kind.rawValue)]
    let start = output.count
    output.append(bytes, template.start..<template.start + template.count)
    guard template.keyEnd > 0 else { return }
    var position = start + template.keyEnd
    var rest = key
    var text = output.mutableSpan
    while rest > 0 {
      position -= 1
      text[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
  }

  /// Digits that the largest key number has.
  static func digitCount(_ keyCount: Int) -> Int { String(max(keyCount - 1, 0)).count }

  /// The key of number 0: `key:` in front if there is room, then zeros.
  private static func blankKey(_ shape: DataShape) -> String {
    let prefix = shape.keyBytes >= digitCount(shape.keyCount) + 4 ? "key:" : ""
    return prefix + String(repeating: "0", count: shape.keyBytes - prefix.count)
  }

  /// What a request says before its key, and after it.
  private static func text(of kind: RequestKind, _ dialect: Dialect, _ shape: DataShape) -> (String, String) {
    let value = String(repeating: "v", count: shape.valueBytes)
    let keyLength = shape.keyBytes
    switch (dialect, kind) {
    case (.line, .get): return ("GET ", "\n")
    case (.line, .put): return ("PUT ", " \(value)\n")
    case (.line, .ping): return ("PING\n", "")
    case (.line, .list): return ("LIST\n", "")
    case (.resp, .get): return ("*2\r\n$3\r\nGET\r\n$\(keyLength)\r\n", "\r\n")
    case (.resp, .put): return ("*3\r\n$3\r\nSET\r\n$\(keyLength)\r\n", "\r\n$\(value.count)\r\n\(value)\r\n")
    case (.resp, .ping): return ("*1\r\n$4\r\nPING\r\n", "")
    case (.resp, .list): return ("*2\r\n$4\r\nKEYS\r\n$1\r\n*\r\n", "")
    case (.memcached, .get): return ("get ", "\r\n")
    case (.memcached, .put): return ("set ", " 0 0 \(value.count)\r\n\(value)\r\n")
    case (.memcached, .ping), (.memcached, .list): return ("version\r\n", "")
    }
  }
}
