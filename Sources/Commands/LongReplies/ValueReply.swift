// A huge value as a reply, or a part of one: copied to the replies a slice at a time, out of the memory that it lies
// in.

import Bytes
import Store
import Wire

/// The reply of a command that shows a huge value.
struct ValueReply {
  let held: HeldValue
  private let part: Range<Int>
  private var progress: LongValue

  init(_ held: HeldValue, part: Range<Int>) {
    self.held = held
    self.part = part
    progress = LongValue(count: part.count)
  }

  /// Writes some more of it; returns whether that was all.
  mutating func step(bytes: Int, _ keyspace: borrowing Keyspace, _ replies: inout ReplyWriter) -> Bool {
    replies.write(bytes, of: keyspace.value(of: held).extracting(part), &progress)
  }
}

/// How a command shows a value.
struct Shown {
  /// Whether there is one.
  let isFound: Bool
  /// How the server goes on.
  let outcome: Outcome
}

extension CommandExecutor {
  /// Writes a key's value, or that there is none; begins a long reply if the value is huge.
  ///
  /// Whatever the command does to the key behind this, the value is shown as it is now.
  mutating func showValue(of key: Span<UInt8>, _ hash: UInt64) -> Shown {
    switch replyValue(of: key, hash, bytesMax: CommandLimits.longValueBytesMin) {
    case .written: Shown(isFound: true, outcome: .replied)
    case .absent: Shown(isFound: false, outcome: .replied)
    case .tooLong: Shown(isFound: true, outcome: beginValue(of: key, hash))
    }
  }

  /// Takes back what a command has shown, so that an error can stand in its place.
  mutating func takeBack(_ shown: Shown, to mark: ReplyMark) {
    if case .longReply(let id) = shown.outcome { end(id) }
    replies.takeBack(to: mark)
  }

  /// Whether a key's value may be shown: not within a transaction whose reply it would make too long; writes the error.
  ///
  /// Asked before anything is changed, so that no value is removed that could not be shown.
  mutating func mayShowValue(of key: Span<UInt8>, _ hash: UInt64) -> Bool {
    guard isExecuting, !skipsReply, let count = valueCount(of: key, hash) else { return true }
    // In quotes, a byte takes four at most.
    let longest = 64 + (replies.dialect == .line ? count * 4 : count)
    guard transactionReplyBytes(with: longest) > CommandLimits.replyBytesMax else { return true }
    refuse("ERR", "this was not executed: its reply could make the transaction's too long, over 256 MiB")
    return false
  }

  /// Begins to show a huge value.
  @inline(never)
  mutating func beginValue(of key: Span<UInt8>, _ hash: UInt64) -> Outcome {
    guard mayShowValue(of: key, hash) else { return .replied }
    statistics.hits &+= 1
    return beginValue(of: key, hash, part: 0..<(valueCount(of: key, hash) ?? 0))
  }

  /// Begins to show a part of a huge value.
  mutating func beginValue(of key: Span<UInt8>, _ hash: UInt64, part: Range<Int>) -> Outcome {
    guard let held = keyspace.holdValue(of: key, hash: hash, now: now) else {
      preconditionFailure("a huge value lies in a block of its own")
    }
    return .longReply(longReplies.begin(.value(ValueReply(held, part: part))))
  }

  /// Writes a key's value, or that there is none; nothing if it has so many bytes or more.
  @inline(__always)
  @discardableResult
  mutating func replyValue(of key: Span<UInt8>, _ hash: UInt64, bytesMax: Int = .max) -> ValueSearch {
    let found = Self.replyValue(of: key, hash, in: keyspace, now: now, &replies, bytesMax: bytesMax)
    if found == .written { statistics.hits &+= 1 } else if found == .absent { statistics.misses &+= 1 }
    return found
  }

  @inline(__always)
  private static func replyValue(
    of key: Span<UInt8>, _ hash: UInt64, in keyspace: borrowing Keyspace, now: Int64, _ replies: inout ReplyWriter,
    bytesMax: Int
  ) -> ValueSearch {
    guard let value = keyspace.value(of: key, hash: hash, now: now) else {
      replies.notFound()
      return .absent
    }
    guard value.count < bytesMax else { return .tooLong }
    replies.value(value)
    return .written
  }
}

/// What became of a value that was to be written.
enum ValueSearch {
  case written, absent
  /// Nothing was written.
  case tooLong
}
