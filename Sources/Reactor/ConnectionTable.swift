// The places for connections: one array that never moves, free places last-in first-out so that the touched part stays
// small, and the run queue, a list through the same links. A place that is closed while queued is freed when it comes
// up.

import Bytes
import LinuxIO
import Wire

/// All connections, by place.
struct ConnectionTable: ~Copyable {
  private var places: ZeroedArray<Connection>
  /// Places used so far at any time; those beyond have never been touched.
  private(set) var touchedCount = 0
  private var firstFree: UInt32 = 0
  private var queueHead: UInt32 = 0
  private var queueTail: UInt32 = 0
  /// Connections that are open.
  private(set) var openCount = 0
  /// Connections in the run queue.
  private(set) var queuedCount = 0

  init(count: Int) { places = ZeroedArray(count: count) }

  /// How many connections there can be.
  var capacity: Int { places.count }

  subscript(slot: Int) -> Connection {
    get { places[slot] }
    _modify { yield &places[slot] }
  }

  /// Takes a free place for a new client; nil if there is none.
  mutating func open(_ socket: Descriptor) -> Int? {
    let slot: Int
    if firstFree != 0 {
      slot = Int(firstFree) - 1
      firstFree = places[slot].link
    } else if touchedCount < places.count {
      slot = touchedCount
      touchedCount += 1
    } else {
      return nil
    }
    let generation = Self.next(places[slot].generation)
    places[slot] = Self.blank(generation)
    places[slot].socket = socket
    places[slot].flags = .isOpen
    openCount += 1
    return slot
  }

  /// Frees a place; its token matches nobody from now on.
  mutating func close(_ slot: Int) {
    precondition(places[slot].flags.contains(.isOpen), "a connection is closed once")
    openCount -= 1
    places[slot].generation = Self.next(places[slot].generation)
    if places[slot].flags.contains(.isQueued) {
      places[slot].flags = .isQueued
    } else {
      free(slot)
    }
  }

  /// Whether `token` names the client that has its place now.
  func isCurrent(_ token: ConnectionToken) -> Bool {
    token.slot < touchedCount && places[token.slot].generation == token.generation
      && places[token.slot].flags.contains(.isOpen)
  }

  /// The token of the client at `slot`.
  func token(of slot: Int) -> ConnectionToken {
    ConnectionToken(slot: slot, generation: places[slot].generation)
  }

  /// Puts a connection at the end of the run queue, unless it stands there already.
  mutating func enqueue(_ slot: Int) {
    guard !places[slot].flags.contains(.isQueued) else { return }
    places[slot].flags.insert(.isQueued)
    places[slot].link = 0
    let number = UInt32(slot) + 1
    if queueTail != 0 { places[Int(queueTail) - 1].link = number } else { queueHead = number }
    queueTail = number
    queuedCount += 1
  }

  /// Takes the first open connection of the run queue.
  mutating func dequeue() -> Int? {
    while queueHead != 0 {
      let slot = Int(queueHead) - 1
      queueHead = places[slot].link
      if queueHead == 0 { queueTail = 0 }
      queuedCount -= 1
      places[slot].flags.remove(.isQueued)
      if places[slot].flags.contains(.isOpen) { return slot }
      free(slot)
    }
    return nil
  }

  private mutating func free(_ slot: Int) {
    places[slot].flags = []
    places[slot].link = firstFree
    firstFree = UInt32(slot) + 1
  }

  /// 31 bits, so that no client's token is ever one of the server's own.
  private static func next(_ generation: UInt32) -> UInt32 { (generation &+ 1) & 0x7FFF_FFFF }

  private static func blank(_ generation: UInt32) -> Connection {
    Connection(
      socket: Descriptor(rawValue: -1), generation: generation, link: 0, input: .none, output: .none, outputTaken: 0,
      lastActivity: 0, lastProgress: 0, longReply: .none, line: LineState(), resp: RESPState(), flags: [], interest: [])
  }
}
