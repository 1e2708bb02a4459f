// Taking back what was written, for a command that fails behind the beginning of its reply.

/// A place in the replies to which they can be taken back.
public struct ReplyMark: Sendable {
  /// Its offset in the replies.
  public let offset: Int
  fileprivate let aggregates: LineAggregates
}

extension ReplyWriter {
  /// Where the replies end now.
  public var mark: ReplyMark { ReplyMark(offset: buffer.count, aggregates: aggregates) }

  /// Leaves the lists as they were at `mark`, wherever the replies end now.
  public mutating func takeBackLists(to mark: ReplyMark) { aggregates = mark.aggregates }

  /// Forgets what was written since `mark`; nothing before it may have been taken away meanwhile.
  public mutating func takeBack(to mark: ReplyMark) {
    buffer.truncate(to: mark.offset)
    aggregates = mark.aggregates
  }
}
