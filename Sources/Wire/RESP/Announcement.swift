// Counts and lengths, held against the limits as soon as they are known, before anything that they announce has come.
// The order of the checks is Redis's, so that a client is told the same.

import Bytes

/// What a count or a length announces, held against the limits.
enum Announcement {
  /// So many arguments or bytes, and the offset behind the line that says so.
  case number(Int, end: Int)
  /// The line goes on; so many bytes of it were looked at.
  case unfinished(searched: Int)
  /// It is refused.
  case fault(RESPFault)

  /// Reads a request's count at `start`; one that is not positive stands for no request.
  static func count(
    _ input: Span<UInt8>, _ start: Int, _ state: RESPState, _ limits: WireLimits, _ isAuthenticated: Bool
  ) -> Announcement {
    switch NumberLine.read(input, start, searched: state.searched) {
    case .unfinished(let searched): return .unfinished(searched: searched)
    case .tooLong: return .fault(.countLineTooLong)
    case .invalid: return .fault(.invalidCount)
    case .number(_, let number, let end):
      guard number <= min(limits.argumentsMax, Int(Int32.max)) else { return .fault(.invalidCount) }
      guard isAuthenticated || number <= WireLimits.unauthenticatedArgumentsMax else {
        return .fault(.unauthenticatedCount)
      }
      return .number(Int(number), end: end)
    }
  }

  /// Reads an argument's length at `start`.
  @inline(__always)
  static func length(
    _ input: Span<UInt8>, _ start: Int, _ state: RESPState, _ limits: WireLimits, _ isAuthenticated: Bool
  ) -> Announcement {
    if let short = NumberLine.readShort(input, start, tag: RESPByte.bulk),
      short.number <= min(limits.bulkBytesMax, WireLimits.unauthenticatedBulkBytesMax)
    {
      return .number(short.number, end: short.end)
    }
    return anyLength(input, start, state.searched, limits, isAuthenticated)
  }

  private static func anyLength(
    _ input: Span<UInt8>, _ start: Int, _ searched: Int, _ limits: WireLimits, _ isAuthenticated: Bool
  ) -> Announcement {
    switch NumberLine.read(input, start, searched: searched) {
    case .unfinished(let searched): return .unfinished(searched: searched)
    case .tooLong: return .fault(.lengthLineTooLong)
    case .invalid(let tag): return .fault(tag == RESPByte.bulk ? .invalidLength : .noLength(found: tag))
    case .number(let tag, let number, let end):
      guard tag == RESPByte.bulk else { return .fault(.noLength(found: tag)) }
      guard number >= 0, number <= min(limits.bulkBytesMax, bulkBytesCountable) else { return .fault(.invalidLength) }
      guard isAuthenticated || number <= WireLimits.unauthenticatedBulkBytesMax else {
        return .fault(.unauthenticatedLength)
      }
      return .number(Int(number), end: end)
    }
  }

  /// The longest argument that `RESPState` can count with its line end, whatever the limits say.
  private static let bulkBytesCountable = Int(Int32.max) - 2
}
