import Bytes
import Store
import Wire

/// EVAL and EVALSHA, for the scripts that locks are made of. A script is carried out whole before the next request.
enum LockScripts {
  private static let difference: StaticString =
    """
    There is no Lua. Only the scripts that client libraries' locks are made of are carried out, recognised by their \
    exact text: those of redis-py and valkey-py, and the usual spellings of compare-and-delete and \
    compare-and-expire. They need not be loaded before. Errors do not name a line of the script, and COMMAND does \
    not tell the keys.
    """

  static let rows: [Command] = [
    Command(
      "EVAL", .scripting,
      [.word("script", "a script"), .word("numkeys", "a number of keys"), .options("[key ...] [arg ...]")], .writes,
      "O(1)", "Release or extend a lock, by the text of the script that does so", unlikeRedis: difference,
      run: evaluate),
    Command(
      "EVALSHA", .scripting,
      [.word("sha1", "a script's digest"), .word("numkeys", "a number of keys"), .options("[key ...] [arg ...]")],
      .writes, "O(1)", "Release or extend a lock, by the digest of the script that does so",
      unlikeRedis: "There is no Lua: see EVAL.", run: evaluateDigest),
  ]

  /// Index of the word that is the first key.
  private static let firstKey = 3

  static func evaluate(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard let keyCount = keyCount(request, &executor) else { return .replied }
    if let script = KnownScript(text: request[1]) {
      run(script.action, request, keyCount, &executor)
    } else {
      executor.refuseUnknownScript()
    }
    return .replied
  }

  static func evaluateDigest(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    // What cannot be a digest is refused as one before the keys are counted, as in Redis.
    if request[1].count == KnownScript.digestCount {
      guard let keyCount = keyCount(request, &executor) else { return .replied }
      if let script = KnownScript(digest: request[1]) {
        run(script.action, request, keyCount, &executor)
        return .replied
      }
    }
    executor.refuse("NOSCRIPT", "No matching script. Please use EVAL.")
    return .replied
  }

  /// How many keys the request says that it has; nil if an error is written.
  private static func keyCount(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Int? {
    guard let count = request[2].integer else {
      executor.replies.notAnInteger()
      return nil
    }
    guard count <= Int64(request.count - firstKey) else {
      executor.refuse("ERR", "Number of keys can't be greater than number of args")
      return nil
    }
    guard count >= 0 else {
      executor.refuse("ERR", "Number of keys can't be negative")
      return nil
    }
    return Int(count)
  }

  private static func run(
    _ action: KnownScript.Action, _ request: borrowing Request, _ keyCount: Int, _ executor: inout CommandExecutor
  ) {
    guard keyCount > 0 else { return executor.refuseScriptArguments() }
    let key = request[firstKey]
    guard key.count <= executor.settings.keyBytesMax else {
      _ = executor.refuseKeyLength(key.count)
      return
    }
    let hash = executor.keyspace.hash(key)
    let token = firstKey + keyCount
    guard token < request.count, executor.holds(key, hash, request[token]) else { return executor.replies.integer(0) }
    switch action {
    case .release:
      _ = executor.remove(key, hash)
      executor.replies.integer(1)
    case .extend:
      guard case .at(let moment) = executor.keyspace.expiry(of: key, hash: hash, now: executor.now) else {
        return executor.replies.integer(0)
      }
      let adds = token + 2 < request.count && request[token + 2].isWord("0")
      expire(key, hash, request, token + 1, later: adds ? moment - executor.now : 0, &executor)
    case .reacquire: expire(key, hash, request, token + 1, later: 0, &executor)
    }
  }

  /// Lets a key expire after the milliseconds of the word at `index`, and `later` more.
  private static func expire(
    _ key: Span<UInt8>, _ hash: UInt64, _ request: borrowing Request, _ index: Int, later: Int64,
    _ executor: inout CommandExecutor
  ) {
    guard index < request.count else { return executor.refuseScriptArguments() }
    guard let number = request[index].integer else { return executor.replies.notAnInteger() }
    let (milliseconds, overflow) = number.addingReportingOverflow(later)
    guard !overflow else { return executor.replies.notAnInteger() }
    guard let moment = executor.moment(milliseconds, .milliseconds) else {
      return executor.refuseExpireTime(of: "PEXPIRE")
    }
    do throws(StoreError) {
      if moment <= executor.now {
        _ = executor.remove(key, hash)
      } else {
        _ = try executor.setExpiry(key, hash, .at(moment))
      }
      executor.replies.integer(1)
    } catch {
      executor.refuse(error)
    }
  }
}

extension CommandExecutor {
  mutating func refuseUnknownScript() {
    refuse("ERR", "unknown script: Swiftlet runs no Lua, only the scripts that client libraries' locks are made of")
  }

  /// What Redis says, with the script's line, when a script has been given too few keys or arguments.
  fileprivate mutating func refuseScriptArguments() {
    refuse("ERR", "Lua redis lib command arguments must be strings or integers")
  }
}
