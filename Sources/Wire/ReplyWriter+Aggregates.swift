// Lists of replies: first how many elements there are, then the elements. In lines a list needs no beginning, and
// writes its end by itself behind its last element.

import Bytes

/// Where a list began whose count is not known yet.
public struct DeferredAggregate: Sendable, BitwiseCopyable {
  fileprivate let offset: Int
}

/// What a list is to clients that tell.
public enum AggregateKind: Sendable {
  /// Elements in order.
  case array
  /// Keys and values, each pair two elements.
  case map
  /// Elements in no order.
  case set
  /// What comes unasked.
  case push
}

extension ReplyWriter {
  /// A list whose `count` elements follow.
  public mutating func array(_ count: Int) {
    dialect == .line ? begin(.array, count) : buffer.append(tag: RESPByte.array, number: Int64(count))
  }

  /// `pairs` keys and values, of which 2 × `pairs` elements follow.
  public mutating func map(_ pairs: Int) { begin(.map, pairs) }

  /// A set whose `count` elements follow.
  public mutating func set(_ count: Int) { begin(.set, count) }

  /// A message that answers no request, whose `count` elements follow.
  public mutating func push(_ count: Int) { begin(.push, count) }

  /// No list where one could be: a transaction that was not executed.
  public mutating func nullArray() {
    switch dialect {
    case .line:
      buffer.append("NONE")
      endLine()
    case .resp2: buffer.append("*-1\r\n")
    case .resp3: buffer.append("_\r\n")
    }
  }

  /// The end of a listing, or of lines that stand in no list, of which there were `count`.
  public mutating func end(_ count: Int) {
    if dialect == .line { endLists(count) }
  }

  /// Leaves the lists that are begun without an end.
  public mutating func forgetLists() {
    if aggregates.isOpen { aggregates = LineAggregates() }
  }

  /// Writes something that belongs to none of the lists that are begun: a message to somebody else.
  public mutating func outOfBand(_ write: (inout ReplyWriter) -> Void) {
    let own = aggregates
    aggregates = LineAggregates()
    write(&self)
    aggregates = own
  }

  /// Begins a list whose count is known only behind its elements; ended with `endDeferred`.
  public mutating func beginDeferred() -> DeferredAggregate {
    if dialect == .line { endLists(aggregates.open(nil)) }
    return DeferredAggregate(offset: buffer.count)
  }

  /// Ends a list: `count` elements (of a map, pairs) stand behind its beginning; O(their bytes).
  public mutating func endDeferred(_ list: DeferredAggregate, _ kind: AggregateKind = .array, count: Int) {
    if dialect == .line { return endLists(aggregates.close()) }
    let (tag, number) = header(kind, count)
    buffer.insert(tag: tag, number: UInt64(number), at: list.offset)
  }

  @inline(never)
  private mutating func begin(_ kind: AggregateKind, _ count: Int) {
    if dialect == .line { return endLists(aggregates.open(kind == .map ? 2 * count : count)) }
    let (tag, number) = header(kind, count)
    buffer.append(tag: tag, number: Int64(number))
  }

  /// How a list begins in RESP; RESP2 has arrays only.
  private func header(_ kind: AggregateKind, _ count: Int) -> (tag: UInt8, number: Int) {
    switch kind {
    case .map where dialect == .resp2: (RESPByte.array, 2 * count)
    case .map: (UInt8(ascii: "%"), count)
    case .set where dialect == .resp3: (UInt8(ascii: "~"), count)
    case .push where dialect == .resp3: (UInt8(ascii: ">"), count)
    case .array, .set, .push: (RESPByte.array, count)
    }
  }
}
