import Bytes
import Store
import Wire

/// Keys as such: removed, renamed, copied, drawn, scanned.
enum GenericCommands {
  static let rows: [Command] = [
    Command(
      "DEL", .generic, [.keys], [.writes, .timed], "O(N), N being the number of keys", "Remove keys", run: remove),
    Command(
      "UNLINK", .generic, [.keys], [.writes, .fast, .timed], "O(N), N being the number of keys", "Remove keys",
      run: remove),
    Command(
      "TYPE", .generic, [.key], [.reads, .fast], "O(1)", "Tell what a key holds: a string, or nothing", run: type),
    Command(
      "TOUCH", .generic, [.keys], [.reads, .fast], "O(N), N being the number of keys",
      "Count how many of the named keys exist", run: KeyCommands.exists),
    Command(
      "RENAME", .generic, [.key, .key("newkey", "a new key")], [.writes, .copies], "O(1)",
      "Give a value another key", run: rename),
    Command(
      "RENAMENX", .generic, [.key, .key("newkey", "a new key")], [.writes, .fast, .copies], "O(1)",
      "Give a value another key if that does not exist", run: renameIfAbsent),
    Command(
      "COPY", .generic,
      [.key("source", "a key"), .key("destination", "another key"), .options("[DB destination-db] [REPLACE]")],
      [.writes, .grows, .copies], "O(N), N being the length of the value",
      "Store a key's value under another key too",
      unlikeRedis: "There is one database, 0.", run: copy),
    Command("RANDOMKEY", .generic, [], [.reads, .allKeys], "O(1)", "Show some key", run: randomKey),
    Command(
      "SCAN", .generic, [.word("cursor", "a cursor"), .options("[MATCH pattern] [COUNT count] [TYPE type]")],
      [.reads, .allKeys], "O(1) for every call", "Show some keys, and where to go on",
      unlikeRedis: "Patterns of more than 256 bytes are refused, and counts of more than 4096 are cut to that.",
      run: scan),
    Command(
      "FLUSHDB", .generic, [.options("[ASYNC | SYNC]")], [.writes, .allKeys], "O(1)", "Remove all keys", run: flush),
    Command(
      "FLUSHALL", .generic, [.options("[ASYNC | SYNC]")], [.writes, .allKeys], "O(1)", "Remove all keys", run: flush),
  ]

  static func remove(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    var removed: Int64 = 0
    for index in 1..<request.count where executor.remove(request[index], executor.keyspace.hash(request[index])) {
      removed += 1
    }
    executor.replies.integer(removed)
    return .replied
  }

  static func type(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let exists = executor.keyspace.contains(request[1], hash: executor.keyHash, now: executor.now)
    executor.replies.status(exists ? "string" : "none")
    return .replied
  }

  static func rename(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard move(request[1], to: request[2], &executor) else { return .replied }
    executor.replies.ok()
    return .replied
  }

  static func renameIfAbsent(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let target = request[2]
    let hash = executor.keyspace.hash(target)
    if executor.keyspace.contains(request[1], hash: executor.keyHash, now: executor.now),
      executor.keyspace.contains(target, hash: hash, now: executor.now)
    {
      executor.replies.integer(0)
      return .replied
    }
    guard move(request[1], to: target, &executor) else { return .replied }
    executor.replies.integer(1)
    return .replied
  }

  /// Moves a value with its expiry to another key; false if an error is written.
  private static func move(
    _ key: Span<UInt8>, to target: Span<UInt8>, _ executor: inout CommandExecutor
  ) -> Bool {
    guard executor.keyspace.contains(key, hash: executor.keyHash, now: executor.now) else {
      executor.refuse("ERR", "no such key")
      return false
    }
    guard !key.hasSameBytes(as: target) else { return true }
    do throws(StoreError) {
      return try executor.rename(key, executor.keyHash, to: target, executor.keyspace.hash(target))
    } catch {
      executor.refuse(error)
      return false
    }
  }

  static func copy(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard let replaces = copyOptions(request, &executor) else { return .replied }
    let key = request[1]
    let target = request[2]
    guard !key.hasSameBytes(as: target) else {
      executor.refuse("ERR", "source and destination objects are the same")
      return .replied
    }
    guard let expiry = executor.keyspace.expiry(of: key, hash: executor.keyHash, now: executor.now),
      replaces
        || !executor.keyspace.contains(target, hash: executor.keyspace.hash(target), now: executor.now)
    else {
      executor.replies.integer(0)
      return .replied
    }
    if executor.copyValue(of: key, executor.keyHash, to: target, expiry) { executor.replies.integer(1) }
    return .replied
  }

  /// Whether COPY is to replace what is there; nil if an error is written.
  private static func copyOptions(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Bool? {
    var replaces = false
    var index = 3
    while index < request.count {
      if request[index].isWord("REPLACE") {
        replaces = true
      } else if request[index].isWord("DB"), index + 1 < request.count {
        index += 1
        guard let number = request[index].integer else {
          executor.replies.notAnInteger()
          return nil
        }
        guard let index = Int32(exactly: number) else {
          executor.refuse("ERR", "value is out of range, value must between -2147483648 and 2147483647")
          return nil
        }
        guard index == 0 else {
          executor.refuse("ERR", "DB index is out of range")
          return nil
        }
      } else {
        executor.replies.syntaxError()
        return nil
      }
      index += 1
    }
    return replaces
  }

  static func randomKey(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let word = executor.dice.next()
    let isFound = replyRandomKey(word, in: executor.keyspace, executor.now, &executor.replies)
    if !isFound { executor.replies.null() }
    return .replied
  }

  private static func replyRandomKey(
    _ word: UInt64, in keyspace: borrowing Keyspace, _ now: Int64, _ replies: inout ReplyWriter
  ) -> Bool {
    keyspace.randomKey(word, now: now) { replies.value($0) }
  }

  static func flush(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    if request.count > 2 || (request.count == 2 && !request[1].isWord("ASYNC") && !request[1].isWord("SYNC")) {
      executor.replies.syntaxError()
      return .replied
    }
    executor.removeAll()
    executor.replies.ok()
    return .replied
  }

  // MARK: - SCAN

  private struct ScanOptions {
    var pattern: [UInt8]?
    var count = 10
    var showsStrings = true
  }

  static func scan(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard let cursor = request[1].cursor else {
      executor.refuse("ERR", "invalid cursor")
      return .replied
    }
    guard let options = scanOptions(request, &executor) else { return .replied }
    var keys = ByteBuffer()
    var found = 0
    let next = executor.keyspace.scan(
      cursor: cursor, count: options.count, now: executor.now, stepsPerByte: options.pattern?.count ?? 0
    ) { key in
      guard options.showsStrings else { return }
      if let pattern = options.pattern, !Glob.matches(pattern: pattern.span, text: key) { return }
      found += 1
      keys.appendWord(key)
    }
    executor.replies.array(2)
    executor.replies.value(decimal: next)
    executor.replies.array(found)
    var position = 0
    for _ in 0..<found { executor.replies.value(keys.takeWord(&position)) }
    return .replied
  }

  private static func scanOptions(_ request: borrowing Request, _ executor: inout CommandExecutor) -> ScanOptions? {
    var options = ScanOptions()
    var index = 2
    while index < request.count {
      guard index + 1 < request.count else {
        executor.replies.syntaxError()
        return nil
      }
      let argument = request[index + 1]
      if request[index].isWord("COUNT") {
        guard let count = argument.integer else {
          executor.replies.notAnInteger()
          return nil
        }
        guard count >= 1 else {
          executor.replies.syntaxError()
          return nil
        }
        options.count = Int(min(count, Int64(CommandLimits.scanCountMax)))
      } else if request[index].isWord("MATCH") {
        let patternBytesMax = executor.settings.patternBytesMax
        guard argument.count <= patternBytesMax else {
          _ = executor.refuseLength("pattern", argument.count, patternBytesMax, flag: nil)
          return nil
        }
        options.pattern = argument.copied == [UInt8(ascii: "*")] ? nil : argument.copied
      } else if request[index].isWord("TYPE") {
        options.showsStrings = argument.isWord("STRING")
      } else {
        executor.replies.syntaxError()
        return nil
      }
      index += 2
    }
    return options
  }
}

extension CommandExecutor {
  /// Stores a copy of a key's value under another key; false if an error is written.
  mutating func copyValue(of key: Span<UInt8>, _ hash: UInt64, to target: Span<UInt8>, _ expiry: Expiry) -> Bool {
    var copy = ByteBuffer()
    Self.append(valueOf: key, hash, in: keyspace, now: now, to: &copy)
    do throws(StoreError) {
      let change: ExpiryChange = if case .at(let moment) = expiry { .at(moment) } else { .clear }
      try set(target, keyspace.hash(target), copy.span, expiry: change)
      return true
    } catch {
      refuse(error)
      return false
    }
  }

  private static func append(
    valueOf key: Span<UInt8>, _ hash: UInt64, in keyspace: borrowing Keyspace, now: Int64, to buffer: inout ByteBuffer
  ) {
    if let value = keyspace.value(of: key, hash: hash, now: now) { buffer.append(value) }
  }
}

extension ByteBuffer {
  /// Appends a word behind its length.
  fileprivate mutating func appendWord(_ word: Span<UInt8>) {
    for shift in stride(from: 0, to: 32, by: 8) { append(UInt8(truncatingIfNeeded: word.count >> shift)) }
    append(word)
  }

  /// The word at `position`, which moves behind it.
  @_lifetime(borrow self)
  fileprivate borrowing func takeWord(_ position: inout Int) -> Span<UInt8> {
    var count = 0
    for index in 0..<4 { count |= Int(span[position + index]) << (8 * index) }
    let start = position + 4
    position = start + count
    return span.extracting(start..<start + count)
  }
}
