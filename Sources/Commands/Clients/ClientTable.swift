import Bytes
import Wire

/// The sessions of all clients, by the place of their connection.
public struct ClientTable: ~Copyable {
  private var places: ZeroedArray<Client>
  private var details: [ClientDetails] = []
  private var freeDetails: [UInt32] = []
  private var lastID: UInt64 = 0
  /// Places used so far at any time.
  public private(set) var touchedCount = 0
  /// Clients that are connected.
  public private(set) var openCount = 0
  /// Clients that have connected so far.
  public var acceptedCount: UInt64 { lastID }

  init(count: Int) { places = ZeroedArray(count: count) }

  /// The session at a place.
  public subscript(slot: Int) -> Client {
    get { places[slot] }
    _modify { yield &places[slot] }
  }

  /// Notes a client's last command, by row, and when it was.
  @inline(__always)
  mutating func note(_ row: Int, _ now: Int64, of slot: Int) {
    places[slot].lastRow = UInt16(truncatingIfNeeded: row &+ 1)
    places[slot].lastRequestAt = now
  }

  /// Whether a client is connected at a place.
  public func isOpen(_ slot: Int) -> Bool { slot < touchedCount && places[slot].id != 0 }

  mutating func open(_ slot: Int, dialect: Dialect, flags: Client.Flags, now: Int64) {
    precondition(places[slot].id == 0, "a place holds one client at a time")
    lastID += 1
    places[slot] = Client(
      id: lastID, connectedAt: now, lastRequestAt: now, details: 0, lastRow: 0, flags: flags, dialect: dialect)
    touchedCount = max(touchedCount, slot + 1)
    openCount += 1
  }

  mutating func close(_ slot: Int) {
    precondition(places[slot].id != 0, "a client is closed once")
    if places[slot].details != 0 {
      details[Int(places[slot].details) - 1] = ClientDetails()
      freeDetails.append(places[slot].details)
    }
    places[slot].id = 0
    places[slot].details = 0
    openCount -= 1
  }

  /// A client's details; blank if it has none.
  func details(of slot: Int) -> ClientDetails {
    let number = places[slot].details
    return number == 0 ? ClientDetails() : details[Int(number) - 1]
  }

  /// Lends a client's details to be changed; makes them if it has none, and drops them if they are blank afterwards.
  mutating func withDetails<Result>(of slot: Int, _ body: (inout ClientDetails) -> Result) -> Result {
    if places[slot].details == 0 {
      if let free = freeDetails.popLast() {
        places[slot].details = free
      } else {
        details.append(ClientDetails())
        places[slot].details = UInt32(details.count)
      }
    }
    let index = Int(places[slot].details) - 1
    let result = body(&details[index])
    if details[index].isEmpty {
      details[index] = ClientDetails()
      freeDetails.append(places[slot].details)
      places[slot].details = 0
    }
    return result
  }

  /// The place of the client with this number, or nil. O(places used).
  func slot(of id: UInt64) -> Int? { (0..<touchedCount).first { places[$0].id == id } }
}
