import Testing
import Wire

@Suite struct InlineTests {
  /// What redis-server 7.0.15 makes of the words behind `e `; nil where it says that quotes are unbalanced.
  private static let table: [(line: String, words: [String]?)] = [
    (#"a b"#, ["a", "b"]), (#" a  b "#, ["a", "b"]), ("a\tb", ["a", "b"]), ("a\rb", ["a", "b"]), ("a\r\r", ["a"]),
    ("a\u{0B}b", ["a\u{0B}b"]), ("\u{0B}a", ["a"]), (#""a b""#, ["a b"]), (#""a\nb""#, ["a\nb"]),
    (#""\r\t\b\a""#, ["\r\t\u{08}\u{07}"]), (#""\x41\x4a\x7F""#, ["AJ\u{7F}"]), (#""\x00""#, ["\0"]),
    (#""\x4""#, ["x4"]), (#""\x4g""#, ["x4g"]), (#""\xg1""#, ["xg1"]), (#""\q\"\\""#, [#"q"\"#]), (#""\'""#, ["'"]),
    (#"'a b'"#, ["a b"]), (#"'a\'b'"#, ["a'b"]), (#"'a\nb'"#, [#"a\nb"#]), (#"'\x41'"#, [#"\x41"#]),
    (#"'a\\'"#, nil), (#"a"b c""#, ["ab c"]), (#"a'b'"#, ["ab"]), (#""""#, [""]), (#"''"#, [""]),
    (#""" b"#, ["", "b"]),
    (#""a"b"#, nil), (#""a""b""#, nil), (#"'a'b"#, nil), (#""a"#, nil), (#"'a"#, nil), (#"a""#, nil), (#""a\""#, nil),
    (#""a\\""#, [#"a\"#]), (#"a\nb"#, [#"a\nb"#]), (#"a\'b"#, nil), (#"\x41"#, [#"\x41"#]), ("\"a\rb\"", ["a\rb"]),
    ("\"a\"\u{0B}b", ["a", "b"]), ("\"a\"\u{0C}", ["a"]), ("\"a\"\r", ["a"]), (#"é "€""#, ["é", "€"]),
  ]

  @Test(arguments: table)
  func `a typed request is split as Redis splits it`(line: String, words: [String]?) {
    let expected: RESPParsed =
      if let words { .request([[101]] + words.map { Array($0.utf8) }) } else { .fault(.unbalancedQuotes) }
    #expect(parseRESP("e \(line)\n") == [expected])
    #expect(parseRESP("e \(line)\r\n") == [expected])
  }

  @Test func `a verb may be quoted and empty`() {
    #expect(parseRESP("\"\"\n'GET' k\n") == [.words(""), .words("GET", "k")])
  }

  @Test func `any byte but a line feed may stand in a word`() {
    let word = (0...255).map { UInt8($0) }.filter { ![9, 10, 13, 32, 34, 39].contains($0) }
    #expect(parseRESP(Array("e ".utf8) + word + [10]) == [.request([[101], word])])
  }
}
