import Bytes
import Store
import Wire

/// When keys go by themselves.
enum ExpiryCommands {
  static let rows: [Command] = [
    setting("EXPIRE", "seconds", "Let a key expire after so many seconds", .seconds),
    setting("PEXPIRE", "milliseconds", "Let a key expire after so many milliseconds", .milliseconds),
    setting("EXPIREAT", "unix-time-seconds", "Let a key expire at a moment", .unixSeconds),
    setting("PEXPIREAT", "unix-time-milliseconds", "Let a key expire at a moment", .unixMilliseconds),
    telling("TTL", "Tell after how many seconds a key expires", .seconds),
    telling("PTTL", "Tell after how many milliseconds a key expires", .milliseconds),
    telling("EXPIRETIME", "Tell when a key expires, in seconds since 1970", .unixSeconds),
    telling("PEXPIRETIME", "Tell when a key expires, in milliseconds since 1970", .unixMilliseconds),
    Command("PERSIST", .generic, [.key], [.writes, .fast], "O(1)", "Let a key not expire", run: persist),
  ]

  private static func setting(
    _ name: StaticString, _ argument: StaticString, _ summary: StaticString, _ unit: ExpiryUnit
  ) -> Command {
    Command(
      name, .generic, [.key, .word(argument, "a time"), .options("[NX | XX | GT | LT]")], [.writes, .fast], "O(1)",
      summary, unlikeRedis: "Moments after the year 10889 count as that."
    ) { setExpiry($0, unit, &$1) }
  }

  private static func telling(_ name: StaticString, _ summary: StaticString, _ unit: ExpiryUnit) -> Command {
    Command(name, .generic, [.key], [.reads, .fast], "O(1)", summary) { tellExpiry($0, unit, &$1) }
  }

  private struct Conditions: OptionSet {
    let rawValue: UInt8
    static let ifNever = Conditions(rawValue: 1)
    static let ifSet = Conditions(rawValue: 2)
    static let ifLater = Conditions(rawValue: 4)
    static let ifSooner = Conditions(rawValue: 8)

    /// Whether they let a deadline replace what a key has.
    func allow(_ moment: Int64, replace expiry: Expiry) -> Bool {
      switch expiry {
      case .never: isDisjoint(with: [.ifSet, .ifLater])
      case .at(let old):
        !contains(.ifNever) && !(contains(.ifLater) && moment <= old) && !(contains(.ifSooner) && moment >= old)
      }
    }
  }

  private static func setExpiry(
    _ request: borrowing Request, _ unit: ExpiryUnit, _ executor: inout CommandExecutor
  ) -> Outcome {
    guard let conditions = conditions(request, &executor) else { return .replied }
    guard let number = request[2].integer else {
      executor.replies.notAnInteger()
      return .replied
    }
    guard let moment = executor.moment(number, unit) else {
      executor.refuseExpireTime()
      return .replied
    }
    let key = request[1]
    guard let old = executor.keyspace.expiry(of: key, hash: executor.keyHash, now: executor.now),
      conditions.allow(moment, replace: old)
    else {
      executor.replies.integer(0)
      return .replied
    }
    do throws(StoreError) {
      if moment <= executor.now {
        _ = executor.remove(key, executor.keyHash)
      } else {
        _ = try executor.setExpiry(key, executor.keyHash, .at(moment))
      }
      executor.replies.integer(1)
    } catch {
      executor.refuse(error)
    }
    return .replied
  }

  private static func conditions(
    _ request: borrowing Request, _ executor: inout CommandExecutor
  ) -> Conditions? {
    var conditions: Conditions = []
    for index in 3..<max(3, request.count) {
      let word = request[index]
      if word.isWord("NX") {
        conditions.insert(.ifNever)
      } else if word.isWord("XX") {
        conditions.insert(.ifSet)
      } else if word.isWord("GT") {
        conditions.insert(.ifLater)
      } else if word.isWord("LT") {
        conditions.insert(.ifSooner)
      } else {
        executor.refuse("ERR") { message in
          message.append("Unsupported option ")
          message.append(excerpt: word)
        }
        return nil
      }
    }
    if conditions.contains(.ifNever), conditions != .ifNever {
      executor.refuse("ERR", "NX and XX, GT or LT options at the same time are not compatible")
      return nil
    }
    if conditions.contains(.ifLater), conditions.contains(.ifSooner) {
      executor.refuse("ERR", "GT and LT options at the same time are not compatible")
      return nil
    }
    return conditions
  }

  private static func tellExpiry(
    _ request: borrowing Request, _ unit: ExpiryUnit, _ executor: inout CommandExecutor
  ) -> Outcome {
    switch executor.keyspace.expiry(of: request[1], hash: executor.keyHash, now: executor.now) {
    case nil: executor.replies.integer(-2)
    case .never: executor.replies.integer(-1)
    case .at(let moment):
      switch unit {
      case .seconds: executor.replies.integer((moment - executor.now + 500) / 1_000)
      case .milliseconds: executor.replies.integer(moment - executor.now)
      case .unixSeconds: executor.replies.integer((moment + 500) / 1_000)
      case .unixMilliseconds: executor.replies.integer(moment)
      }
    }
    return .replied
  }

  static func persist(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard case .at = executor.keyspace.expiry(of: request[1], hash: executor.keyHash, now: executor.now) else {
      executor.replies.integer(0)
      return .replied
    }
    do throws(StoreError) {
      _ = try executor.setExpiry(request[1], executor.keyHash, .never)
      executor.replies.integer(1)
    } catch {
      executor.refuse(error)
    }
    return .replied
  }
}
