// What can go wrong in a simulated machine; a run has some of them, drawn from its seed.

/// Kinds of faults.
struct Faults: OptionSet, Hashable {
  let rawValue: UInt32
  init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Segments take their time, some much longer than others.
  static let delays = Faults(rawValue: 1 << 0)
  /// What is sent at once arrives in pieces, anywhere cut.
  static let splits = Faults(rawValue: 1 << 1)
  /// Sockets take less than there is room for, and there is little room.
  static let shortSends = Faults(rawValue: 1 << 2)
  /// Clients reset their connections.
  static let resets = Faults(rawValue: 1 << 3)
  /// Clients close their side and wait for the answers.
  static let halfCloses = Faults(rawValue: 1 << 4)
  /// Clients go in the middle of a request, or without waiting for answers.
  static let departures = Faults(rawValue: 1 << 5)
  /// Clients take nothing for a while.
  static let stalls = Faults(rawValue: 1 << 6)
  /// Connections are gone before they are accepted.
  static let aborts = Faults(rawValue: 1 << 7)
  /// Descriptors run out for a while, and epoll's room too.
  static let exhaustion = Faults(rawValue: 1 << 8)
  /// There are fewer places than clients.
  static let crowds = Faults(rawValue: 1 << 9)
  /// The wall clock jumps either way.
  static let wallJumps = Faults(rawValue: 1 << 10)
  /// The whole process rests for seconds.
  static let pauses = Faults(rawValue: 1 << 11)
  /// Memory for keys runs out.
  static let memory = Faults(rawValue: 1 << 12)
  /// Requests that break the protocol.
  static let nonsense = Faults(rawValue: 1 << 13)
  /// Clients close others' connections, and hold all up.
  static let quarrels = Faults(rawValue: 1 << 14)

  /// Writes and syncs fail, and the disk is full for a while.
  static let diskErrors = Faults(rawValue: 1 << 15)
  /// Some syncs take a second.
  static let slowDisk = Faults(rawValue: 1 << 16)

  /// The server is killed, or the power cut, at any moment.
  static let crashes = Faults(rawValue: 1 << 17)

  static let all: Faults = [
    .delays, .splits, .shortSends, .resets, .halfCloses, .departures, .stalls, .aborts, .exhaustion, .crowds,
    .wallJumps, .pauses, .memory, .nonsense, .quarrels, .diskErrors, .slowDisk, .crashes,
  ]

  static let names: [(name: String, fault: Faults)] = [
    ("delays", .delays), ("splits", .splits), ("short-sends", .shortSends), ("resets", .resets),
    ("half-closes", .halfCloses), ("departures", .departures), ("stalls", .stalls), ("aborts", .aborts),
    ("exhaustion", .exhaustion), ("crowds", .crowds), ("wall-jumps", .wallJumps), ("pauses", .pauses),
    ("memory", .memory), ("nonsense", .nonsense), ("quarrels", .quarrels), ("disk-errors", .diskErrors),
    ("slow-disk", .slowDisk), ("crashes", .crashes),
  ]

  /// Reads `all`, `none`, or names with commas between them; nil if one is unknown.
  init?(_ text: String) {
    var faults: Faults = []
    for word in text.split(separator: ",") {
      switch word {
      case "all": faults = .all
      case "none": faults = []
      default:
        guard let found = Self.names.first(where: { $0.name == word }) else { return nil }
        faults.insert(found.fault)
      }
    }
    self = faults
  }

  /// Each kind by itself.
  var each: [Faults] { Self.names.map(\.fault).filter(contains) }
}

extension Faults: CustomStringConvertible {
  var description: String {
    isEmpty ? "none" : Self.names.filter { contains($0.fault) }.map(\.name).joined(separator: ",")
  }
}
