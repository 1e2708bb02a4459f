// A connection between a simulated client and the server: bytes under way each way, what the server has been told, and
// what the client is doing.
//
//     client ── input: [ taken by the server │ arrived │ under way ] ──► server
//     client ◄─ unread: taken by the socket ◄─ owed: written by the server, checked, not sent yet ── server

import Bytes
import LinuxIO
import Wire

/// A connection, or a free place for one.
struct Link {
  var generation: UInt32 = 0
  var isInUse = false
  /// The number behind its client's address; no other connection of a run has it.
  var peer = 0
  var listener = 0

  // MARK: The server's end

  /// −1 before it is accepted and after it is closed.
  var descriptor: Int32 = -1
  var wasAccepted = false
  var token: UInt64 = 0
  var interest: Interest = []
  var isWatched = false
  /// Stands in the list of what may be ready.
  var isListed = false
  /// The server was told that the client's side is closed, that the connection is gone.
  var sawEnd = false
  var sawBroken = false
  /// The server has said that it sends nothing more.
  var isShut = false
  var shutAt: UInt64 = 0
  /// In simulated nanoseconds: when the server last received something, when the socket last took something, when there
  /// was last something new.
  var receivedAt: UInt64 = 0
  var sentAt: UInt64 = 0
  var progressAt: UInt64 = 0

  // MARK: To the server

  var input = BufferID.none
  /// Offsets within `input`.
  var inputTaken = 0
  var inputArrived = 0
  /// Bytes of `input` whose arrival is planned.
  var inputPlanned = 0
  /// In all.
  var sentBytes: UInt64 = 0
  var takenBytes: UInt64 = 0
  /// Nothing arrives before what was sent earlier.
  var lastArrival: UInt64 = 0
  var hasEnded = false
  var isReset = false
  /// When the server was told to stop: what had arrived by then, in all.
  var arrivedAtStop: UInt64 = 0

  // MARK: From the server

  var owed = BufferID.none
  var owedSent = 0
  /// Bytes that the client has not taken yet.
  var unread = 0
  /// In all.
  var writtenBytes: UInt64 = 0
  var toldBytes: UInt64 = 0
  /// From which byte on its replies tell of what a turn has done.
  var tellings: [Telling] = []
  var isTakePlanned = false
  var isStalled = false

  // MARK: The client

  var session = Session()
  /// What is sent now, which the server may not have come to.
  var sendsInTransaction = false
  /// Requests that were not answered yet begin at `head`.
  var requests: [Request] = []
  var head = 0
  var batchesLeft = 0
  var isActPlanned = false
  /// The client sends nothing more; it is gone altogether.
  var isDone = false
  var isGone = false
  /// The server is to close after what it has answered; it has been asked to by a request.
  var isQuitting = false
  var listing: ListingCheck?

  var hasRequests: Bool { head < requests.count }
  var arrivedBytes: UInt64 { takenBytes + UInt64(inputArrived - inputTaken) }

  /// Whether there is a request that has arrived as a whole and not been answered.
  var hasWholeRequest: Bool { hasRequests && requests[head].end <= arrivedBytes }

  mutating func takeRequest() -> Request {
    let request = requests[head]
    head += 1
    if head == requests.count {
      requests.removeAll(keepingCapacity: true)
      head = 0
    }
    return request
  }
}

/// A reply that tells of what a turn has done.
struct Telling: BitwiseCopyable {
  let offset: UInt64
  let turn: UInt64
  let request: Request
}

/// A listing that is being written: what has to be in it.
struct ListingCheck {
  /// What is known of a key.
  enum Key: UInt8 { case absent, expected, shown }

  let isList: Bool
  let pattern: ListPattern
  /// When it began.
  let turn: UInt64
  /// The keys that were there when it began.
  var missing: [Key]
  var missingCount: Int
  var shownCount = 0
  /// Elements that are announced and not there yet; nil before the announcement.
  var announced: Int?
  /// What was written and could not be read yet.
  var unread: [UInt8] = []
}
