import Bytes
import Store
import Wire

/// Reading values, several at once, in part, or as they go.
enum StringCommands {
  static let rows: [Command] = [
    Command(
      "GETDEL", .string, [.key], [.writes, .fast], "O(1)", "Show a key's value, and remove the key", run: getDelete),
    Command(
      "GETEX", .string,
      [
        .key,
        .options(
          "[EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]"),
      ], [.writes, .fast], "O(1)", "Show a key's value, and set or clear its expiry", run: getExpire),
    Command(
      "MGET", .string, [.keys], [.reads, .fast, .timed], "O(N), N being the number of keys",
      "Show several keys' values", run: getMany),
    Command(
      "MSET", .string, [.pairs], [.writes, .grows, .timed], "O(N), N being the number of keys",
      "Store several values at once", run: setMany),
    Command(
      "MSETNX", .string, [.pairs], [.writes, .grows, .timed], "O(N), N being the number of keys",
      "Store several values at once if none of the keys exists", run: setManyIfAbsent),
    Command("STRLEN", .string, [.key], [.reads, .fast], "O(1)", "Tell the length of a key's value", run: length),
    Command(
      "GETRANGE", .string, [.key, .word("start", "a start"), .word("end", "an end")], .reads,
      "O(N), N being the length of what is shown", "Show a part of a key's value", run: getRange),
    Command(
      "SUBSTR", .string, [.key, .word("start", "a start"), .word("end", "an end")], .reads,
      "O(N), N being the length of what is shown", "Show a part of a key's value", run: getRange),
    Command(
      "APPEND", .string, [.key, .value], [.writes, .grows, .fast], "O(1) amortised", "Put bytes behind a key's value",
      run: append),
    Command(
      "SETRANGE", .string, [.key, .word("offset", "an offset"), .value], [.writes, .grows],
      "O(N), N being the length of the value",
      "Replace a part of a key's value", run: setRange),
    Command(
      "DELIFEQ", .string, [.key, .word("value", "a value")], [.writes, .fast], "O(1)",
      "Remove a key if it holds this value", unlikeRedis: "Valkey has it, Redis has not.", run: deleteIfEqual),
  ]

  static func getDelete(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard executor.mayShowValue(of: request[1], executor.keyHash) else { return .replied }
    let shown = executor.showValue(of: request[1], executor.keyHash)
    if shown.isFound { _ = executor.remove(request[1], executor.keyHash) }
    return shown.outcome
  }

  static func getExpire(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    var options = ExpiryOptions(other: "PERSIST")
    var index = 2
    while index < request.count {
      guard options.take(request, &index) else {
        executor.replies.syntaxError()
        return .replied
      }
      index += 1
    }
    let key = request[1]
    let hash = executor.keyHash
    guard executor.mayShowValue(of: key, hash) else { return .replied }
    // Redis looks at the time only if the key is there.
    guard executor.keyspace.contains(key, hash: hash, now: executor.now), options.unit != nil || options.hasOther else {
      return executor.showValue(of: key, hash).outcome
    }
    var expiry = Expiry.never
    if let unit = options.unit {
      guard let moment = executor.deadline(request[options.word], unit) else { return .replied }
      expiry = .at(moment)
    }
    // Who watches a key is not told of an expiry that it did not have.
    if expiry == .never, executor.keyspace.expiry(of: key, hash: hash, now: executor.now) == .never {
      return executor.showValue(of: key, hash).outcome
    }
    if case .at(let moment) = expiry, moment <= executor.now {
      let shown = executor.showValue(of: key, hash)
      _ = executor.remove(key, hash)
      return shown.outcome
    }
    do throws(StoreError) {
      _ = try executor.setExpiry(key, hash, expiry)
      return executor.showValue(of: key, hash).outcome
    } catch {
      executor.refuse(error)
      return .replied
    }
  }

  static func getMany(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let mark = executor.replies.mark
    let start = executor.replies.buffer.count
    executor.replies.array(request.count - 1)
    for index in 1..<request.count {
      let room = CommandLimits.replyBytesMax - (executor.replies.buffer.count - start)
      let hash = executor.keyspace.hash(request[index])
      if room <= 0 || executor.replyValue(of: request[index], hash, bytesMax: room) == .tooLong {
        executor.replies.takeBack(to: mark)
        executor.refuse("ERR", "the values are too long for one reply, 256 MiB: ask for fewer keys at once")
        return .replied
      }
    }
    return .replied
  }

  static func setMany(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard hasPairs(request, &executor), storePairs(request, &executor) else { return .replied }
    executor.replies.ok()
    return .replied
  }

  static func setManyIfAbsent(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard hasPairs(request, &executor) else { return .replied }
    for index in stride(from: 1, to: request.count, by: 2) {
      let key = request[index]
      if executor.keyspace.contains(key, hash: executor.keyspace.hash(key), now: executor.now) {
        executor.replies.integer(0)
        return .replied
      }
    }
    guard storePairs(request, &executor) else { return .replied }
    executor.replies.integer(1)
    return .replied
  }

  /// Whether each key has a value behind it; writes the error if not.
  private static func hasPairs(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Bool {
    guard request.count.isMultiple(of: 2) else { return true }
    executor.refuseArity(CommandTable.rows[executor.row])
    return false
  }

  /// Stores all pairs; false if an error is written.
  private static func storePairs(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Bool {
    var needed = 0
    let valueBytesMax = executor.settings.valueBytesMax
    for index in stride(from: 1, to: request.count, by: 2) {
      guard request[index + 1].count <= valueBytesMax else {
        return executor.refuseLength("value", request[index + 1].count, valueBytesMax, flag: "--max-value-bytes")
      }
      needed += Keyspace.entryBytes(keyCount: request[index].count, valueCount: request[index + 1].count)
    }
    guard executor.keyspace.hasRoom(for: needed) else {
      executor.refuse(StoreError.memoryLimitReached)
      return false
    }
    // What was found to have room is stored whole, although the table may grow on the way.
    let limit = executor.keyspace.memoryLimitBytes
    executor.keyspace.memoryLimitBytes = nil
    defer { executor.keyspace.memoryLimitBytes = limit }
    for index in stride(from: 1, to: request.count, by: 2) {
      do throws(StoreError) {
        try executor.set(request[index], executor.keyspace.hash(request[index]), request[index + 1])
      } catch {
        executor.refuse(error)
        return false
      }
    }
    return true
  }

  static func length(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let count = executor.keyspace.value(of: request[1], hash: executor.keyHash, now: executor.now)?.count ?? 0
    executor.replies.integer(Int64(count))
    return .replied
  }

  static func getRange(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard let start = request[2].integer, let end = request[3].integer else {
      executor.replies.notAnInteger()
      return .replied
    }
    let count = executor.valueCount(of: request[1], executor.keyHash) ?? 0
    guard let range = ByteIndices.range(start, end, count: count) else {
      executor.replies.value("")
      return .replied
    }
    guard range.count < CommandLimits.longValueBytesMin else {
      return executor.beginValue(of: request[1], executor.keyHash, part: range)
    }
    reply(range, of: request[1], executor.keyHash, in: executor.keyspace, executor.now, &executor.replies)
    return .replied
  }

  private static func reply(
    _ range: Range<Int>, of key: Span<UInt8>, _ hash: UInt64, in keyspace: borrowing Keyspace, _ now: Int64,
    _ replies: inout ReplyWriter
  ) {
    if let value = keyspace.value(of: key, hash: hash, now: now) { replies.value(value.extracting(range)) }
  }

  static func append(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let key = request[1]
    let addition = request[2]
    guard let old = executor.valueCount(of: key, executor.keyHash) else {
      do throws(StoreError) {
        try executor.set(key, executor.keyHash, addition)
        executor.replies.integer(Int64(addition.count))
      } catch {
        executor.refuse(error)
      }
      return .replied
    }
    guard isAllowed(offset: old, part: addition.count, &executor) else { return .replied }
    return change(key, count: old + addition.count, part: old..<old + addition.count, &executor) { value in
      value.copy(addition, to: old)
    }
  }

  static func setRange(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let key = request[1]
    let part = request[3]
    guard let offset = request[2].integer else {
      executor.replies.notAnInteger()
      return .replied
    }
    guard offset >= 0 else {
      executor.refuse("ERR", "offset is out of range")
      return .replied
    }
    let old = executor.valueCount(of: key, executor.keyHash) ?? 0
    guard !part.isEmpty else {
      executor.replies.integer(Int64(old))
      return .replied
    }
    let start = Int(offset)
    guard isAllowed(offset: start, part: part.count, &executor) else { return .replied }
    return change(key, count: max(old, start + part.count), part: start..<start + part.count, &executor) { value in
      value.copy(part, to: start)
    }
  }

  /// Whether a value may hold `part` bytes from `offset` on; writes the error if not.
  private static func isAllowed(offset: Int, part: Int, _ executor: inout CommandExecutor) -> Bool {
    let (end, overflow) = offset.addingReportingOverflow(part)
    guard overflow || end > executor.settings.valueBytesMax else { return true }
    executor.refuseLongValue()
    return false
  }

  /// Changes a part of a value in place, and replies with the value's length.
  private static func change(
    _ key: Span<UInt8>, count: Int, part: Range<Int>, _ executor: inout CommandExecutor,
    _ body: (inout MutableSpan<UInt8>) -> Void
  ) -> Outcome {
    do throws(StoreError) {
      try executor.change(key, executor.keyHash, count: count, part: part, body)
      executor.replies.integer(Int64(count))
    } catch {
      executor.refuse(error)
    }
    return .replied
  }

  static func deleteIfEqual(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let isEqual = executor.holds(request[1], executor.keyHash, request[2])
    if isEqual { _ = executor.remove(request[1], executor.keyHash) }
    executor.replies.integer(isEqual ? 1 : 0)
    return .replied
  }
}

/// Ranges of bytes as Redis's commands give them: both ends count, negative ones from behind.
enum ByteIndices {
  /// The part of `count` bytes from `start` to `end`, or nil if it is empty.
  static func range(_ start: Int64, _ end: Int64, count: Int) -> Range<Int>? {
    let count = Int64(count)
    if start < 0, end < 0, start > end { return nil }
    let first = max(0, start < 0 ? max(start, -count) + count : start)
    let last = min(count - 1, max(0, end < 0 ? max(end, -count - 1) + count : end))
    // An end before the beginning means the first byte, as it does in Redis.
    guard count > 0, first <= last else { return nil }
    return Int(first)..<Int(last) + 1
  }
}
