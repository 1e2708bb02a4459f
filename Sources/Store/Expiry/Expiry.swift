/// What a write does to a key's expiry; times are in milliseconds since 1970.
///
/// Times before 1970 count as 1970, and those after the year 10,889 as that: 48 bits are kept.
public enum ExpiryChange: Equatable, Sendable {
  /// The key does not expire any more.
  case clear
  /// It expires when it would have.
  case keep
  /// It expires at that time.
  case at(Int64)
}

/// When a key expires; times are in milliseconds since 1970.
public enum Expiry: Equatable, Sendable {
  /// It does not.
  case never
  /// From that time on it is not visible any more.
  case at(Int64)
}

/// When a key expires, as entries keep it.
struct Deadline: Equatable, BitwiseCopyable {
  /// Not at all; no key has this for a time.
  static let never = Deadline(milliseconds: .max)
  /// The last time that 48 bits and a wheel of ticks have room for.
  static let latestMilliseconds: Int64 = (1 << 48) - 64

  let milliseconds: Int64

  @inline(__always)
  init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// The deadline at a time, or at the nearest one that can be kept.
  init(clamping time: Int64) { milliseconds = max(0, min(time, Self.latestMilliseconds)) }

  init(_ expiry: Expiry) {
    switch expiry {
    case .never: self = .never
    case .at(let time): self.init(clamping: time)
    }
  }

  /// The deadline of a key that did not have one.
  init(ofNewKey expiry: ExpiryChange) {
    guard case .at(let time) = expiry else {
      self = .never
      return
    }
    self.init(clamping: time)
  }

  var expiry: Expiry { self == .never ? .never : .at(milliseconds) }

  /// Whether a key with it is there for somebody who asks at `now`.
  @inline(__always)
  func isAhead(of now: Int64) -> Bool { self == .never || milliseconds > now }
}
