import Bytes
import Store
import Wire

/// The four verbs of the line dialect, and those that count.
enum KeyCommands {
  static let rows: [Command] = [
    Command(
      "PUT", .string, [.key, .value], [.writes, .grows, .fast], "O(1)", "Store a value under a key",
      unlikeRedis: "Redis has no such command; it is SET without options.", run: put),
    Command("GET", .string, [.key], [.reads, .fast], "O(1)", "Show a key's value", run: get),
    Command(
      "DELETE", .generic, [.key], [.writes, .fast], "O(1)", "Remove a key",
      unlikeRedis: "Redis has no such command; it is DEL of one key.", run: delete),
    Command(
      "LIST", .generic, [.optional("pattern", "a pattern")], [.reads, .allKeys], "O(N), N being the number of keys",
      "List all keys, or those that match a pattern", unlikeRedis: "Redis has no such command; it is KEYS.",
      run: list),
    Command(
      "KEYS", .generic, [.word("pattern", "a pattern")], [.reads, .allKeys], "O(N), N being the number of keys",
      "List the keys that match a pattern", run: keys),
    Command(
      "EXISTS", .generic, [.keys], [.reads, .fast], "O(N), N being the number of keys",
      "Count how many of the named keys exist", run: exists),
    Command(
      "COUNT", .generic, [], [.reads, .allKeys, .fast], "O(1)", "Count all keys",
      unlikeRedis: "Redis has no such command; it is DBSIZE.", run: count),
    Command("DBSIZE", .generic, [], [.reads, .allKeys, .fast], "O(1)", "Count all keys", run: count),
  ]

  static func put(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    do throws(StoreError) {
      try executor.set(request[1], executor.keyHash, request[2])
      executor.replies.ok()
    } catch {
      executor.refuse(error)
    }
    return .replied
  }

  @inline(__always)
  static func get(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let found = executor.replyValue(of: request[1], executor.keyHash, bytesMax: CommandLimits.longValueBytesMin)
    return found == .tooLong ? executor.beginValue(of: request[1], executor.keyHash) : .replied
  }

  static func delete(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.replies.removed(executor.remove(request[1], executor.keyHash))
    return .replied
  }

  static func exists(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    var found: Int64 = 0
    for index in 1..<request.count {
      let key = request[index]
      if executor.keyspace.contains(key, hash: executor.keyspace.hash(key), now: executor.now) { found += 1 }
    }
    executor.replies.integer(found)
    return .replied
  }

  static func count(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.replies.integer(Int64(executor.keyspace.count))
    return .replied
  }

  static func list(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    beginListing(pattern: request.count > 1 ? request[1].copied : nil, isList: true, &executor)
  }

  static func keys(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let pattern = request[1].copied
    return beginListing(pattern: pattern == [UInt8(ascii: "*")] ? nil : pattern, isList: false, &executor)
  }

  private static func beginListing(
    pattern: [UInt8]?, isList: Bool, _ executor: inout CommandExecutor
  ) -> Outcome {
    let patternBytesMax = executor.settings.patternBytesMax
    if let pattern, pattern.count > patternBytesMax {
      _ = executor.refuseLength("pattern", pattern.count, patternBytesMax, flag: nil)
      return .replied
    }
    guard executor.isExecuting || executor.executableCount(waitingFor: .listing) > 0 else {
      executor.statistics.uncount(executor.row)
      return .waits(.listing)
    }
    do throws(StoreError) {
      return .longReply(try executor.beginListing(pattern: pattern, isList: isList))
    } catch {
      executor.refuse(error)
      return .replied
    }
  }
}
