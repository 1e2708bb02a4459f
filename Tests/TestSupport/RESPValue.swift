// A reply of the Redis protocol, of its second or third version, as a value that tests can take apart.

/// A reply.
public indirect enum RESPValue: Hashable, Sendable {
  /// `+OK`.
  case status([UInt8])
  /// `-ERR no such key`, without the dash.
  case error([UInt8])
  /// `:1`.
  case integer(Int64)
  /// `$3`.
  case bulk([UInt8])
  /// `$-1`.
  case nullBulk
  /// `*-1`.
  case nullArray
  /// `_`.
  case null
  /// `*2`.
  case array([RESPValue])
  /// `%1`: keys and values in turn.
  case map([RESPValue])
  /// `~2`.
  case set([RESPValue])
  /// `>2`.
  case push([RESPValue])
  /// `,1.5`, `#t`, `(123` or `=7`: its first byte, and what stands behind it.
  case other(UInt8, [UInt8])

  /// What is wrong with bytes that are no reply.
  public struct Malformed: Error {
    /// The beginning of what is wrong.
    public let bytes: [UInt8]
  }

  /// Reads the reply at `position`, which moves behind it; nil if its end is not there yet.
  public static func parse(_ bytes: [UInt8], at position: inout Int) throws -> RESPValue? {
    var next = position
    guard let value = try read(bytes, &next) else { return nil }
    position = next
    return value
  }

  /// Reads bytes that are one whole reply.
  public init(whole bytes: [UInt8]) throws {
    var position = 0
    guard let value = try Self.read(bytes, &position), position == bytes.count else { throw Malformed(bytes: bytes) }
    self = value
  }

  private static func read(_ bytes: [UInt8], _ next: inout Int) throws -> RESPValue? {
    let start = next
    guard let line = line(bytes, &next), let kind = line.first else { return nil }
    let text = Array(line.dropFirst())
    switch kind {
    case UInt8(ascii: "+"): return .status(text)
    case UInt8(ascii: "-"): return .error(text)
    case UInt8(ascii: "_"): return .null
    case UInt8(ascii: ","), UInt8(ascii: "#"), UInt8(ascii: "("): return .other(kind, text)
    default: break
    }
    guard let number = Int64(String(decoding: text, as: UTF8.self)) else {
      throw Malformed(bytes: Array(bytes[start...].prefix(100)))
    }
    switch kind {
    case UInt8(ascii: ":"): return .integer(number)
    case UInt8(ascii: "$") where number < 0: return .nullBulk
    case UInt8(ascii: "*") where number < 0: return .nullArray
    case UInt8(ascii: "$"), UInt8(ascii: "="):
      let end = next + Int(number)
      guard bytes.count >= end + 2 else { return nil }
      let content = Array(bytes[next..<end])
      next = end + 2
      return kind == UInt8(ascii: "$") ? .bulk(content) : .other(kind, content)
    case UInt8(ascii: "*"): return try elements(bytes, &next, number).map(RESPValue.array)
    case UInt8(ascii: "%"): return try elements(bytes, &next, number * 2).map(RESPValue.map)
    case UInt8(ascii: "~"): return try elements(bytes, &next, number).map(RESPValue.set)
    case UInt8(ascii: ">"): return try elements(bytes, &next, number).map(RESPValue.push)
    default: throw Malformed(bytes: Array(bytes[start...].prefix(100)))
    }
  }

  private static func elements(_ bytes: [UInt8], _ next: inout Int, _ count: Int64) throws -> [RESPValue]? {
    var elements: [RESPValue] = []
    for _ in 0..<count {
      guard let element = try read(bytes, &next) else { return nil }
      elements.append(element)
    }
    return elements
  }

  private static func line(_ bytes: [UInt8], _ next: inout Int) -> ArraySlice<UInt8>? {
    var end = next
    while end < bytes.count, bytes[end] != UInt8(ascii: "\r") { end += 1 }
    guard end + 1 < bytes.count else { return nil }
    defer { next = end + 2 }
    return bytes[next..<end]
  }
}

extension RESPValue {
  /// The bytes of a status, an error or a bulk string as text; nil for anything else.
  public var text: String? {
    switch self {
    case .status(let bytes), .error(let bytes), .bulk(let bytes), .other(_, let bytes):
      String(decoding: bytes, as: UTF8.self)
    default: nil
    }
  }

  /// The integer, or nil.
  public var integer: Int64? { if case .integer(let number) = self { number } else { nil } }

  /// The elements of an aggregate, or nil.
  public var elements: [RESPValue]? {
    switch self {
    case .array(let elements), .map(let elements), .set(let elements), .push(let elements): elements
    default: nil
    }
  }

  /// Whether it is an error.
  public var isError: Bool { if case .error = self { true } else { false } }

  /// Whether it says that there is nothing.
  public var isNull: Bool { self == .nullBulk || self == .nullArray || self == .null }
}
