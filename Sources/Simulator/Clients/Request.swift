import Bytes
import Commands
import Wire

/// A request that a simulated client has sent, as plain numbers: its bytes, and what the model makes of it, follow from
/// them.
struct Request: BitwiseCopyable {
  struct Options: OptionSet, BitwiseCopyable {
    let rawValue: UInt16
    static let onlyIfAbsent = Options(rawValue: 1 << 0)
    static let onlyIfPresent = Options(rawValue: 1 << 1)
    static let onlyIfEqual = Options(rawValue: 1 << 2)
    static let showsOld = Options(rawValue: 1 << 3)
    static let keepsExpiry = Options(rawValue: 1 << 4)
    static let persists = Options(rawValue: 1 << 5)
    static let onlyIfLater = Options(rawValue: 1 << 6)
    static let onlyIfSooner = Options(rawValue: 1 << 7)
    static let replaces = Options(rawValue: 1 << 8)
    static let inBits = Options(rawValue: 1 << 9)
    static let hasStart = Options(rawValue: 1 << 10)
    static let hasEnd = Options(rawValue: 1 << 11)
    static let hasArgument = Options(rawValue: 1 << 12)
  }

  var verb: Verb
  var options: Options = []
  var unit = TimeUnit.none
  /// Of BITOP: 0 AND, 1 OR, 2 XOR, 3 NOT.
  var operation: UInt8 = 0
  var keyCount: UInt8 = 0
  /// The table's row of a command without a model.
  var row: Int16 = 0
  /// Its keys, by number; if there are more than four, those from the first on.
  var keys = InlineArray<4, UInt16>(repeating: 0)
  var number: Int64 = 0
  var second: Int64 = 0
  /// What its values follow from.
  var value = ValueSeed()
  /// How many bytes its client has sent with its last one.
  var end: UInt64 = 0

  init(_ verb: Verb) { self.verb = verb }

  /// One of its keys.
  func key(_ index: Int) -> Int { keyCount > 4 ? Int(keys[0]) + index : Int(keys[index]) }

  /// The seed of the value behind a key, where there are several.
  func value(_ index: Int) -> ValueSeed { ValueSeed(seed: value.seed &+ UInt32(index) &* 77, count: value.count) }
}

/// The unit of a time in a request.
enum TimeUnit: UInt8, BitwiseCopyable {
  case none, seconds, milliseconds, unixSeconds, unixMilliseconds

  /// Its option's name.
  var option: StaticString {
    switch self {
    case .none: ""
    case .seconds: "EX"
    case .milliseconds: "PX"
    case .unixSeconds: "EXAT"
    case .unixMilliseconds: "PXAT"
    }
  }

  /// The moment that a number of the unit stands for, in milliseconds since 1970.
  func moment(_ number: Int64, now: Int64) -> Int64 {
    switch self {
    case .none: .max
    case .seconds: now + number * 1_000
    case .milliseconds: now + number
    case .unixSeconds: number * 1_000
    case .unixMilliseconds: number
    }
  }
}

/// What the bytes of a value follow from.
struct ValueSeed: BitwiseCopyable {
  var seed: UInt32 = 0
  var count: UInt32 = 0

  private static let freshBytes = 509

  /// Appends the value: a number, text, or any bytes.
  func append(to bytes: inout [UInt8]) {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 0xD1B5_4A32_D192_ED03
    if seed & 7 == 0 {
      bytes.append(contentsOf: "\(Int64(truncatingIfNeeded: state) >> Int64(seed >> 3 & 63))".utf8)
      return
    }
    let isText = seed & 7 < 5
    let start = bytes.count
    let end = start + Int(count)
    var word: UInt64 = 0
    for index in 0..<min(Int(count), Self.freshBytes) {
      if index & 7 == 0 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        word = state
      }
      let byte = UInt8(truncatingIfNeeded: word)
      bytes.append(isText ? 0x20 + byte % 0x5F : byte)
      word >>= 8
    }
    // A long one repeats itself, each time twice as much of it.
    while bytes.count < end { bytes.append(contentsOf: bytes[start..<min(bytes.count, start + end - bytes.count)]) }
  }
}
