// What the server should hold and say: a plain dictionary of numbered keys, and for each verb what Redis's
// documentation says of it, written down a second time and as simply as can be. It executes in the order in which the
// server does, at the same moment, so that each reply is known to the byte.

import Bytes
import Wire

/// The keys as they should be.
struct Model {
  /// By number, the keys' names, and how lines show them.
  let names: [[UInt8]]
  private let numbers: [[UInt8]: Int]
  private let shownNumbers: [[UInt8]: Int]

  var values: [[UInt8]]
  var isPresent: [Bool]
  /// In milliseconds since 1970; Int64.max: never.
  var expiries: [Int64]
  /// How often each key has changed, as those who watch it see it.
  var changes: [UInt32]
  /// How often each key's expiry has been noticed.
  var collections: [UInt32]
  /// The number of the request that each key has been there since.
  var births: [UInt64]
  /// Requests so far.
  var clock: UInt64 = 0
  var history: History
  /// Whether the last request was refused without a look at its keys.
  var tellsNothing = false
  /// The last turn that the last transaction tells of.
  var transactionTurn: UInt64 = 0
  var now: Int64 = 0
  /// Whether writes may be refused for want of memory.
  let isBounded: Bool
  /// Whether writes may be refused for want of room on the disk.
  var mayRunOutOfDisk = false
  /// The value at hand.
  var scratch: [UInt8] = []

  init(keys: Int, isBounded: Bool) {
    names = (0..<keys).map(Self.name)
    self.isBounded = isBounded
    values = Array(repeating: [], count: keys)
    isPresent = Array(repeating: false, count: keys)
    expiries = Array(repeating: .max, count: keys)
    changes = Array(repeating: 0, count: keys)
    collections = Array(repeating: 0, count: keys)
    births = Array(repeating: 0, count: keys)
    history = History(keys: keys)
    numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    shownNumbers = Dictionary(
      uniqueKeysWithValues: names.enumerated().map { number, name in
        var text = ByteBuffer()
        LineSpelling.appendReply(name, isKey: true, to: &text)
        return (text.span.copiedBytes, number)
      })
  }

  /// Names of all kinds: short and long, with spaces, quotes, line ends, any bytes.
  private static func name(_ number: Int) -> [UInt8] {
    switch number % 16 {
    case 3: Array("k \"\(number)\"".utf8)
    case 5: [0, 0xFF, 0x0A] + Array("\(number)".utf8)
    case 9: Array("k\(number)".utf8) + Array(repeating: UInt8(ascii: "x"), count: number % 200)
    case 11: Array("ключ\(number)".utf8)
    case 13: [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8), 0x80]
    default: Array("k\(number)".utf8)
    }
  }

  /// The key that a reply names; −1 if it is one that only commands without a model touch, nil if there is none.
  func number(of name: [UInt8], isShown: Bool) -> Int? {
    if let number = isShown ? shownNumbers[name] : numbers[name] { return number }
    return name.starts(with: "other:".utf8) ? -1 : nil
  }

  func isLive(_ key: Int) -> Bool { isPresent[key] && expiries[key] > now }

  var liveCount: Int { isPresent.indices.count { isLive($0) } }
  var presentCount: Int { isPresent.count { $0 } }

  // MARK: - Changes

  /// Stores the value at hand; `expiry` nil keeps what the key has.
  mutating func store(_ key: Int, expiry: Int64?) {
    let wasLive = isLive(key)
    willChange(key)
    if !wasLive || expiries[key] != .max { births[key] = clock }
    if !wasLive { expiries[key] = .max }
    if let expiry { expiries[key] = expiry }
    values[key].removeAll(keepingCapacity: true)
    values[key].append(contentsOf: scratch)
    isPresent[key] = true
    changes[key] &+= 1
  }

  /// Removes a key; returns whether it was there.
  @discardableResult
  mutating func remove(_ key: Int) -> Bool {
    guard isLive(key) else { return false }
    willChange(key)
    isPresent[key] = false
    changes[key] &+= 1
    return true
  }

  mutating func setExpiry(_ key: Int, _ expiry: Int64) {
    willChange(key)
    if expiries[key] != .max { births[key] = clock }
    expiries[key] = expiry
    changes[key] &+= 1
  }

  /// Notes that a key whose time had come is gone for good.
  mutating func collect(_ key: Int) {
    isPresent[key] = false
    collections[key] &+= 1
  }

  mutating func flush() {
    for key in isPresent.indices {
      guard isPresent[key] else { continue }
      willChange(key)
      if isLive(key) { changes[key] &+= 1 }
      isPresent[key] = false
    }
  }

  mutating func take(_ value: ValueSeed) {
    scratch.removeAll(keepingCapacity: true)
    value.append(to: &scratch)
  }

  mutating func take(_ number: Int64) {
    scratch.removeAll(keepingCapacity: true)
    scratch.append(contentsOf: "\(number)".utf8)
  }

  // MARK: - Requests

  /// The request is refused without a look at its keys.
  mutating func refuse(_ code: StaticString = "ERR", _ reply: inout ReplyMatcher) {
    tellsNothing = true
    reply.error(code)
  }

  /// Executes a request that stands by itself or in a transaction, and holds its reply against what was written.
  mutating func execute(_ request: Request, _ reply: inout ReplyMatcher, _ session: inout Session) {
    tellsNothing = false
    if isBounded, request.verb.mayGrow, reply.isOutOfMemory { return refuse("OOM", &reply) }
    if mayRunOutOfDisk, reply.isOutOfDisk { return refuse("MISCONF", &reply) }
    switch request.verb {
    case .get, .set, .setnx, .setex, .psetex, .getset, .getdel, .getex, .put, .delete, .delifeq:
      executeString(request, &reply)
    case .mget, .mset, .msetnx, .append, .strlen, .getrange, .substr, .setrange, .incr, .decr, .incrby, .decrby:
      executePart(request, &reply)
    case .del, .unlink, .exists, .touch, .type, .rename, .renamenx, .copy, .flushall, .flushdb, .dbsize, .count,
      .randomkey:
      executeKey(request, &reply)
    case .expire, .pexpire, .expireat, .pexpireat, .ttl, .pttl, .expiretime, .pexpiretime, .persist:
      executeExpiry(request, &reply)
    case .setbit, .getbit, .bitcount, .bitpos, .bitop: executeBits(request, &reply)
    case .scan: executeScan(request, &reply, &session)
    case .ping:
      guard request.options.contains(.hasArgument) else { return reply.status("PONG") }
      take(request.value)
      reply.value(scratch)
    case .echo:
      take(request.value)
      reply.value(scratch)
    case .select: request.number == 0 ? reply.ok() : reply.error()
    case .unwatch:
      session.watches.removeAll(keepingCapacity: true)
      reply.ok()
    case .unknown, .short: reply.error()
    case .multi, .exec, .discard, .watch, .quit, .hello, .reset, .client, .list, .keys, .unmodelled, .nonsense:
      reply.fail("\(request.verb) is not executed here")
    }
  }

}

/// What has been agreed with a client.
struct Session {
  /// How replies to it are spelt.
  var dialect = Dialect.line
  var isInTransaction = false
  var hasFailed = false
  var queued: [Request] = []
  var watches: [Watch] = []
  /// Where its scan stands: the cursor of the next call, the request that it began with, the keys that it has shown.
  var scanCursor: UInt64 = 0
  var scanStart: UInt64 = 0
  var scanned: [Bool] = []

  /// A key that it watches, as it was then.
  struct Watch {
    let key: Int
    let changes: UInt32
    let collections: UInt32
    let existed: Bool
  }
}
