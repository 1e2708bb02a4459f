/// The shape of a reply of the Redis protocol: where values begin and end, whatever they hold.
enum RESPShape {
  /// Whether the bytes are so many whole values, one behind the other.
  static func isWhole(_ bytes: [UInt8], count: Int = 1) -> Bool {
    var position = 0
    for _ in 0..<count {
      guard let end = end(of: bytes, from: position) else { return false }
      position = end
    }
    return position == bytes.count
  }

  /// The offset behind the value that begins at `start`; nil if there is no whole one.
  static func end(of bytes: [UInt8], from start: Int) -> Int? {
    guard let line = lineEnd(bytes, start) else { return nil }
    let text = String(decoding: bytes[(start + 1)..<line - 2], as: UTF8.self)
    switch bytes[start] {
    case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "#"), UInt8(ascii: ","): return line
    case UInt8(ascii: ":"): return Int(text) == nil ? nil : line
    case UInt8(ascii: "$"), UInt8(ascii: "="):
      guard let length = Int(text) else { return nil }
      if length == -1 { return line }
      guard line + length + 2 <= bytes.count, bytes[line + length] == UInt8(ascii: "\r") else { return nil }
      return line + length + 2
    case UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: ">"): return end(of: bytes, from: line, count: Int(text))
    case UInt8(ascii: "%"): return end(of: bytes, from: line, count: Int(text).map { 2 * $0 })
    default: return nil
    }
  }

  private static func end(of bytes: [UInt8], from start: Int, count: Int?) -> Int? {
    guard let count else { return nil }
    var position = start
    for _ in 0..<max(0, count) {
      guard let next = end(of: bytes, from: position) else { return nil }
      position = next
    }
    return position
  }

  private static func lineEnd(_ bytes: [UInt8], _ start: Int) -> Int? {
    guard start < bytes.count, let feed = bytes[start...].firstIndex(of: UInt8(ascii: "\n")), feed > start + 1 else {
      return nil
    }
    return bytes[feed - 1] == UInt8(ascii: "\r") ? feed + 1 : nil
  }
}
