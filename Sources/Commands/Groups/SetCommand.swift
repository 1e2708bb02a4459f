import Bytes
import Store
import Wire

/// SET with all its options, and the older commands that are some of them.
enum SetCommand {
  static let rows: [Command] = [
    Command(
      "SET", .string,
      [
        .key, .value,
        .options(
          """
          [NX | XX | IFEQ comparison-value] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | \
          PXAT unix-time-milliseconds | KEEPTTL]
          """),
      ], [.writes, .grows], "O(1)", "Store a value under a key, with conditions and an expiry",
      unlikeRedis: "IFEQ is Valkey's.", run: set),
    Command(
      "SETNX", .string, [.key, .value], [.writes, .grows, .fast], "O(1)", "Store a value if the key does not exist",
      run: setIfAbsent),
    Command(
      "SETEX", .string, [.key, .word("seconds", "a number of seconds"), .value], [.writes, .grows], "O(1)",
      "Store a value that expires", run: setSeconds),
    Command(
      "PSETEX", .string, [.key, .word("milliseconds", "a number of milliseconds"), .value], [.writes, .grows], "O(1)",
      "Store a value that expires", run: setMilliseconds),
    Command(
      "GETSET", .string, [.key, .value], [.writes, .grows, .fast], "O(1)", "Store a value, and show the one before it",
      run: getSet),
  ]

  /// What SET's options ask for.
  private struct Options {
    var onlyIfAbsent = false
    var onlyIfPresent = false
    /// The word that holds the value to compare with; 0: none.
    var comparison = 0
    var showsOld = false
    var expiry = ExpiryOptions(other: "KEEPTTL")

    var hasCondition: Bool { onlyIfAbsent || onlyIfPresent || comparison != 0 }
  }

  static func set(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard request.count > 3 else { return store(request[1], request[2], .clear, &executor) }
    guard let options = options(request, &executor) else { return .replied }
    var expiry = options.expiry.hasOther ? ExpiryChange.keep : .clear
    if let unit = options.expiry.unit {
      guard let moment = executor.deadline(request[options.expiry.word], unit) else { return .replied }
      expiry = .at(moment)
    }
    if options.hasCondition || options.showsOld { return setWithConditions(request, options, expiry, &executor) }
    return store(request[1], request[2], expiry, &executor)
  }

  @inline(__always)
  private static func store(
    _ key: Span<UInt8>, _ value: Span<UInt8>, _ expiry: ExpiryChange, _ executor: inout CommandExecutor
  ) -> Outcome {
    do throws(StoreError) {
      try executor.set(key, executor.keyHash, value, expiry: expiry)
      executor.dropIfOver(key, expiry)
      executor.replies.ok()
    } catch {
      executor.refuse(error)
    }
    return .replied
  }

  private static func setWithConditions(
    _ request: borrowing Request, _ options: Options, _ expiry: ExpiryChange, _ executor: inout CommandExecutor
  ) -> Outcome {
    let key = request[1]
    let exists = executor.keyspace.contains(key, hash: executor.keyHash, now: executor.now)
    guard !options.showsOld || executor.mayShowValue(of: key, executor.keyHash) else { return .replied }
    let start = executor.replies.mark
    let shown = options.showsOld ? executor.showValue(of: key, executor.keyHash) : nil
    var isMet = true
    if options.onlyIfAbsent { isMet = !exists }
    if options.onlyIfPresent { isMet = exists }
    if options.comparison != 0 { isMet = executor.holds(key, executor.keyHash, request[options.comparison]) }
    guard isMet else {
      if shown == nil { executor.replies.null() }
      return shown?.outcome ?? .replied
    }
    do throws(StoreError) {
      try executor.set(key, executor.keyHash, request[2], expiry: expiry)
      executor.dropIfOver(key, expiry)
      if shown == nil { executor.replies.ok() }
      return shown?.outcome ?? .replied
    } catch {
      if let shown { executor.takeBack(shown, to: start) }
      executor.refuse(error)
      return .replied
    }
  }

  /// Reads the options behind the value; nil if an error is written.
  private static func options(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Options? {
    var options = Options()
    var index = 3
    while index < request.count {
      let word = request[index]
      if word.isWord("NX"), !options.onlyIfPresent, options.comparison == 0 {
        options.onlyIfAbsent = true
      } else if word.isWord("XX"), !options.onlyIfAbsent, options.comparison == 0 {
        options.onlyIfPresent = true
      } else if word.isWord("IFEQ"), !options.hasCondition, index + 1 < request.count {
        index += 1
        options.comparison = index
      } else if word.isWord("GET") {
        options.showsOld = true
      } else if !options.expiry.take(request, &index) {
        executor.replies.syntaxError()
        return nil
      }
      index += 1
    }
    return options
  }

  static func setIfAbsent(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard !executor.keyspace.contains(request[1], hash: executor.keyHash, now: executor.now) else {
      executor.replies.integer(0)
      return .replied
    }
    do throws(StoreError) {
      try executor.set(request[1], executor.keyHash, request[2])
      executor.replies.integer(1)
    } catch {
      executor.refuse(error)
    }
    return .replied
  }

  static func setSeconds(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    setWithTime(request, .seconds, &executor)
  }

  static func setMilliseconds(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    setWithTime(request, .milliseconds, &executor)
  }

  private static func setWithTime(
    _ request: borrowing Request, _ unit: ExpiryUnit, _ executor: inout CommandExecutor
  ) -> Outcome {
    guard let moment = executor.deadline(request[2], unit) else { return .replied }
    return store(request[1], request[3], .at(moment), &executor)
  }

  static func getSet(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard executor.mayShowValue(of: request[1], executor.keyHash) else { return .replied }
    let start = executor.replies.mark
    let shown = executor.showValue(of: request[1], executor.keyHash)
    do throws(StoreError) {
      try executor.set(request[1], executor.keyHash, request[2])
      return shown.outcome
    } catch {
      executor.takeBack(shown, to: start)
      executor.refuse(error)
      return .replied
    }
  }
}

/// The unit of an expiry in a command, and what it is counted from.
enum ExpiryUnit {
  case seconds, milliseconds, unixSeconds, unixMilliseconds

  /// `EX`, `PX`, `EXAT` or `PXAT`.
  init?(_ word: Span<UInt8>) {
    if word.isWord("EX") {
      self = .seconds
    } else if word.isWord("PX") {
      self = .milliseconds
    } else if word.isWord("EXAT") {
      self = .unixSeconds
    } else if word.isWord("PXAT") {
      self = .unixMilliseconds
    } else {
      return nil
    }
  }
}

/// The expiry among a command's options: one unit with a number, or one other word, as often as they stand.
struct ExpiryOptions {
  /// The other word: `KEEPTTL`, `PERSIST`.
  let other: StaticString
  private(set) var hasOther = false
  private(set) var unit: ExpiryUnit?
  /// Where the number stands, if there is a unit.
  private(set) var word = 0

  init(other: StaticString) { self.other = other }

  /// Takes the option at `index`, which moves to its last word; false if it is none, or does not go with another.
  mutating func take(_ request: borrowing Request, _ index: inout Int) -> Bool {
    if request[index].isWord(other), unit == nil {
      hasOther = true
      return true
    }
    guard !hasOther, index + 1 < request.count, let found = ExpiryUnit(request[index]), unit == nil || unit == found
    else { return false }
    unit = found
    index += 1
    word = index
    return true
  }
}

extension CommandExecutor {
  /// The moment that an expiry of the command at hand stands for, which has to be positive; nil if an error is written.
  mutating func deadline(_ word: Span<UInt8>, _ unit: ExpiryUnit) -> Int64? {
    guard let number = word.integer else {
      replies.notAnInteger()
      return nil
    }
    guard number > 0, let moment = moment(number, unit) else {
      refuseExpireTime()
      return nil
    }
    return moment
  }

  /// The moment in milliseconds since 1970; nil if it does not fit 64 bits.
  func moment(_ number: Int64, _ unit: ExpiryUnit) -> Int64? {
    var (moment, overflow) = (number, false)
    if unit == .seconds || unit == .unixSeconds {
      (moment, overflow) = number.multipliedReportingOverflow(by: 1_000)
      if overflow { return nil }
    }
    if unit == .seconds || unit == .milliseconds {
      (moment, overflow) = moment.addingReportingOverflow(now)
    }
    return overflow ? nil : moment
  }

  /// Removes a key that has just been given an expiry in the past, so that nothing counts it until it is collected.
  @inline(__always)
  mutating func dropIfOver(_ key: Span<UInt8>, _ expiry: ExpiryChange) {
    if case .at(let moment) = expiry, moment <= now { _ = remove(key, keyHash) }
  }

  /// `invalid expire time in 'set' command`.
  mutating func refuseExpireTime() { refuseExpireTime(of: CommandTable.rows[row].name) }

  mutating func refuseExpireTime(of name: StaticString) {
    refuse("ERR") { message in
      message.append("invalid expire time in '")
      message.append(lowercased: name)
      message.append("' command")
    }
  }

  /// Whether a key is there and holds these bytes.
  func holds(_ key: Span<UInt8>, _ hash: UInt64, _ bytes: Span<UInt8>) -> Bool {
    guard let value = keyspace.value(of: key, hash: hash, now: now) else { return false }
    return value.hasSameBytes(as: bytes)
  }
}
