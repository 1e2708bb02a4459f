import Bytes

/// What is wrong with a line that is no request; the connection goes on after it.
public enum LineFault: Equatable, Sendable {
  /// The line is longer than allowed; what follows of it is passed over.
  case lineTooLong(limit: Int)
  /// The line has more words than allowed.
  case tooManyArguments(limit: Int)
  /// The line ends within a quoted word.
  case unclosedQuote
  /// A backslash in a quoted word is followed by this byte, or by an `x` without two hexadecimal digits.
  case badEscape(UInt8)
  /// Something other than a space follows the closing quote of a word.
  case textAfterQuote
  /// Something follows the closing quote of PUT's value.
  case textAfterQuotedValue

  /// Appends the sentence that says what was wrong and what is right.
  func appendSentence(to text: inout ByteBuffer) {
    switch self {
    case .lineTooLong(let limit):
      text.append("the line is too long: at most ")
      text.append(decimal: Int64(limit))
      text.append(" bytes are allowed (--max-line-bytes)")
    case .tooManyArguments(let limit):
      text.append("too many arguments: at most ")
      text.append(decimal: Int64(limit))
      text.append(" are allowed (--max-arguments)")
    case .unclosedQuote: text.append("a quoted word has no closing quote: end it with \" (a quote inside is \\\")")
    case .badEscape(let byte):
      text.append("unknown escape \\")
      if byte > 0x20, byte < 0x7F { text.append(byte) }
      text.append(" in a quoted word: there are \\\" \\\\ \\n \\r \\t and \\x with two hexadecimal digits")
    case .textAfterQuote: text.append("text right after a closing quote: put a space between words")
    case .textAfterQuotedValue: text.append("text after the quoted value: the line must end with its closing quote")
    }
  }
}
