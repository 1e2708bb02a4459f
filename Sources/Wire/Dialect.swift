/// How requests and replies are spelt on a connection.
public enum Dialect: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// Lines of words, for people.
  case line = 0
  /// The Redis serialization protocol, as clients speak it that have said nothing of versions.
  case resp2 = 1
  /// The same with replies of more kinds, after `HELLO 3`.
  case resp3 = 2

  /// Whether requests are spelt as Redis's clients spell them.
  public var isRESP: Bool { self != .line }

  /// The dialect of a connection on a listener that speaks both, by the first byte that it receives.
  public static func opening(with byte: UInt8) -> Dialect { byte == RESPByte.array ? .resp2 : .line }
}
