// Replies that take many turns, so that others have theirs: listings of keys, huge values, dumps of huge values. The
// command that has such a reply notes what it is of, and the server steps it, a slice a turn, while its client takes
// what it is sent. Whatever becomes of the keys meanwhile, the reply tells what was there when the command ran: a
// listing is a walk over the keys as they stood, and a value is held as it was.

import Bytes
import Store
import Wire

/// Names a long reply; used until it ends.
public struct LongReplyID: Equatable, Sendable, BitwiseCopyable {
  let index: Int32

  /// No reply.
  public static let none = LongReplyID(index: -1)
}

/// How a step of a long reply ended.
public enum LongReplyProgress: Sendable {
  /// There is more to come.
  case running
  /// The reply is complete.
  case ended
  /// The client was so slow that keeping the old keys for it took too much memory: its connection has to be closed.
  case lost
}

/// What a long reply is of.
enum LongReply {
  case listing(Listing)
  case value(ValueReply)
  case dump(DumpReply)
}

/// The long replies that are under way.
struct LongReplies: ~Copyable {
  private var places: [LongReply?] = []
  /// Where parts are kept that cannot be sent yet.
  var buffers = BufferPool()

  mutating func begin(_ reply: LongReply) -> LongReplyID {
    if let free = places.firstIndex(where: { $0 == nil }) {
      places[free] = reply
      return LongReplyID(index: Int32(free))
    }
    places.append(reply)
    return LongReplyID(index: Int32(places.count - 1))
  }

  subscript(id: LongReplyID) -> LongReply {
    get {
      guard let reply = places[Int(id.index)] else { preconditionFailure("a long reply is used until it ends") }
      return reply
    }
    set { places[Int(id.index)] = newValue }
  }

  /// Whether a reply has not ended.
  func isUnderWay(_ id: LongReplyID) -> Bool { places[Int(id.index)] != nil }

  func forEachListing(_ body: (Listing) -> Void) {
    for case .listing(let listing) in places { body(listing) }
  }

  mutating func remove(_ id: LongReplyID) { places[Int(id.index)] = nil }
}

extension CommandExecutor {
  /// Writes some more of a long reply: of a listing, what comes of at most `buckets` buckets; little more than `bytes`
  /// bytes.
  public mutating func step(_ id: LongReplyID, buckets: Int, bytes: Int) -> LongReplyProgress {
    let isDone: Bool
    switch longReplies[id] {
    case .listing(let listing): return step(listing, id, buckets: buckets, bytes: bytes)
    case .value(var reply):
      isDone = reply.step(bytes: bytes, keyspace, &replies)
      longReplies[id] = .value(reply)
    case .dump(let reply):
      isDone = reply.step(bytes: bytes, keyspace, &longReplies.buffers, &replies)
    }
    guard isDone else { return .running }
    end(id)
    return .ended
  }

  /// Ends a long reply before it is complete, because nobody waits for it any more, or after.
  public mutating func end(_ id: LongReplyID) {
    switch longReplies[id] {
    case .listing(let listing):
      if let walk = listing.walk { keyspace.endWalk(walk) }
      if listing.gathered != .none { longReplies.buffers.release(listing.gathered) }
    case .value(let reply): keyspace.letGo(reply.held)
    case .dump(let reply): reply.end(keyspace, &longReplies.buffers)
    }
    longReplies.remove(id)
  }
}
