import Bytes

/// How many errors a writer has written, by their class.
public struct ErrorCounts: Sendable {
  /// The classes that occurred (`ERR`, `OOM`), in the order of their first error, and how often.
  public private(set) var byCode: [(code: StaticString, count: UInt64)] = []

  /// Creates counts that are all zero.
  public init() {}

  /// All errors.
  public var total: UInt64 { byCode.reduce(0) { $0 + $1.count } }

  /// Counts one more; O(classes).
  mutating func count(_ code: StaticString) {
    if let index = byCode.firstIndex(where: { $0.code.isSame(as: code) }) {
      byCode[index].count += 1
    } else {
      byCode.append((code, 1))
    }
  }
}

extension StaticString {
  fileprivate func isSame(as other: StaticString) -> Bool {
    guard utf8CodeUnitCount == other.utf8CodeUnitCount else { return false }
    return (0..<utf8CodeUnitCount).allSatisfy { byte($0) == other.byte($0) }
  }
}
