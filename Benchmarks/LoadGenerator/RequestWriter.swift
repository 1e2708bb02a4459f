// Requests are copies of one template a kind, with the key's digits put in. Nothing is formatted while a run is under
// way, but for lengths and lifetimes where a plan lets them differ: then a PUT's end is written anew each time.

import Bytes

/// Writes requests of one dialect and shape.
struct RequestWriter: ~Copyable {
  private struct Template {
    var start = 0
    var count = 0
    /// Where the key ends within the template; 0 if there is no key.
    var keyEnd = 0
  }

  private let dialect: Dialect
  private let valueBytes: ClosedRange<Int>
  private let lifetimeSeconds: ClosedRange<Int>?
  /// Whether each PUT ends differently.
  private let variesPuts: Bool
  /// The longest value.
  private var value = ByteBuffer()
  private var bytes = ByteBuffer()
  private var templates: [Template] = []
  private var words: SplitMix64

  init(dialect: Dialect, shape: DataShape, seed: UInt64 = 1) {
    self.dialect = dialect
    valueBytes = shape.valueBytes
    lifetimeSeconds = shape.lifetimeSeconds
    variesPuts = shape.valueBytes.count > 1 || (shape.lifetimeSeconds?.count ?? 1) > 1
    words = SplitMix64(seed: seed)
    value.append([UInt8](repeating: UInt8(ascii: "v"), count: shape.valueBytes.upperBound).span)
    for kind in RequestKind.allCases {
      var template = Template(start: bytes.count)
      bytes.append(Array(Self.start(of: kind, dialect, shape).utf8).span)
      if kind == .get || kind == .put {
        bytes.append(Array(Self.blankKey(shape).utf8).span)
        template.keyEnd = bytes.count - template.start
      }
      if kind == .get { bytes.append(Array((dialect == .line ? "\n" : "\r\n").utf8).span) }
      if kind == .put, !variesPuts {
        var end = ByteBuffer()
        appendEnd(valueBytes: valueBytes.lowerBound, lifetime: lifetimeSeconds?.lowerBound, to: &end)
        bytes.append(end.span)
      }
      template.count = bytes.count - template.start
      templates.append(template)
    }
  }

  /// Appends a request about the key of that number.
  mutating func append(_ kind: RequestKind, key: UInt64, to output: inout ByteBuffer) {
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
    guard kind == .put, variesPuts else { return }
    let length = words.next(in: valueBytes)
    var lifetime: Int?
    if let lifetimeSeconds { lifetime = words.next(in: lifetimeSeconds) }
    appendEnd(valueBytes: length, lifetime: lifetime, to: &output)
  }

  /// Digits that the largest key number has.
  static func digitCount(_ keyCount: Int) -> Int { decimalDigits(max(keyCount - 1, 0)) }

  private static func decimalDigits(_ number: Int) -> Int {
    var digits = 1
    var rest = number / 10
    while rest > 0 {
      digits += 1
      rest /= 10
    }
    return digits
  }

  /// The key of number 0: `key:` in front if there is room, then zeros.
  private static func blankKey(_ shape: DataShape) -> String {
    let prefix = shape.keyBytes >= digitCount(shape.keyCount) + 4 ? "key:" : ""
    return prefix + String(repeating: "0", count: shape.keyBytes - prefix.count)
  }

  /// What a request says before its key. A lifetime is said with SET in the line dialect, whose PUT takes all that
  /// follows the key as the value.
  private static func start(of kind: RequestKind, _ dialect: Dialect, _ shape: DataShape) -> String {
    let lives = shape.lifetimeSeconds != nil
    switch (dialect, kind) {
    case (.line, .get): return "GET "
    case (.line, .put): return lives ? "SET " : "PUT "
    case (.line, .ping): return "PING\n"
    case (.line, .list): return "LIST\n"
    case (.resp, .get): return "*2\r\n$3\r\nGET\r\n$\(shape.keyBytes)\r\n"
    case (.resp, .put): return "*\(lives ? 5 : 3)\r\n$3\r\nSET\r\n$\(shape.keyBytes)\r\n"
    case (.resp, .ping): return "*1\r\n$4\r\nPING\r\n"
    case (.resp, .list): return "*2\r\n$4\r\nKEYS\r\n$1\r\n*\r\n"
    case (.memcached, .get): return "get "
    case (.memcached, .put): return "set "
    case (.memcached, .ping), (.memcached, .list): return "version\r\n"
    }
  }

  /// Appends what a PUT says behind its key: a value of that length, and how many seconds it lives.
  private func appendEnd(valueBytes: Int, lifetime: Int?, to output: inout ByteBuffer) {
    switch dialect {
    case .line:
      output.append(UInt8(ascii: " "))
      output.append(value, 0..<valueBytes)
      if let lifetime {
        output.append(" EX ")
        output.append(decimal: UInt64(lifetime))
      }
      output.append(UInt8(ascii: "\n"))
    case .resp:
      output.append("\r\n$")
      output.append(decimal: UInt64(valueBytes))
      output.append("\r\n")
      output.append(value, 0..<valueBytes)
      if let lifetime {
        output.append("\r\n$2\r\nEX\r\n$")
        output.append(decimal: UInt64(Self.decimalDigits(lifetime)))
        output.append("\r\n")
        output.append(decimal: UInt64(lifetime))
      }
      output.append("\r\n")
    case .memcached:
      output.append(" 0 ")
      output.append(decimal: UInt64(lifetime ?? 0))
      output.append(UInt8(ascii: " "))
      output.append(decimal: UInt64(valueBytes))
      output.append("\r\n")
      output.append(value, 0..<valueBytes)
      output.append("\r\n")
    }
  }
}
