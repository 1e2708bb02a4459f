import Bytes
import Testing

@Suite struct LongDoubleTests {
  private static func read(_ text: String) -> LongDouble? { Array(text.utf8).span.longDouble }

  private static func written(_ number: LongDouble) -> String {
    var buffer = ByteBuffer()
    buffer.append(longDouble: number)
    return String(decoding: buffer.span.copied, as: UTF8.self)
  }

  #if arch(x86_64)
    /// `SET k left`, `INCRBYFLOAT k right` and what redis-server 7.0.15 answers on x86-64.
    private static let sums: [(left: String, right: String, sum: String)] = [
      ("10.5", "0.1", "10.6"), ("5.0e3", "2.0e2", "5200"), ("0", "3.3", "3.3"), ("0.1", "0.2", "0.3"),
      ("1", "-1.0000000000000001", "-0.0000000000000001"), ("3", "1.000000000000000005", "4.00000000000000001"),
      ("-5", "4.5", "-0.5"), ("-5", "5", "0"), ("100000000000000000000", "0.5", "100000000000000000000"),
      ("0", "123456789.123456789", "123456789.12345678899873747"),
      ("0", "-0.00000000000000001", "-0.00000000000000001"),
      ("0", "-0.000000000000000001", "0"), ("0", "1e21", "1000000000000000000000"),
      ("0", "0.30000000000000004", "0.30000000000000004"), ("0", "18446744073709551616", "18446744073709551616"),
      ("0", "2.5e-5", "0.000025"), ("5", "1e-17", "5.00000000000000001"), ("5", "1e-18", "5"), ("5", "0x10", "21"),
      ("5", "0x1p3", "13"), ("5", "0x.8", "5.5"), ("5", "1E3", "1005"), ("5", "+5", "10"), ("5", ".5", "5.5"),
      ("5", "5.", "10"),
      ("5", "1e-4950", "5"), ("5", "1e18", "1000000000000000005"), ("5", "1e20", "100000000000000000008"),
      ("5", "999999999999999999999999999999", "1000000000000000000024696061952"), ("0", "-0", "0"), ("0", "-0.0", "0"),
      ("0", "99999999999999999999999999999999999", "99999999999999999997871448567840768"),
    ]

    @Test(arguments: sums)
    func `sums are those of redis-server`(left: String, right: String, sum: String) throws {
      let first = try #require(Self.read(left))
      let second = try #require(Self.read(right))
      #expect(Self.written(first + second) == sum)
    }

    @Test func `the largest number is written whole`() throws {
      let number = try #require(Self.read("1e4932"))
      let text = Self.written(number)
      #expect(text.utf8.count == 4_933)
      #expect(Self.read(text) == number)
    }
  #endif

  @Test(arguments: [
    "", " 1", "1 ", "\t1", "\n1", "abc", "nan", "NaN", "-nan", "nan(1)", "1e", "1e+", ".", "-", "+", "0x", "1_000",
    "1,5",
    "1d5", "1\0", "1\u{0}2", "\u{0}1", "1e5000", "-1e5000", "1e-5000", "--1", "1..2",
  ])
  func `what redis-server does not take for a float is none`(text: String) {
    #expect(Self.read(text) == nil)
  }

  @Test(arguments: ["inf", "+inf", "-inf", "INF", "infinity"])
  func `an infinity is a number until something is added to it`(text: String) throws {
    let number = try #require(Self.read(text))
    #expect(number.isInfinite)
  }

  @Test(arguments: [-1, 0, 1])
  func `a text of five kilobytes is too long`(excess: Int) {
    let text = Array(repeating: UInt8(ascii: "0"), count: 5 * 1024 + excess)
    #expect(text.span.longDouble == (excess < 0 ? 0 : nil))
  }

  @Test(arguments: [
    (LongDouble(0), "0"), (-0.0, "0"), (1.5, "1.5"), (-2, "-2"), (100, "100"), (0.0625, "0.0625"),
    (1_000_000, "1000000"),
  ])
  func `numbers are written as people write them`(number: LongDouble, text: String) {
    #expect(Self.written(number) == text)
  }
}
