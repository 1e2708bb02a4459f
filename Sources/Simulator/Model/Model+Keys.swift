import Bytes
import Wire

// Keys as such, and when they go.

extension Model {
  mutating func executeKey(_ request: Request, _ reply: inout ReplyMatcher) {
    let key = Int(request.keys[0])
    switch request.verb {
    case .del, .unlink:
      var count = 0
      for index in 0..<Int(request.keyCount) where remove(request.key(index)) { count += 1 }
      reply.integer(count)
    case .exists, .touch:
      var count = 0
      for index in 0..<Int(request.keyCount) where isLive(request.key(index)) { count += 1 }
      reply.integer(count)
    case .type: reply.status(isLive(key) ? "string" : "none")
    case .rename:
      guard isLive(key) else { return reply.error() }
      move(key, Int(request.keys[1]))
      reply.ok()
    case .renamenx:
      guard isLive(key) else { return reply.error() }
      guard !isLive(Int(request.keys[1])) else { return reply.integer(0) }
      move(key, Int(request.keys[1]))
      reply.integer(1)
    case .copy:
      let target = Int(request.keys[1])
      guard key != target else { return refuse("ERR", &reply) }
      guard isLive(key), request.options.contains(.replaces) || !isLive(target) else { return reply.integer(0) }
      copy(key, target)
      reply.integer(1)
    case .flushall, .flushdb:
      flush()
      reply.ok()
    case .dbsize, .count: checkCount(&reply)
    case .randomkey: checkRandomKey(&reply)
    default: reply.fail("\(request.verb) is none of the keys'")
    }
  }

  private mutating func copy(_ key: Int, _ target: Int) {
    scratch.removeAll(keepingCapacity: true)
    scratch.append(contentsOf: values[key])
    store(target, expiry: expiries[key])
  }

  private mutating func move(_ key: Int, _ target: Int) {
    guard key != target else { return }
    copy(key, target)
    remove(key)
  }

  /// Keys that have expired may be counted until they are collected; what commands without a model store is unknown.
  private func checkCount(_ reply: inout ReplyMatcher) {
    guard let count = reply.takeInteger() else { return }
    let most = presentCount + RequestMaker.foreignKeys.count
    guard count >= liveCount, count <= most else {
      return reply.fail("expected is a count from \(liveCount) to \(most)")
    }
  }

  private func checkRandomKey(_ reply: inout ReplyMatcher) {
    if reply.isNull {
      guard liveCount == 0 else { return reply.fail("expected is one of \(liveCount) keys") }
      return reply.null()
    }
    guard let name = reply.takeValue() else { return }
    // A name is shown in lines as a value, which may hold spaces: only names that look alike either way are looked up.
    guard let number = number(ofValue: name, reply.dialect), number < 0 || isLive(number) else {
      return reply.fail("the key that was drawn is not there")
    }
  }

  /// The key that a value in a reply names.
  func number(ofValue name: [UInt8], _ dialect: Dialect) -> Int? {
    guard dialect == .line else { return number(of: name, isShown: false) }
    return number(of: name, isShown: true) ?? number(of: name, isShown: false)
  }

  // MARK: - SCAN

  mutating func executeScan(_ request: Request, _ reply: inout ReplyMatcher, _ session: inout Session) {
    let cursor = UInt64(bitPattern: request.number)
    reply.beginList(2)
    guard let text = reply.takeValue(), let next = UInt64(String(decoding: text, as: UTF8.self)) else {
      return reply.fail("expected is a cursor")
    }
    if cursor == 0 {
      session.scanStart = clock
      session.scanned = Array(repeating: false, count: names.count)
    }
    let goesOn = cursor == 0 || cursor == session.scanCursor
    let shown = takeScanned(&reply)
    guard !reply.hasFailed else { return }
    if goesOn {
      for key in shown where key >= 0 { session.scanned[key] = true }
      session.scanCursor = next
      if next == 0 { checkScan(session, &reply) }
    }
  }

  private func takeScanned(_ reply: inout ReplyMatcher) -> [Int] {
    var shown: [Int] = []
    var count = Int.max
    if reply.dialect != .line {
      guard let announced = reply.takeNumber("*") else {
        reply.fail("expected is a list of keys")
        return []
      }
      count = announced
    }
    while shown.count < count, !(reply.dialect == .line && reply.rest.begins("END ")) {
      guard let name = reply.takeValue(), let key = number(ofValue: name, reply.dialect), key < 0 || isLive(key) else {
        reply.fail("a key is shown that is not there")
        return []
      }
      shown.append(key)
    }
    reply.endList()
    return shown
  }

  /// What has been there all the time has to be shown at least once.
  private func checkScan(_ session: Session, _ reply: inout ReplyMatcher) {
    for key in names.indices
    where isPresent[key] && expiries[key] == .max && births[key] < session.scanStart && !session.scanned[key] {
      return reply.fail("the scan has left out key \(key), which was there throughout")
    }
  }

  // MARK: - Expiry

  mutating func executeExpiry(_ request: Request, _ reply: inout ReplyMatcher) {
    let key = Int(request.keys[0])
    switch request.verb {
    case .expire, .pexpire, .expireat, .pexpireat:
      let moment = request.unit.moment(request.number, now: now)
      guard isLive(key), allows(request.options, moment, expiries[key]) else { return reply.integer(0) }
      if moment <= now { remove(key) } else { setExpiry(key, moment) }
      reply.integer(1)
    case .persist:
      guard isLive(key), expiries[key] != .max else { return reply.integer(0) }
      setExpiry(key, .max)
      reply.integer(1)
    default:
      guard isLive(key) else { return reply.integer(-2) }
      guard expiries[key] != .max else { return reply.integer(-1) }
      switch request.verb {
      case .ttl: reply.integer((expiries[key] - now + 500) / 1_000)
      case .pttl: reply.integer(expiries[key] - now)
      case .expiretime: reply.integer((expiries[key] + 500) / 1_000)
      default: reply.integer(expiries[key])
      }
    }
  }

  private func allows(_ options: Request.Options, _ moment: Int64, _ old: Int64) -> Bool {
    if options.contains(.onlyIfAbsent) { return old == .max }
    if options.contains(.onlyIfPresent) { return old != .max }
    if options.contains(.onlyIfLater) { return old != .max && moment > old }
    if options.contains(.onlyIfSooner) { return moment < old }
    return true
  }
}
