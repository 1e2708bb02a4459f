// LIST and KEYS in slices. A listing is a walk over the keyspace as it stood when the command ran, and the pattern that
// its keys are held against; a step visits some buckets.
//
// The Redis protocol wants the number of keys first. Where it is not known, the reply's elements are gathered, and sent
// in slices once the walk has ended.

import Bytes
import Store
import Wire

/// A listing that is under way.
struct Listing {
  /// Nil once all keys have been visited.
  var walk: WalkID?
  let pattern: [UInt8]?
  let isList: Bool
  /// Whose it is, by place.
  let client: Int
  /// Bytes that were written for it, whether they are gathered or not, and how many it were when it was last looked at
  /// whether it is slow.
  var writtenBytes = 0
  var judgedBytes: Int?
  var matchCount = 0
  /// Where elements are gathered; `none` if they are sent as they come.
  var gathered = BufferID.none
  var sentBytes = 0
}

extension CommandExecutor {
  /// Begins a listing of the keys that match a pattern, or of all.
  mutating func beginListing(pattern: [UInt8]?, isList: Bool) throws(StoreError) -> LongReplyID {
    let walk = try keyspace.beginWalk(now: now)
    var listing = Listing(walk: walk, pattern: pattern, isList: isList, client: current)
    if replies.dialect != .line {
      if pattern == nil, let count = keyspace.walkKeyCount(walk) {
        replies.array(count)
      } else {
        listing.gathered = longReplies.buffers.acquire()
      }
    }
    return longReplies.begin(.listing(listing))
  }

  /// Writes some more of a listing.
  mutating func step(
    _ listing: consuming Listing, _ id: LongReplyID, buckets: Int, bytes: Int
  ) -> LongReplyProgress {
    guard let walk = listing.walk else { return sendGathered(listing, id, bytes: bytes) }
    let start = replies.buffer.count
    var matchCount = listing.matchCount
    let isNested = replies.dialect == .line && isExecuting
    let list = isNested ? replies.beginDeferred() : nil
    let (pattern, isList) = (listing.pattern, listing.isList)
    // To hold a key against a pattern takes at worst a step for each pair of their bytes.
    let weight = max(1, (pattern?.count ?? 0) / 16)
    let progress = keyspace.stepWalk(walk, buckets: buckets, bytes: bytes / weight) { key in
      if let pattern, !Glob.matches(pattern: pattern.span, text: key) { return }
      if isList { replies.key(key) } else { replies.value(key) }
      matchCount += 1
    }
    if progress == .lost {
      end(id)
      return .lost
    }
    listing.matchCount = matchCount
    listing.writtenBytes += replies.buffer.count - start
    longReplies[id] = .listing(listing)
    if listing.gathered != .none { return gather(listing, id, from: start, isFinished: progress == .finished) }
    guard progress == .finished else { return .running }
    if let list { replies.endDeferred(list, count: matchCount) } else { replies.end(matchCount) }
    end(id)
    return .ended
  }

  /// The clients, by place, that keep a walk and for whom fewer than so many bytes were written since this was asked
  /// before, the slowest first; one whose listing is new is not among them. O(long replies).
  public mutating func slowListings(below bytes: Int) -> [Int] {
    var slow: [(client: Int, bytes: Int)] = []
    longReplies.updateListings { listing in
      let before = listing.judgedBytes
      listing.judgedBytes = listing.writtenBytes
      guard listing.walk != nil, let before, listing.writtenBytes - before < bytes else { return }
      slow.append((listing.client, listing.writtenBytes - before))
    }
    return slow.sorted { $0.bytes < $1.bytes }.map(\.client)
  }

  /// Moves what a step wrote to the listing's own buffer.
  private mutating func gather(
    _ listing: consuming Listing, _ id: LongReplyID, from start: Int, isFinished: Bool
  ) -> LongReplyProgress {
    longReplies.buffers.append(replies.buffer, start..<replies.buffer.count, to: listing.gathered)
    replies.buffer.truncate(to: start)
    guard longReplies.buffers[listing.gathered].count <= CommandLimits.replyBytesMax else {
      refuse("ERR", "too many keys match for one reply: use SCAN")
      end(id)
      return .ended
    }
    guard isFinished else { return .running }
    if let walk = listing.walk { keyspace.endWalk(walk) }
    listing.walk = nil
    replies.array(listing.matchCount)
    return sendGathered(listing, id, bytes: 0)
  }

  private mutating func sendGathered(
    _ listing: consuming Listing, _ id: LongReplyID, bytes: Int
  ) -> LongReplyProgress {
    let start = listing.sentBytes
    let total = longReplies.buffers[listing.gathered].count
    let end = start + min(bytes, total - start)
    longReplies.buffers.copy(listing.gathered, start..<end, to: &replies.buffer)
    listing.sentBytes = end
    longReplies[id] = .listing(listing)
    guard end == total else { return .running }
    self.end(id)
    return .ended
  }
}
