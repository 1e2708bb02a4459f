// The commands that the model knows. The table's others are sent too; of their replies only the shape is checked.

import Commands

/// A command as the simulated clients send it.
enum Verb: UInt8, CaseIterable {
  case get, set, setnx, setex, psetex, getset, getdel, getex, mget, mset, msetnx, append, strlen, getrange, substr
  case setrange, delifeq, incr, decr, incrby, decrby, put, delete
  case del, unlink, exists, touch, type, rename, renamenx, copy, randomkey, scan, flushall, flushdb, dbsize, count
  case list, keys
  case expire, pexpire, expireat, pexpireat, ttl, pttl, expiretime, pexpiretime, persist
  case setbit, getbit, bitcount, bitpos, bitop
  case multi, exec, discard, watch, unwatch
  case ping, echo, select, quit, hello, reset, client
  /// A command of the table without a model.
  case unmodelled
  /// A command that is not there.
  case unknown
  /// A command with too few arguments.
  case short
  /// Bytes that break the protocol.
  case nonsense

  /// The command's name as the table spells it; nil for what is no command of the table's.
  var name: String? {
    switch self {
    case .unmodelled, .unknown, .short, .nonsense: nil
    default: "\(self)".uppercased()
    }
  }

  /// How often it is sent where nothing else is preferred.
  var weight: Int {
    switch self {
    case .get, .set: 60
    case .put, .incr, .mset, .del: 20
    case .flushall, .flushdb, .reset, .quit, .select, .hello, .short, .unknown: 1
    case .list, .keys, .scan, .randomkey, .client: 3
    case .nonsense: 1
    case .multi, .exec: 12
    case .discard: 2
    case .unmodelled: 4
    default: 8
    }
  }

  /// Whether it is sent only when nothing else of its client is under way, and nothing behind it: because its reply's
  /// bytes cannot be told from the next one's, or because the moment matters at which it begins.
  var standsAlone: Bool {
    switch self {
    case .list, .keys, .unmodelled, .nonsense, .quit: true
    default: false
    }
  }

  /// Whether it may be queued in a transaction here.
  var isQueueable: Bool {
    switch self {
    case .list, .keys, .unmodelled, .nonsense, .quit, .reset, .hello, .multi, .watch, .client, .scan, .randomkey: false
    default: true
    }
  }

  /// Whether it may be refused for want of memory.
  var mayGrow: Bool {
    switch self {
    case .set, .setnx, .setex, .psetex, .getset, .getex, .mset, .msetnx, .append, .setrange, .incr, .decr, .incrby,
      .decrby, .put, .rename, .renamenx, .copy, .expire, .pexpire, .expireat, .pexpireat, .persist, .setbit, .bitop:
      true
    default: false
    }
  }
}

/// What the clients can say: the command table, with what is known of each row.
struct Vocabulary {
  /// Rows that are not sent, and why.
  static let leftOut: [String: String] = [
    "SHUTDOWN": "it ends the run",
    "DEBUG": "it only rests or tells about the process",
    "SUBSCRIBE": "it changes what its client may say",
    "PSUBSCRIBE": "it changes what its client may say",
    "UNSUBSCRIBE": "it answers as often as there are channels",
    "PUNSUBSCRIBE": "it answers as often as there are patterns",
    "AUTH": "there is no password",
    "CONFIG": "it changes the settings that the checks go by",
    "LATENCY": "it needs a threshold that CONFIG sets",
    "RESTORE": "its payload is made by DUMP",
  ]

  /// Rows whose replies' shape alone is checked.
  private(set) var unmodelled: [Int] = []
  /// The row of the command that compacts the journal.
  private(set) var compaction = 0
  /// Each modelled verb's row.
  private(set) var rows: [Int]

  init() {
    rows = Array(repeating: -1, count: Verb.allCases.count)
    var modelled: [String: Verb] = [:]
    for verb in Verb.allCases { if let name = verb.name { modelled[name] = verb } }
    for (number, row) in CommandTable.rows.enumerated() {
      let name = "\(row.name)"
      if let verb = modelled[name] {
        rows[Int(verb.rawValue)] = number
      } else if Self.leftOut[name] == nil {
        unmodelled.append(number)
        if name == "BGREWRITEAOF" { compaction = number }
      }
    }
  }
}
