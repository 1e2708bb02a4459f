// How an input is read: eight bytes that say how the rest is dealt with, then the rest.
//
//     byte 0      flags, of which each target says what they mean
//     bytes 1-7   how long the pieces are in which the rest arrives, over and over; 0: 256 bytes
//
// They stand in front, so that the rest of an input is what it is about, and so that most changes to it leave them.

/// One input of a target.
struct FuzzInput {
  static let headBytes = 8
  let flags: UInt8
  /// Lengths of pieces.
  let gaps: [UInt8]
  /// What the input is about.
  let body: [UInt8]

  init(_ bytes: [UInt8]) {
    let head = Array(bytes.prefix(Self.headBytes)) + Array(repeating: 1, count: max(0, Self.headBytes - bytes.count))
    flags = head[0]
    gaps = Array(head[1...])
    body = Array(bytes.dropFirst(Self.headBytes))
  }

  /// Whether a flag is set.
  func has(_ flag: Int) -> Bool { flags & (1 << UInt8(flag)) != 0 }

  /// The body, cut where the input says.
  var pieces: [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var start = 0
    while start < body.count {
      let gap = gaps[pieces.count % gaps.count]
      let end = min(body.count, start + (gap == 0 ? 256 : Int(gap)))
      pieces.append(body[start..<end])
      start = end
    }
    return pieces
  }

  /// The body, byte by byte.
  var bytes: [ArraySlice<UInt8>] { body.indices.map { body[$0...$0] } }
}

/// Reads an input as a program's operations and their operands; zeros when it has ended.
struct OperandReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  mutating func number() -> Int { Int(byte()) << 8 | Int(byte()) }

  mutating func word() -> UInt64 { (0..<8).reduce(0) { word, _ in word << 8 | UInt64(byte()) } }

  mutating func bytes(_ count: Int) -> [UInt8] {
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }
}
