import Bytes
import TestSupport
import Testing

@Suite struct FrameTests {
  private static var numbers: [Int64] {
    var numbers: [Int64] = [0, .max, .min]
    var power: Int64 = 1
    for _ in 0..<19 {
      for number in [power - 1, power, power + 1] { numbers += [number, -number] }
      power = power.multipliedReportingOverflow(by: 10).partialValue
    }
    return numbers
  }

  @Test(arguments: numbers)
  func `a line holds its tag and its number`(number: Int64) {
    var buffer = ByteBuffer()
    buffer.append(tag: 58, number: number)
    buffer.append(tag: 42, number: number)
    #expect(buffer.span.copied == Array(":\(number)\r\n*\(number)\r\n".utf8))
    #expect(number.magnitude.decimalDigitCount == String(number.magnitude).utf8.count)
  }

  @Test(arguments: [0, 1, 9, 10, 11, 99, 100, 101, 1_000, 12_345])
  func `a block says how long it is`(length: Int) {
    let block = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
    var buffer = ByteBuffer()
    for _ in 0..<3 { buffer.append(tag: 36, counted: block.span) }
    let one = Array("$\(length)\r\n".utf8) + block + [13, 10]
    #expect(buffer.span.copied == one + one + one)
  }

  @Test(arguments: [0, 1, 5, 8]) func `a word's lowest bytes come first`(length: Int) {
    var buffer = ByteBuffer()
    buffer.append(word: 0x4847_4645_4443_4241, length: length)
    #expect(buffer.span.copied == Array("ABCDEFGH".utf8.prefix(length)))
  }

  @Test(arguments: [UInt64(0), 9, 10, 100, 12_345, .max]) func `a line is inserted where it belongs`(number: UInt64) {
    for offset in 0...6 {
      var buffer = ByteBuffer(capacity: 6)
      buffer.append("abcdef")
      buffer.insert(tag: 42, number: number, at: offset)
      var expected = Array("abcdef".utf8)
      expected.insert(contentsOf: Array("*\(number)\r\n".utf8), at: offset)
      #expect(buffer.span.copied == expected)
    }
  }

  @Test func `a literal's line ends`() {
    var buffer = ByteBuffer()
    buffer.append(tag: 43, line: "OK")
    buffer.append(tag: 43, line: "")
    #expect(buffer.span.copied == Array("+OK\r\n+\r\n".utf8))
  }
}
