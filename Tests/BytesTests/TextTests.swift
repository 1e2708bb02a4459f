import Bytes
import Testing

@Suite struct TextTests {
  @Test(arguments: [0, 1, -1, 9, 10, 99, 100, -100, Int64.max, Int64.min, 1_234_567_890])
  func `numbers are written in decimal`(number: Int64) {
    var buffer = ByteBuffer()
    buffer.append(decimal: number)
    #expect(buffer.span.copied == Array(String(number).utf8))
  }

  @Test func `the largest unsigned number has twenty digits`() {
    var buffer = ByteBuffer()
    buffer.append(decimal: UInt64.max)
    #expect(buffer.span.copied == Array("18446744073709551615".utf8))
  }

  @Test(arguments: [
    ([], true), (Array("plain ascii, long enough for words".utf8), true), ([0x1F], false), ([0x20], true),
    ([0x7E], true), ([0x7F], false), ([0xC2, 0x9F], false), ([0xC2, 0xA0], true), ([0xC0, 0x80], false),
    ([0xC1, 0xBF], false), ([0xC3], false), ([0xE0, 0x9F, 0x80], false), ([0xE0, 0xA0, 0x80], true),
    ([0xED, 0x9F, 0xBF], true), ([0xED, 0xA0, 0x80], false), ([0xEF, 0xBF, 0xBF], true),
    ([0xF0, 0x8F, 0x80, 0x80], false),
    ([0xF0, 0x90, 0x80, 0x80], true), ([0xF4, 0x8F, 0xBF, 0xBF], true), ([0xF4, 0x90, 0x80, 0x80], false),
    ([0xF5, 0x80, 0x80, 0x80], false), ([0x80], false), ([0xE2, 0x82], false), ([0xFF], false),
  ])
  func `printable text is valid UTF-8 without control characters`(bytes: [UInt8], expected: Bool) {
    // At every offset, so that the word-wise and the byte-wise scan both see it.
    for lead in 0..<10 {
      let padded = Array(repeating: UInt8(ascii: "a"), count: lead) + bytes
      #expect(padded.span.isPrintableText == expected, "\(padded)")
      let closed = padded + Array("and then some more ascii".utf8)
      #expect(closed.span.isPrintableText == expected, "\(closed)")
    }
  }

  @Test func `the scan agrees with a scan by scalars for every two bytes`() {
    for first in UInt8.min ... .max {
      for second in UInt8.min ... .max {
        let bytes = [UInt8(ascii: "a"), first, second]
        let text = String(validating: bytes, as: UTF8.self)
        let expected =
          text?.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) } ?? false
        #expect(bytes.span.isPrintableText == expected, "\(bytes)")
      }
    }
  }

  @Test func `an excerpt of what a client sent is short and printable`() {
    var buffer = ByteBuffer()
    buffer.append(quotedExcerpt: Array(repeating: UInt8(7), count: 1000).span)
    #expect(buffer.span.copied == Array(("\"" + String(repeating: "\\x07", count: 64) + "...\"").utf8))
  }

  @Test(arguments: ["get", "GET", "gEt"])
  func `a folded word is the same in any case`(word: String) throws {
    #expect(FoldedWord(Array(word.utf8).span) == FoldedWord("GET"))
  }

  @Test func `folded words differ exactly where capitals do`() {
    let words =
      (1...16).map { String("ABCDEFGHIJKLMNOP".prefix($0)) } + ["[", "{", "@", "`", "A ", "ABCDEFG@", "ABCDEFG`"]
    for (index, left) in words.enumerated() {
      for (other, right) in words.enumerated() {
        let isSame = FoldedWord(Array(left.lowercased().utf8).span) == FoldedWord(Array(right.utf8).span)
        #expect(isSame == (index == other), "\(left) \(right)")
      }
    }
    #expect(FoldedWord([UInt8]().span) == nil)
    for count in 1...16 { #expect(FoldedWord((Array("GETRANGEGETRANGE".utf8.prefix(count - 1)) + [0]).span) == nil) }
    #expect(FoldedWord(Array(repeating: UInt8(65), count: 17).span) == nil)
  }
}
