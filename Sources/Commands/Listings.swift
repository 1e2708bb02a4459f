// LIST in slices. A listing is a walk over the keyspace as it stood when the command ran, and the pattern that its keys
// are held against; the server steps it, some buckets a turn, while its client takes what it is sent.

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
struct Listings {
  struct Listing {
    let walk: WalkID
    let pattern: [UInt8]?
    var matchCount = 0
  }

  private var places: [Listing?] = []

  mutating func begin(_ walk: WalkID, pattern: [UInt8]?) -> ListingID {
    let listing = Listing(walk: walk, pattern: pattern)
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
  /// Writes some more keys of a listing: at most those of `buckets` buckets, and little more than `bytes` bytes.
  public mutating func step(_ id: ListingID, buckets: Int, bytes: Int) -> ListingProgress {
    let listing = listings[id]
    var matchCount = listing.matchCount
    let progress = keyspace.stepWalk(listing.walk, buckets: buckets, bytes: bytes) { key in
      if let pattern = listing.pattern, !Glob.matches(pattern: pattern.span, text: key) { return }
      replies.key(key)
      matchCount += 1
    }
    switch progress {
    case .more:
      listings[id].matchCount = matchCount
      return .running
    case .finished:
      replies.end(matchCount)
      end(id)
      return .ended
    case .lost:
      end(id)
      return .lost
    }
  }

  /// Ends a listing before it is complete, because nobody waits for it any more, or after.
  public mutating func end(_ id: ListingID) {
    keyspace.endWalk(listings[id].walk)
    listings.remove(id)
  }
}
