// What the clients say: a request for a verb, drawn, and then spelt word by word.

import Bytes
import Commands
import Wire

/// Draws requests, and spells them.
struct RequestMaker: ~Copyable {
  let vocabulary: Vocabulary
  let keyNames: [[UInt8]]
  /// The verbs, each as often as it should be drawn.
  private var wheel: [Verb] = []
  private var favourites: [Verb] = []
  private let plan: Plan
  var chance: Chance
  var writer = RequestWriter()

  /// Keys that only commands without a model touch.
  static let foreignKeys: [[UInt8]] = (0..<8).map { Array("other:\($0)".utf8) }

  init(_ plan: Plan, keyNames: [[UInt8]]) {
    self.plan = plan
    self.keyNames = keyNames
    vocabulary = Vocabulary()
    chance = Chance(seed: plan.seed, purpose: 2)
    for verb in Verb.allCases {
      if verb == .nonsense, !plan.faults.contains(.nonsense) { continue }
      if verb == .client, !plan.faults.contains(.quarrels) { continue }
      if verb == .list || verb == .keys, plan.mayPauseClients { continue }
      // Some runs do without some verbs.
      if verb.weight < 20, chance.once(in: 5) { continue }
      for _ in 0..<weight(of: verb) { wheel.append(verb) }
    }
    for _ in 0..<4 { favourites.append(wheel[chance.below(wheel.count)]) }
    favourites.removeAll { $0.standsAlone || $0.weight < 8 }
  }

  private func weight(of verb: Verb) -> Int {
    switch verb {
    case .list, .keys, .scan, .mset: plan.isListing ? 80 : verb.weight
    case .client: plan.mayPauseClients ? 12 : verb.weight
    default: verb.weight
    }
  }

  mutating func verb() -> Verb {
    if !favourites.isEmpty, chance.below(100) < plan.favouriteShare {
      return favourites[chance.below(favourites.count)]
    }
    return wheel[chance.below(wheel.count)]
  }

  private mutating func key() -> UInt16 {
    UInt16(chance.once(in: 2) && !plan.isListing ? chance.below(min(8, plan.keys)) : chance.below(plan.keys))
  }

  private mutating func takeKeys(_ count: Int, _ request: inout Request) {
    request.keyCount = UInt8(count)
    for index in 0..<count { request.keys[index] = key() }
  }

  /// Keys in a row: as many as make a request of some 16 KiB.
  private mutating func takeManyKeys(_ request: inout Request) {
    let most = min(48, plan.keys, max(4, 16_384 / (Int(request.value.count) + 1)))
    request.keyCount = UInt8(most)
    request.keys[0] = UInt16(chance.below(plan.keys - most + 1))
    // Four or fewer are named one by one.
    for index in 1..<4 { request.keys[index] = request.keys[0] + UInt16(index) }
  }

  private mutating func value() -> ValueSeed {
    let isUsual = chance.once(in: 4)
    let count = chance.once(in: 12) ? 0 : isUsual ? 3 : chance.size(most: plan.valueBytes)
    let word = UInt32(truncatingIfNeeded: chance.next())
    return ValueSeed(seed: isUsual ? word & 15 : word, count: UInt32(count))
  }

  /// A time from now on, seldom one that is over.
  private mutating func time(_ unit: TimeUnit, now: Int64) -> Int64 {
    let milliseconds = Int64(chance.size(most: 200_000))
    let ahead = chance.once(in: 16) ? -milliseconds : milliseconds
    switch unit {
    case .none: return 0
    case .seconds: return (ahead + 999) / 1_000
    case .milliseconds: return ahead
    case .unixSeconds: return (now + ahead) / 1_000
    case .unixMilliseconds: return now + ahead
    }
  }

  private mutating func unit() -> TimeUnit { TimeUnit(rawValue: UInt8(chance.within(1...4))) ?? .seconds }

  mutating func request(_ verb: Verb, now: Int64) -> Request {
    var request = Request(verb)
    switch verb {
    case .set: drawSet(&request, now)
    case .getex: drawGetEx(&request, now)
    case .setex: drawTimed(&request, .seconds, now)
    case .psetex: drawTimed(&request, .milliseconds, now)
    case .expire: drawExpire(&request, .seconds, now)
    case .pexpire: drawExpire(&request, .milliseconds, now)
    case .expireat: drawExpire(&request, .unixSeconds, now)
    case .pexpireat: drawExpire(&request, .unixMilliseconds, now)
    case .mget, .del, .unlink, .exists, .touch, .watch: takeKeys(chance.within(1...4), &request)
    case .mset, .msetnx:
      drawPairs(&request)
    case .setnx, .getset, .append, .delifeq, .put:
      takeKeys(1, &request)
      request.value = value()
    case .rename, .renamenx: takeKeys(2, &request)
    case .copy:
      takeKeys(2, &request)
      if chance.once(in: 2) { request.options.insert(.replaces) }
    case .getrange, .substr:
      takeKeys(1, &request)
      request.number = Int64(chance.within(-40...40))
      request.second = Int64(chance.within(-40...40))
    case .setrange:
      takeKeys(1, &request)
      request.number = Int64(chance.once(in: 20) ? -1 : chance.size(most: max(64, plan.valueBytes)))
      request.value = value()
    case .incrby, .decrby:
      takeKeys(1, &request)
      request.number = chance.once(in: 20) ? Int64.max - Int64(chance.below(3)) : Int64(chance.within(-1000...1000))
    case .setbit: drawBit(&request, most: 8 * max(16, plan.valueBytes))
    case .getbit: drawBit(&request, most: 1000)
    case .bitcount, .bitpos: drawPart(&request)
    case .bitop:
      request.operation = UInt8(chance.below(4))
      takeKeys(request.operation == 3 ? 2 : chance.within(2...4), &request)
    case .scan: request.second = Int64(chance.size(most: 100))
    case .ping:
      if chance.once(in: 3) { request.options.insert(.hasArgument) }
      request.value = value()
    case .echo: request.value = value()
    case .select: request.number = Int64(chance.below(3))
    case .client: request.number = Int64(chance.below(4))
    case .list, .keys: request.number = Int64(chance.below(3))
    case .unmodelled:
      let mayCompact = plan.sync != nil && chance.once(in: 3)
      request.row = Int16(
        mayCompact ? vocabulary.compaction : vocabulary.unmodelled[chance.below(vocabulary.unmodelled.count)])
    case .short, .nonsense: request.number = Int64(chance.below(1_000))
    case .multi, .exec, .discard, .unwatch, .quit, .hello, .reset, .unknown, .randomkey, .flushall, .flushdb, .dbsize,
      .count:
      break
    case .get, .getdel, .strlen, .incr, .decr, .delete, .type, .ttl, .pttl, .expiretime, .pexpiretime, .persist:
      takeKeys(1, &request)
    }
    return request
  }

  private mutating func drawPairs(_ request: inout Request) {
    request.value = value()
    if plan.storesMany, chance.once(in: 4) { takeManyKeys(&request) } else { takeKeys(chance.within(1...4), &request) }
  }

  private mutating func drawBit(_ request: inout Request, most: Int) {
    takeKeys(1, &request)
    request.number = Int64(chance.size(most: most))
    if request.verb == .setbit { request.second = Int64(chance.below(2)) }
  }

  private mutating func drawSet(_ request: inout Request, _ now: Int64) {
    takeKeys(1, &request)
    request.value = value()
    guard chance.once(in: 3) else { return }
    switch chance.below(6) {
    case 0: request.options.insert(.onlyIfAbsent)
    case 1: request.options.insert(.onlyIfPresent)
    case 2: request.options.insert(.onlyIfEqual)
    default: break
    }
    if chance.once(in: 4) { request.options.insert(.showsOld) }
    if chance.once(in: 4) {
      request.options.insert(.keepsExpiry)
    } else if chance.once(in: 2) {
      request.unit = unit()
      request.number = time(request.unit, now: now)
    }
    request.second = Int64(chance.below(16))
  }

  private mutating func drawGetEx(_ request: inout Request, _ now: Int64) {
    takeKeys(1, &request)
    switch chance.below(4) {
    case 0: break
    case 1: request.options.insert(.persists)
    default:
      request.unit = unit()
      request.number = time(request.unit, now: now)
    }
  }

  private mutating func drawTimed(_ request: inout Request, _ unit: TimeUnit, _ now: Int64) {
    takeKeys(1, &request)
    request.value = value()
    request.unit = unit
    request.number = time(unit, now: now)
  }

  private mutating func drawExpire(_ request: inout Request, _ unit: TimeUnit, _ now: Int64) {
    takeKeys(1, &request)
    request.unit = unit
    request.number = time(unit, now: now)
    switch chance.below(8) {
    case 0: request.options.insert(.onlyIfAbsent)
    case 1: request.options.insert(.onlyIfPresent)
    case 2: request.options.insert(.onlyIfLater)
    case 3: request.options.insert(.onlyIfSooner)
    default: break
    }
  }

  private mutating func drawPart(_ request: inout Request) {
    takeKeys(1, &request)
    request.operation = UInt8(chance.below(2))
    guard chance.once(in: 2) else { return }
    request.options.insert(.hasStart)
    request.number = Int64(chance.within(-40...40))
    guard request.verb == .bitcount || chance.once(in: 2) else { return }
    request.options.insert(.hasEnd)
    request.second = Int64(chance.within(-40...40))
    if chance.once(in: 2) { request.options.insert(.inBits) }
  }
}
