public import Bytes

/// What is wrong with a request of the Redis protocol; where the next one begins cannot be known, so the connection
/// ends.
///
/// The sentences are Redis's own where it has one.
public enum RESPFault: Equatable, Sendable {
  /// The count of arguments is no number, or more than allowed.
  case invalidCount
  /// More arguments than a client may send that has not authenticated.
  case unauthenticatedCount
  /// No end of line after a count.
  case countLineTooLong
  /// This byte stands where an argument's length should begin.
  case noLength(found: UInt8)
  /// An argument's length is no number, negative, or more than allowed.
  case invalidLength
  /// A longer argument than a client may send that has not authenticated.
  case unauthenticatedLength
  /// No end of line after an argument's length.
  case lengthLineTooLong
  /// An argument does not end where its length says.
  case unterminatedBulk
  /// The arguments are longer altogether than allowed.
  case requestTooLong(limit: Int)
  /// No end of line in a request without a count.
  case inlineTooLong
  /// A quote in a request without a count is not closed, or something other than a space follows a closing one.
  case unbalancedQuotes
  /// The client speaks something else.
  case foreign(Refusal)

  /// Appends the sentence that says what was wrong.
  public func appendSentence(to text: inout ByteBuffer) {
    if case .foreign(let refusal) = self { return refusal.appendSentence(to: &text) }
    text.append("Protocol error: ")
    switch self {
    case .invalidCount: text.append("invalid multibulk length")
    case .unauthenticatedCount: text.append("unauthenticated multibulk length")
    case .countLineTooLong: text.append("too big mbulk count string")
    case .noLength(let byte):
      text.append("expected '$', got '")
      text.append(byte)
      text.append("'")
    case .invalidLength: text.append("invalid bulk length")
    case .unauthenticatedLength: text.append("unauthenticated bulk length")
    case .lengthLineTooLong: text.append("too big bulk count string")
    case .unterminatedBulk: text.append("bulk string is not followed by CRLF")
    case .requestTooLong(let limit):
      text.append("request is too long: at most ")
      text.append(decimal: Int64(limit))
      text.append(" bytes are allowed")
    case .inlineTooLong: text.append("too big inline request")
    case .unbalancedQuotes: text.append("unbalanced quotes in request")
    case .foreign: break
    }
  }
}
