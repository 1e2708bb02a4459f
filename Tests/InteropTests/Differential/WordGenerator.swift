import TestSupport

/// Random words for requests: mostly such that something happens, sometimes such that nothing may.
struct WordGenerator {
  private(set) var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  /// True once in `n` times.
  mutating func once(in n: Int) -> Bool { Int.random(in: 0..<n, using: &random) == 0 }

  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  mutating func pick<T>(_ list: [T]) -> T { list[Int.random(in: 0..<list.count, using: &random)] }

  /// The word that a token of a template stands for: `k` a key, `v` a value, and so on; anything else stands for
  /// itself, in capitals or not.
  mutating func word(_ token: Substring) -> [UInt8] {
    switch token {
    case "k": pick(Self.keys)
    case "v": value()
    case "n": Array(integer().utf8)
    case "f": Array(float().utf8)
    case "r": once(in: 12) ? Array(pick(Self.edges).utf8) : Array("\(number(-12...20))".utf8)
    case "off": Array("\(once(in: 8) ? number(100...3000) : number(0...30))".utf8)
    case "bit": once(in: 15) ? Array(pick(Self.edges).utf8) : Array("\(number(0...1))".utf8)
    case "boff": Array("\(once(in: 8) ? number(500...9000) : number(0...70))".utf8)
    // Relative times never repeat, so that GT and LT do not depend on the millisecond in which they are executed.
    case "s": Array("\(number(100_000...900_000_000))".utf8)
    case "ms": Array("\(number(100_000_000...900_000_000_000))".utf8)
    case "S": Array("\(once(in: 10) ? pick([1, 1_000_000_000]) : 4_102_444_800 + number(0...4))".utf8)
    case "MS": Array("\(once(in: 10) ? pick([1, 1_000_000_000_000]) : 4_102_444_800_000 + number(0...4) * 499)".utf8)
    case "-S": Array("\(pick([0, -1, -1_000_000]))".utf8)
    case "pat": Array(pick(Self.patterns).utf8)
    case "chan": Array(pick(["news", "news.art", "", "a"]).utf8)
    case "name": Array(pick(Self.names).utf8)
    case "edge": edge()
    default: Array((once(in: 4) ? token.lowercased() : once(in: 8) ? Self.mixed(token) : String(token)).utf8)
    }
  }

  /// A word that most commands have to refuse.
  mutating func edge() -> [UInt8] {
    switch number(0...9) {
    case 0: [UInt8](repeating: UInt8(ascii: "y"), count: pick([127, 128, 129, 200]))
    case 1: pick([[0], [0xFF, 0xFE], Array("a\r\nb".utf8), Array("5\0".utf8), Array("5\n".utf8), Array("'q'".utf8)])
    default: Array(pick(Self.edges).utf8)
    }
  }

  private mutating func integer() -> String {
    switch number(0...9) {
    case 0: pick(Self.edges)
    case 1: pick(["9223372036854775807", "-9223372036854775808", "9223372036854775800", "-9223372036854775807"])
    default: "\(number(-20...20))"
    }
  }

  private mutating func float() -> String {
    switch number(0...9) {
    case 0: pick(Self.edges)
    case 1: pick(Self.floats)
    case 2: "\(number(-1000...1000)).\(number(0...99_999_999))"
    case 3: "\(number(-99...99))e\(number(-12...12))"
    default: "\(number(-50...50)).\(number(0...99))"
    }
  }

  private mutating func value() -> [UInt8] {
    switch number(0...11) {
    case 0: return []
    case 1: return Array(integer().utf8)
    case 2: return Array(float().utf8)
    case 3: return (0..<number(1...24)).map { _ in UInt8.random(in: 0...255, using: &random) }
    case 4:
      return [UInt8](repeating: UInt8.random(in: 0...255, using: &random), count: pick([43, 44, 45, 63, 64, 300]))
    case 5: return (0..<number(1...40)).map { _ in pick(Array("abc".utf8)) }
    case 6 where once(in: 6): return (0..<3000).map { _ in UInt8.random(in: 97...99, using: &random) }
    case 7: return Array("\(number(-1000...1000))".utf8)
    case 8: return Array("\(number(-1000...1000))".utf8)
    default: return Array(pick(["hello world", "ohmytext", "mynewtext", "foobar", "a\r\nb", "0", "1"]).utf8)
    }
  }

  private static func mixed(_ word: Substring) -> String {
    var text = ""
    for character in word { text += text.count.isMultiple(of: 2) ? String(character) : character.lowercased() }
    return text
  }

  static let keys: Words = [
    Array("a".utf8), Array("b".utf8), Array("c".utf8), Array("counter".utf8), Array("float".utf8), Array("bits".utf8),
    Array("user:1".utf8), Array("user:2".utf8), [], [0, 1, 255], Array("with space\r\n".utf8), Array("*[x]?".utf8),
    [UInt8](repeating: UInt8(ascii: "k"), count: 200),
  ]

  /// Not a one is a small positive integer: in the place of a time it would make replies depend on the moment. Nor is
  /// one an offset that a server would have to find hundreds of megabytes for.
  static let edges = [
    "", "+5", " 5", "5 ", "007", "-0", "0", "-1", "1e3", "0x10", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "4294967296", "1.5",
    "nan", "inf", "-inf", "abc", "-", "+", ".", "--1", "1,5", "٣",
  ]

  static let floats = [
    "3.0e3", ".5", "5.", "+1.5", " 1.5", "1.5 ", "-.5e-3", "1e17", "1e18", "1e19", "-1e20", "1e300", "1e-300", "1e5000",
    "0.1", "0.30000000000000004", "123456789.123456789", "1.7976931348623157e308", "0x1p3", "1e", "e5", "1_0",
    "-0.0", "0.00000000000000001", "0.000000000000000001", "infinity", "NaN", "99999999999999999", "5.0e-1",
  ]

  private static let patterns = [
    "*", "user:*", "?", "[a-c]", "[^a]", "[c-a]", "\\*[[]*", "*\\", "", "[", "[]", "[^", "a*b", "user:[12]", "*r*",
    "**",
    "u??r:?", "*[0-9]", "\\a", "[\\a]", "[a", "[a-", "K*",
  ]

  private static let names = ["me", "", "two words", "a\nb", "é", "x!~", "#$%"]
}
