/// What the parser keeps of a connection between reads: 16 bytes, all zero at first.
///
/// Of an unfinished request it says what needs no second look. A request `*2 $3 GET $100 …` of which 20 bytes of the
/// last argument are there:
///
///     *2\r\n$3\r\nGET\r\n$100\r\n....................
///     ├──────────────────────────┤ passed: 19 bytes   announced: 2 arguments, of which 1 was seen
///                                ├─── awaited: 102 bytes ─ ─ ─ ─
public struct RESPState: Sendable, BitwiseCopyable {
  /// The arguments that the request announced, 0 while that is not known; the top bit is `hasOpened`.
  private var announcedAndOpened: UInt32 = 0
  /// Arguments that are there whole.
  var seen: UInt32 = 0
  /// Bytes of the request that need no second look.
  var passed: UInt32 = 0
  /// What comes next, behind the passed bytes: an argument of so many bytes with its line end; or, with the top bit
  /// set, a line of which so many bytes were searched for its end.
  private var next: UInt32 = 0

  private static let topBit: UInt32 = 1 << 31

  /// Creates the state of a new connection.
  public init() {}

  /// The connection's first request has been seen.
  var hasOpened: Bool { announcedAndOpened & Self.topBit != 0 }

  /// No request has been begun.
  var isIdle: Bool { announced == 0 && next == 0 }

  var announced: Int { Int(announcedAndOpened & ~Self.topBit) }

  /// Bytes of the current argument, its line end included; 0 if its length is not known yet.
  var awaited: Int { next & Self.topBit == 0 ? Int(next) : 0 }

  /// Bytes of the current line that do not hold its end.
  var searched: Int { next & Self.topBit == 0 ? 0 : Int(next & ~Self.topBit) }

  mutating func open() { announcedAndOpened |= Self.topBit }

  /// Nothing of a request is there.
  public mutating func reset() {
    announcedAndOpened &= Self.topBit
    seen = 0
    passed = 0
    next = 0
  }

  /// The request has so many arguments.
  mutating func announce(_ count: Int) {
    announcedAndOpened = Self.topBit | UInt32(truncatingIfNeeded: count)
  }

  /// The line behind the passed bytes has ended.
  mutating func forgetLine() { next = 0 }

  /// The line behind the passed bytes goes on; its first `searched` bytes were looked at.
  mutating func awaitLine(seen: Int, passed: Int, searched: Int) {
    self.seen = UInt32(truncatingIfNeeded: seen)
    self.passed = UInt32(truncatingIfNeeded: passed)
    next = Self.topBit | UInt32(truncatingIfNeeded: searched)
  }

  /// An argument of `bytes` bytes with its line end stands behind the passed ones and goes on.
  mutating func awaitBulk(seen: Int, passed: Int, bytes: Int) {
    self.seen = UInt32(truncatingIfNeeded: seen)
    self.passed = UInt32(truncatingIfNeeded: passed)
    next = UInt32(truncatingIfNeeded: bytes)
  }
}
