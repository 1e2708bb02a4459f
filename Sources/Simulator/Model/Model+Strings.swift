import Bytes
import Wire

// Values, as a whole and in part.

extension Model {
  mutating func replyValue(_ key: Int, _ reply: inout ReplyMatcher) {
    isLive(key) ? reply.value(values[key]) : reply.null()
  }

  mutating func executeString(_ request: Request, _ reply: inout ReplyMatcher) {
    let key = Int(request.keys[0])
    switch request.verb {
    case .get: replyValue(key, &reply)
    case .set: executeSet(request, &reply)
    case .setnx:
      let exists = isLive(key)
      reply.integer(exists ? 0 : 1)
      guard !exists else { return }
      take(request.value)
      store(key, expiry: .max)
    case .setex, .psetex:
      guard request.number > 0 else { return refuse("ERR", &reply) }
      take(request.value)
      store(key, expiry: request.unit.moment(request.number, now: now))
      reply.ok()
    case .getset:
      replyValue(key, &reply)
      take(request.value)
      store(key, expiry: .max)
    case .getdel:
      replyValue(key, &reply)
      remove(key)
    case .getex: executeGetEx(request, &reply)
    case .put:
      take(request.value)
      store(key, expiry: .max)
      reply.ok()
    case .delete: reply.removed(remove(key))
    case .delifeq:
      take(request.value)
      let isEqual = isLive(key) && values[key] == scratch
      if isEqual { remove(key) }
      reply.integer(isEqual ? 1 : 0)
    default: reply.fail("\(request.verb) is none of the strings'")
    }
  }

  private mutating func executeSet(_ request: Request, _ reply: inout ReplyMatcher) {
    let key = Int(request.keys[0])
    let options = request.options
    guard request.unit == .none || request.number > 0 else { return refuse("ERR", &reply) }
    let exists = isLive(key)
    if options.contains(.showsOld) { replyValue(key, &reply) }
    var isMet = true
    if options.contains(.onlyIfAbsent) { isMet = !exists }
    if options.contains(.onlyIfPresent) { isMet = exists }
    if options.contains(.onlyIfEqual) {
      take(ValueSeed(seed: UInt32(request.second), count: 3))
      isMet = exists && values[key] == scratch
    }
    guard isMet else {
      if !options.contains(.showsOld) { reply.null() }
      return
    }
    take(request.value)
    let expiry = options.contains(.keepsExpiry) ? nil : request.unit.moment(request.number, now: now)
    store(key, expiry: expiry)
    if let expiry, expiry <= now {
      // What has expired at once is removed at once.
      isPresent[key] = false
      changes[key] &+= 1
    }
    if !options.contains(.showsOld) { reply.ok() }
  }

  private mutating func executeGetEx(_ request: Request, _ reply: inout ReplyMatcher) {
    let key = Int(request.keys[0])
    guard isLive(key) else { return reply.null() }
    if request.unit != .none {
      guard request.number > 0 else { return reply.error() }
      replyValue(key, &reply)
      let moment = request.unit.moment(request.number, now: now)
      if moment <= now { remove(key) } else { setExpiry(key, moment) }
    } else {
      replyValue(key, &reply)
      if request.options.contains(.persists), expiries[key] != .max { setExpiry(key, .max) }
    }
  }

  mutating func executePart(_ request: Request, _ reply: inout ReplyMatcher) {
    let key = Int(request.keys[0])
    switch request.verb {
    case .mget:
      reply.beginList(Int(request.keyCount))
      for index in 0..<Int(request.keyCount) { replyValue(request.key(index), &reply) }
      reply.endList()
    case .mset:
      storePairs(request)
      reply.ok()
    case .msetnx:
      for index in 0..<Int(request.keyCount) where isLive(request.key(index)) { return reply.integer(0) }
      storePairs(request)
      reply.integer(1)
    case .append:
      take(request.value)
      if isLive(key) {
        willChange(key)
        values[key].append(contentsOf: scratch)
        changes[key] &+= 1
      } else {
        store(key, expiry: .max)
      }
      reply.integer(values[key].count)
    case .strlen: reply.integer(isLive(key) ? values[key].count : 0)
    case .getrange, .substr:
      guard let range = byteRange(request, key) else { return reply.value([]) }
      reply.value(Array(values[key][range]))
    case .setrange: executeSetRange(request, &reply)
    case .incr: add(1, key, &reply)
    case .decr: add(-1, key, &reply)
    case .incrby: add(request.number, key, &reply)
    case .decrby: add(-request.number, key, &reply)
    default: reply.fail("\(request.verb) is none of the parts'")
    }
  }

  private mutating func storePairs(_ request: Request) {
    for index in 0..<Int(request.keyCount) {
      take(request.value(index))
      store(request.key(index), expiry: .max)
    }
  }

  private func byteRange(_ request: Request, _ key: Int) -> Range<Int>? {
    guard isLive(key) else { return nil }
    let count = values[key].count
    var (start, end) = (Int(request.number), Int(request.second))
    if start < 0, end < 0, start > end { return nil }
    if start < 0 { start = max(0, start + count) }
    if end < 0 { end = max(0, end + count) }
    end = min(end, count - 1)
    return start > end || count == 0 ? nil : start..<end + 1
  }

  private mutating func executeSetRange(_ request: Request, _ reply: inout ReplyMatcher) {
    let key = Int(request.keys[0])
    guard request.number >= 0 else { return refuse("ERR", &reply) }
    let old = isLive(key) ? values[key].count : 0
    take(request.value)
    guard !scratch.isEmpty else { return reply.integer(old) }
    prepareChange(key)
    let start = Int(request.number)
    if values[key].count < start + scratch.count {
      values[key].append(contentsOf: repeatElement(0, count: start + scratch.count - values[key].count))
    }
    for index in scratch.indices { values[key][start + index] = scratch[index] }
    changes[key] &+= 1
    reply.integer(values[key].count)
  }

  /// Makes sure that a key is there, if need be with an empty value.
  mutating func prepareChange(_ key: Int) {
    guard !isLive(key) else { return willChange(key) }
    scratchless { $0.store(key, expiry: .max) }
    changes[key] &-= 1
  }

  /// Does something with an empty value at hand, and has the other one back afterwards.
  private mutating func scratchless(_ body: (inout Model) -> Void) {
    var kept: [UInt8] = []
    swap(&scratch, &kept)
    body(&self)
    swap(&scratch, &kept)
  }

  private func integer(of key: Int) -> Int64? {
    let value = values[key]
    return value.span.integer
  }

  private mutating func add(_ amount: Int64, _ key: Int, _ reply: inout ReplyMatcher) {
    guard let old = isLive(key) ? integer(of: key) : 0 else { return reply.error() }
    let (sum, overflow) = old.addingReportingOverflow(amount)
    guard !overflow else { return reply.error() }
    take(sum)
    store(key, expiry: nil)
    reply.integer(sum)
  }
}
