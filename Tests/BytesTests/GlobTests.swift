import Bytes
import Testing

@Suite struct GlobTests {
  @Test(arguments: [
    ("*", "", true), ("*", "anything", true), ("", "", true), ("", "a", false), ("a", "a", true), ("a", "b", false),
    ("a*", "abc", true), ("*c", "abc", true), ("a*c", "abc", true), ("a*c", "abd", false), ("a**c", "abbc", true),
    ("?", "a", true), ("?", "", false), ("a?c", "abc", true), ("[abc]", "b", true), ("[abc]", "d", false),
    ("[^abc]", "d", true), ("[^abc]", "a", false), ("[a-c]x", "bx", true), ("[c-a]x", "bx", true),
    ("[a-c]", "d", false),
    ("\\*", "*", true), ("\\*", "a", false), ("[\\]]", "]", true), ("a\\", "a\\", true), ("[abc", "b", true),
    ("*a*b*c*", "xxaxxbxxcxx", true), ("*a*b*c*", "xxaxxcxxbxx", false), ("h[ae]llo", "hallo", true),
    ("é*", "été", true),
  ])
  func `patterns mean what they mean to Redis`(pattern: String, text: String, expected: Bool) {
    #expect(Glob.matches(pattern: Array(pattern.utf8).span, text: Array(text.utf8).span) == expected)
  }

  @Test func `a pattern of many stars takes no more than the product of both lengths`() {
    let pattern = Array(String(repeating: "a*", count: 100).utf8) + [UInt8(ascii: "b")]
    let text = Array(repeating: UInt8(ascii: "a"), count: 5_000)
    #expect(Glob.matches(pattern: pattern.span, text: text.span) == false)
  }
}
