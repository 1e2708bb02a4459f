import Bytes
import TestSupport
import Testing
import Wire

@Suite struct LineTextTests {
  @Test(arguments: [
    ("hello world ", "VALUE hello world \n"),
    (" leading", "VALUE  leading\n"),
    ("", "VALUE \"\"\n"),
    ("\"q", #"VALUE "\"q""# + "\n"),
    ("a\"q", "VALUE a\"q\n"),
    ("a\nb\r\t\\", #"VALUE "a\nb\r\t\\""# + "\n"),
    ("a\\b", "VALUE a\\b\n"),
    ("\u{7F}", #"VALUE "\x7f""# + "\n"),
    ("\u{85}", #"VALUE "\xc2\x85""# + "\n"),
    ("\u{A0}é€😀", "VALUE \u{A0}é€😀\n"),
  ])
  func `a value is shown plain where it can be read back`(value: String, reply: String) {
    #expect(written { $0.value(Array(value.utf8).span) } == reply)
  }

  @Test(arguments: [
    ("plain", "KEY plain\n"), ("two words", "KEY \"two words\"\n"), ("", "KEY \"\"\n"), ("é", "KEY é\n"),
  ])
  func `a key is quoted if it holds a space`(key: String, reply: String) {
    #expect(written { $0.key(Array(key.utf8).span) } == reply)
  }

  @Test(arguments: 0..<6)
  func `what a reply shows can be sent back and gives the same bytes`(alphabet: Int) {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let alphabets: [[UInt8]] = [
      Array(0...255), Array(" \t\"\\xnrt0aF".utf8), Array("ab ".utf8), Array("é€😀\u{85}\u{A0} a".utf8),
      [0xC2, 0x80, 0x9F, 0xA0, 0xE0, 0xED, 0xF4, 0x90, 0x20], [0x0D, 0x0A, 0x00, 0x7F, 0x22],
    ]
    let bytes = alphabets[alphabet]
    for _ in 0..<3_000 {
      let original = (0..<Int(random.next() % 24)).map { _ in bytes[Int(random.next() % UInt64(bytes.count))] }
      let value = writtenBytes { $0.value(original.span) }.dropFirst("VALUE ".count)
      #expect(parse(Array("PUT k ".utf8) + value) == [.request([Array("PUT".utf8), [107], original])], "seed \(seed)")
      let key = writtenBytes { $0.key(original.span) }.dropFirst("KEY ".count)
      #expect(parse(Array("GET ".utf8) + key) == [.request([Array("GET".utf8), original])], "seed \(seed)")
      let putKey = key.dropLast() + Array(" v\n".utf8)
      #expect(parse(Array("PUT ".utf8) + putKey) == [.request([Array("PUT".utf8), original, [118]])], "seed \(seed)")
    }
  }

  @Test func `each kind of reply is one line or says how many there are`() {
    #expect(written { $0.status("OK") } == "OK\n")
    #expect(written { $0.integer(-5) } == "VALUE -5\n")
    #expect(written { $0.notFound() } == "ERROR key not found\n")
    #expect(written { $0.removed(true) } == "OK\n")
    #expect(written { $0.removed(false) } == "ERROR key not found\n")
    #expect(written { $0.end(3) } == "END 3\n")
    #expect(written { $0.text("a line") } == "a line\n")
    #expect(written { $0.error("ERR", "no") } == "ERROR no\n")
  }

  @Test(arguments: [
    (LineFault.lineTooLong(limit: 7), "ERROR the line is too long: at most 7 bytes are allowed (--max-line-bytes)\n"),
    (.tooManyArguments(limit: 3), "ERROR too many arguments: at most 3 are allowed (--max-arguments)\n"),
    (.textAfterQuote, "ERROR text right after a closing quote: put a space between words\n"),
  ])
  func `a fault says what was wrong and what is right`(fault: LineFault, reply: String) {
    #expect(written { $0.fault(fault) } == reply)
  }
}
