import Bytes
import Wire

extension Span<UInt8> {
  /// Whether the bytes are the literal, a word in capitals, in whatever case.
  func isWord(_ literal: StaticString) -> Bool {
    guard count == literal.utf8CodeUnitCount else { return false }
    for index in 0..<count where ASCII.uppercased(self[index]) != literal.byte(index) { return false }
    return true
  }
}

extension ReplyWriter {
  /// The option or its argument is none that the command knows.
  mutating func syntaxError() { error("ERR", "syntax error") }

  /// An argument that has to be an integer is none, or does not fit 64 bits.
  mutating func notAnInteger() { error("ERR", "value is not an integer or out of range") }
}
