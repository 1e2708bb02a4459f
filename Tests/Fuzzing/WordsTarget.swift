// Keys and values as replies show them: whatever their bytes, they stand in one line of plain text, plainly where the
// protocol says so, and sent back they are the same bytes. So are the requests that an export consists of, in both
// dialects.
//
// The first gap says how much of the body is the key; the rest is the value.

import Bytes
import Wire

enum WordsTarget {
  static func run(_ input: FuzzInput) {
    let key = Array(input.body.prefix(Int(input.gaps[0])))
    let value = Array(input.body.dropFirst(key.count))
    checkShown(key, isKey: true)
    checkShown(value, isKey: false)
    checkSentBack(shown(key, isKey: true), shown(value, isKey: false), key, value)
    for expiry in [nil, Int64(value.count)] { checkExport(key, value, expiry) }
    checkPieces(value, input)
  }

  /// What stands behind `KEY ` or `VALUE ` in a reply.
  private static func shown(_ bytes: [UInt8], isKey: Bool) -> [UInt8] {
    var writer = ReplyWriter(capacity: 64)
    if isKey { writer.key(bytes.span) } else { writer.value(bytes.span) }
    let line = writer.buffer.span.copied
    let head = Array((isKey ? "KEY " : "VALUE ").utf8)
    check(line.starts(with: head) && line.last == 10, "a reply is a line: \(line)")
    return Array(line.dropFirst(head.count).dropLast())
  }

  private static func checkShown(_ bytes: [UInt8], isKey: Bool) {
    let text = shown(bytes, isKey: isKey)
    check(isPrintable(text), "a reply is text: \(text)")
    let isPlain = !bytes.isEmpty && bytes[0] != 34 && isPrintable(bytes) && !(isKey && bytes.contains(32))
    check((text == bytes) == isPlain, "\(bytes) is shown as it stands just when it may be: \(text)")
  }

  /// Whether bytes are UTF-8 without control characters, as the standard library sees it.
  private static func isPrintable(_ bytes: [UInt8]) -> Bool {
    guard let text = String(validating: bytes, as: UTF8.self) else { return false }
    return text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
  }

  private static func checkSentBack(_ shownKey: [UInt8], _ shownValue: [UInt8], _ key: [UInt8], _ value: [UInt8]) {
    let space: [UInt8] = [32]
    let put = Array("PUT ".utf8) + shownKey + space + shownValue
    expect(put, [Array("PUT".utf8), key, value])
    expect(Array("GET ".utf8) + shownKey + [13], [Array("GET".utf8), key])
    // A word of any other command is quoted as keys are.
    let set = Array("SET ".utf8) + shownKey + space + shown(value, isKey: true) + Array(" EX 10".utf8)
    expect(set, [Array("SET".utf8), key, value, Array("EX".utf8), Array("10".utf8)])
  }

  private static func expect(_ line: [UInt8], _ words: [[UInt8]]) {
    let outcome = LineOutcome([(line + [10])[...]], WireLimits(), true)
    check(outcome.items == [.request(words)], "\(line) is \(words), not \(outcome)")
  }

  private static func checkExport(_ key: [UInt8], _ value: [UInt8], _ expiry: Int64?) {
    var words = [Array("SET".utf8), key, value]
    if let expiry { words += [Array("PXAT".utf8), Array("\(expiry)".utf8)] }
    var text = ByteBuffer()
    RequestText.append(key: key.span, value: value.span, expiry: expiry, .resp2, to: &text)
    let counted = RESPOutcome([text.span.copied[...]], WireLimits(), true)
    check(counted.requests == [words] && counted.keptCount == 0, "\(words) is exported as \(counted)")
    text.removeAll()
    RequestText.append(key: key.span, value: value.span, expiry: expiry, .line, to: &text)
    if expiry == nil { words[0] = Array("PUT".utf8) }
    let lines = LineOutcome([text.span.copied[...]], WireLimits(), true)
    check(lines.items == [.request(words)] && lines.keptCount == 0, "\(words) is exported as \(lines)")
  }

  /// A value that is written in steps, as huge ones are, is written as the same line.
  private static func checkPieces(_ value: [UInt8], _ input: FuzzInput) {
    var writer = ReplyWriter(capacity: 64)
    var progress = LongValue(count: value.count)
    var steps = 0
    // A step is longer than a character.
    while !writer.write(max(4, Int(input.gaps[steps % input.gaps.count])), of: value.span, &progress) {
      steps += 1
      check(steps <= 2 * value.count + 4, "each step gets on")
    }
    let once = Array("VALUE ".utf8) + shown(value, isKey: false) + [10]
    check(writer.buffer.span.copied == once, "\(value) in steps is shown as the whole is")
  }
}
