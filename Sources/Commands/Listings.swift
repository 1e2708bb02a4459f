// LIST and KEYS in slices. A listing is a walk over the keyspace as it stood when the command ran, and the pattern that
// its keys are held against; the server steps it, some buckets a turn, while its client takes what it is sent.
//
// The Redis protocol wants the number of keys first. Where it is not known, the reply's elements are gathered, and sent
// in slices once the walk has ended.

import Bytes
import Store
import Wire

/// Names a running listing.
public struct ListingID: Equatable, Sendable, BitwiseCopyable {
  let index: Int32

  /// No listing.
  public static let none = ListingID(index: -1)
}

/// How a step of a listing ended.
public enum ListingProgress: Sendable {
  /// There is more to come.
  case running
  /// The reply is complete.
  case ended
  /// The client was so slow that keeping the old keys for it took too much memory: its connection has to be closed.
  case lost
}

/// The running listings; there are as many places as the keyspace has walks.
struct Listings: ~Copyable {
  struct Listing {
    /// Nil once all keys have been visited.
    var walk: WalkID?
    let pattern: [UInt8]?
    let isList: Bool
    var matchCount = 0
    /// Where elements are gathered; `none` if they are sent as they come.
    var gathered = BufferID.none
    var sentBytes = 0
  }

  private var places: [Listing?] = []
  var buffers = BufferPool()

  mutating func begin(_ listing: Listing) -> ListingID {
    if let free = places.firstIndex(where: { $0 == nil }) {
      places[free] = listing
      return ListingID(index: Int32(free))
    }
    places.append(listing)
    return ListingID(index: Int32(places.count - 1))
  }

  subscript(id: ListingID) -> Listing {
    get {
      guard let listing = places[Int(id.index)] else { preconditionFailure("a listing is used only while it runs") }
      return listing
    }
    set { places[Int(id.index)] = newValue }
  }

  mutating func remove(_ id: ListingID) { places[Int(id.index)] = nil }
}

extension CommandExecutor {
  /// Begins a listing of the keys that match a pattern, or of all.
  mutating func beginListing(pattern: [UInt8]?, isList: Bool) throws(StoreError) -> ListingID {
    let walk = try keyspace.beginWalk(now: now)
    var listing = Listings.Listing(walk: walk, pattern: pattern, isList: isList)
    if replies.dialect != .line {
      if pattern == nil, let count = keyspace.walkKeyCount(walk) {
        replies.array(count)
      } else {
        listing.gathered = listings.buffers.acquire()
      }
    }
    return listings.begin(listing)
  }

  /// Writes some more of a listing: what comes of at most `buckets` buckets, and little more than `bytes` bytes.
  public mutating func step(_ id: ListingID, buckets: Int, bytes: Int) -> ListingProgress {
    guard let walk = listings[id].walk else { return sendGathered(id, bytes: bytes) }
    let listing = listings[id]
    let start = replies.buffer.count
    var matchCount = listing.matchCount
    let isNested = replies.dialect == .line && isExecuting
    let list = isNested ? replies.beginDeferred() : nil
    let progress = keyspace.stepWalk(walk, buckets: buckets, bytes: bytes) { key in
      if let pattern = listing.pattern, !Glob.matches(pattern: pattern.span, text: key) { return }
      if listing.isList { replies.key(key) } else { replies.value(key) }
      matchCount += 1
    }
    if progress == .lost {
      end(id)
      return .lost
    }
    listings[id].matchCount = matchCount
    if listing.gathered != .none { return gather(id, from: start, isFinished: progress == .finished) }
    guard progress == .finished else { return .running }
    if let list { replies.endDeferred(list, count: matchCount) } else { replies.end(matchCount) }
    end(id)
    return .ended
  }

  /// Moves what a step wrote to the listing's own buffer.
  private mutating func gather(_ id: ListingID, from start: Int, isFinished: Bool) -> ListingProgress {
    let gathered = listings[id].gathered
    listings.buffers.append(replies.buffer, start..<replies.buffer.count, to: gathered)
    replies.buffer.truncate(to: start)
    guard listings.buffers[gathered].count <= CommandLimits.replyBytesMax else {
      refuse("ERR", "too many keys match for one reply: use SCAN")
      end(id)
      return .ended
    }
    guard isFinished else { return .running }
    if let walk = listings[id].walk { keyspace.endWalk(walk) }
    listings[id].walk = nil
    replies.array(listings[id].matchCount)
    return sendGathered(id, bytes: 0)
  }

  private mutating func sendGathered(_ id: ListingID, bytes: Int) -> ListingProgress {
    let gathered = listings[id].gathered
    let start = listings[id].sentBytes
    let total = listings.buffers[gathered].count
    let end = min(start + bytes, total)
    listings.buffers.copy(gathered, start..<end, to: &replies.buffer)
    listings[id].sentBytes = end
    guard end == total else { return .running }
    self.end(id)
    return .ended
  }

  /// Ends a listing before it is complete, because nobody waits for it any more, or after.
  public mutating func end(_ id: ListingID) {
    let listing = listings[id]
    if let walk = listing.walk { keyspace.endWalk(walk) }
    if listing.gathered != .none { listings.buffers.release(listing.gathered) }
    listings.remove(id)
  }
}
