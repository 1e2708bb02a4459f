// Taking back what was written, for a command that fails behind the beginning of its reply.

/// A place in the replies to which they can be taken back.
public struct ReplyMark: Sendable {
  fileprivate let offset: Int
  fileprivate let aggregates: LineAggregates
}

extension ReplyWriter {
  /// Where the replies end now.
  public var mark: ReplyMark { ReplyMark(offset: buffer.count, aggregates: aggregates) }

  /// Forgets what was written since `mark`; nothing before it may have been taken away meanwhile.
  public mutating func takeBack(to mark: ReplyMark) {
    buffer.truncate(to: mark.offset)
    aggregates = mark.aggregates
  }
}
