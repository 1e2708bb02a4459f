// How to go back: for each turn of the server, what the keys were before it. A power cut takes the server back to the
// end of some turn; which one is found by holding what it has recovered against the present, and undoing turn after
// turn.

/// What a key was before a change.
struct Undo {
  let turn: UInt64
  let key: Int
  let wasPresent: Bool
  let expiry: Int64
  let value: [UInt8]
}

/// The changes that a power cut may take back.
struct History {
  private(set) var changes: [Undo] = []
  private var first = 0
  /// Nothing up to the end of this turn may be lost: somebody was told of it.
  private(set) var safeTurn: UInt64 = 0
  /// The turn that last changed each key, and the last that changed any.
  private(set) var changedAt: [UInt64]
  private(set) var lastChange: UInt64 = 0
  var turn: UInt64 = 0
  var isKept = false

  init(keys: Int) { changedAt = Array(repeating: 0, count: keys) }

  var count: Int { changes.count - first }

  mutating func note(_ key: Int, _ wasPresent: Bool, _ expiry: Int64, _ value: [UInt8]) {
    changedAt[key] = turn
    lastChange = turn
    changes.append(Undo(turn: turn, key: key, wasPresent: wasPresent, expiry: expiry, value: value))
  }

  /// Notes that somebody was told of what a turn has done.
  mutating func makeSafe(_ turn: UInt64) {
    guard turn > safeTurn else { return }
    safeTurn = turn
    while first < changes.count, changes[first].turn <= turn { first += 1 }
    if first > 4_096, first > changes.count / 2 {
      changes.removeFirst(first)
      first = 0
    }
  }

  /// The last change that may be taken back; nil if there is none.
  mutating func takeLast() -> Undo? { changes.count > first ? changes.removeLast() : nil }
  var lastTurn: UInt64? { changes.count > first ? changes[changes.count - 1].turn : nil }

  mutating func forget() {
    changes.removeAll()
    first = 0
    safeTurn = turn
  }
}

extension Model {
  /// Notes what a key is, before it changes.
  @inline(__always)
  mutating func willChange(_ key: Int) {
    guard history.isKept else { return }
    history.note(key, isPresent[key], expiries[key], isPresent[key] ? values[key] : [])
  }

  /// The last turn that a reply to a request tells of.
  func turn(of request: Request) -> UInt64 {
    if tellsNothing { return 0 }
    switch request.verb {
    case .watch: return 0
    case .exec: return transactionTurn
    case .scan, .randomkey, .flushall, .flushdb, .dbsize, .count, .list, .keys: return history.lastChange
    case .client, .unmodelled: return 0
    default:
      var turn: UInt64 = 0
      for index in 0..<Int(request.keyCount) { turn = max(turn, history.changedAt[request.key(index)]) }
      return turn
    }
  }
}
