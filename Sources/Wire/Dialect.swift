/// How requests and replies are spelt on a connection.
public enum Dialect: UInt8, Sendable, BitwiseCopyable {
  /// Lines of words, for people.
  case line = 0
}
