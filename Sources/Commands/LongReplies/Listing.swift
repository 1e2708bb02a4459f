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
  /// Whose it is, by place, and when it began, in the turns' monotonic milliseconds.
  let client: Int
  let began: UInt64
  /// Bytes that were written for it, whether they are gathered or not.
  var writtenBytes = 0
  var matchCount = 0
  /// Where elements are gathered; `none` if they are sent as they come.
  var gathered = BufferID.none
  var sentBytes = 0
}

extension CommandExecutor {
  /// Begins a listing of the keys that match a pattern, or of all.
  mutating func beginListing(pattern: [UInt8]?, isList: Bool) throws(StoreError) -> LongReplyID {
    let walk = try keyspace.beginWalk(now: now)
    var listing = Listing(
      walk: walk, pattern: pattern, isList: isList, client: current, began: monotonicMilliseconds)
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
    let progress = keyspace.stepWalk(walk, buckets: buckets, bytes: bytes) { key in
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

  /// The client, by place, whose listing is the slowest of those that `mayBe` admits: it keeps a walk, and has been
  /// written less than so many bytes a second for so long. O(long replies).
  public func slowestListing(
    below bytesPerSecond: Int, overMilliseconds: UInt64, where mayBe: (Int) -> Bool
  ) -> Int? {
    var slowest: (client: Int, bytesPerSecond: Int)?
    longReplies.forEachListing { listing in
      let age = monotonicMilliseconds - listing.began
      guard listing.walk != nil, age >= overMilliseconds, mayBe(listing.client) else { return }
      let rate = listing.writtenBytes / max(1, Int(clamping: age / 1_000))
      if rate < slowest?.bytesPerSecond ?? bytesPerSecond { slowest = (listing.client, rate) }
    }
    return slowest?.client
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
