// The names in a data directory. Digits are hexadecimal, sixteen and in small letters, so that names sort as their
// numbers do, and each number has one spelling:
//
//     journal-000000000000002a      a segment of the journal
//     base-000000000000002a         the state in front of segment 2a, which stands for all segments before it
//     base-000000000000002a.new     the same while it is being written
//     torn-000000000000002a-4096    what was cut off segment 2a, from that byte on, when it was recovered

/// What a file of the data directory is, by its name.
public enum JournalFileName: Equatable, Sendable, CustomStringConvertible {
  /// A segment of the journal.
  case journal(UInt64)
  /// A state that stands for all segments with smaller numbers.
  case base(UInt64)
  /// The same, not yet whole.
  case newBase(UInt64)
  /// A torn tail, kept aside: of which segment, and from which of its bytes on.
  case torn(UInt64, offset: UInt64)

  /// Reads a name; nil if the journal gives none like it.
  public init?(_ name: String) {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 2, let number = Self.number(parts[1].prefix(16)) else { return nil }
    let rest = parts[1].dropFirst(16)
    switch (parts[0], parts.count, rest) {
    case ("journal", 2, ""): self = .journal(number)
    case ("base", 2, ""): self = .base(number)
    case ("base", 2, ".new"): self = .newBase(number)
    case ("torn", 3, ""):
      guard let offset = UInt64(parts[2]), String(offset) == parts[2] else { return nil }
      self = .torn(number, offset: offset)
    default: return nil
    }
  }

  /// The name.
  public var description: String {
    switch self {
    case .journal(let number): "journal-\(Self.digits(number))"
    case .base(let number): "base-\(Self.digits(number))"
    case .newBase(let number): "base-\(Self.digits(number)).new"
    case .torn(let number, let offset): "torn-\(Self.digits(number))-\(offset)"
    }
  }

  private static func digits(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Numbers begin with 1.
  private static func number(_ digits: Substring) -> UInt64? {
    guard let number = UInt64(digits, radix: 16), number > 0, self.digits(number) == digits else { return nil }
    return number
  }
}
