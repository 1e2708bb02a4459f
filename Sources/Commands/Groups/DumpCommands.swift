import Bytes
import Store
import Wire

/// Values in Redis's serialized form.
enum DumpCommands {
  static let rows: [Command] = [
    Command(
      "DUMP", .generic, [.key], [.reads, .timed], "O(N), N being the length of the value",
      "Show a key's value in Redis's serialized form", run: dump),
    Command(
      "RESTORE", .generic,
      [
        .key, .word("ttl", "a time to live in milliseconds"), .word("serialized-value", "a serialized value"),
        .options("[REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]"),
      ], [.writes, .grows, .timed, .copies], "O(N), N being the length of the value",
      "Store a value that DUMP has shown",
      unlikeRedis: """
        Strings only: whatever else Redis dumps is bad data. Dumps of Redis 7.2 are taken too. IDLETIME and FREQ are \
        checked, and do nothing.
        """, run: restore),
  ]

  static func dump(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let length = executor.valueCount(of: request[1], executor.keyHash) ?? 0
    guard length < CommandLimits.longValueBytesMin else { return executor.beginDump(of: request[1], count: length) }
    var payload = ByteBuffer()
    if append(valueOf: request[1], executor, to: &payload) {
      executor.replies.value(payload.span)
    } else {
      executor.replies.null()
    }
    return .replied
  }

  private static func append(
    valueOf key: Span<UInt8>, _ executor: borrowing CommandExecutor, to payload: inout ByteBuffer
  ) -> Bool {
    guard let value = executor.keyspace.value(of: key, hash: executor.keyHash, now: executor.now) else { return false }
    DumpPayload.append(value, to: &payload)
    return true
  }

  // MARK: - RESTORE

  private struct Options {
    var replaces = false
    var isAbsolute = false
    var hasIdleTime = false
    var hasFrequency = false
  }

  static func restore(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard let options = options(request, &executor) else { return .replied }
    let key = request[1]
    guard options.replaces || !executor.keyspace.contains(key, hash: executor.keyHash, now: executor.now) else {
      executor.refuse("BUSYKEY", "Target key name already exists.")
      return .replied
    }
    guard let time = request[2].integer else {
      executor.replies.notAnInteger()
      return .replied
    }
    guard time >= 0 else {
      executor.refuse("ERR", "Invalid TTL value, must be >= 0")
      return .replied
    }
    let (later, overflow) = time.addingReportingOverflow(executor.now)
    let moment = options.isAbsolute ? time : overflow ? .max : later
    do throws(DumpPayload.Fault) {
      let content = try DumpPayload.read(request[3], valueBytesMax: executor.settings.valueBytesMax)
      if let part = content.part {
        store(key, request[3].extracting(part), expiry: time == 0 ? .clear : .at(moment), &executor)
      } else {
        store(key, content.decoded.span, expiry: time == 0 ? .clear : .at(moment), &executor)
      }
    } catch {
      executor.refuse(error)
    }
    return .replied
  }

  private static func store(
    _ key: Span<UInt8>, _ value: Span<UInt8>, expiry: ExpiryChange, _ executor: inout CommandExecutor
  ) {
    do throws(StoreError) {
      if case .at(let moment) = expiry, moment <= executor.now {
        _ = executor.remove(key, executor.keyHash)
      } else {
        try executor.set(key, executor.keyHash, value, expiry: expiry)
      }
      executor.replies.ok()
    } catch {
      executor.refuse(error)
    }
  }

  /// Reads the options behind the payload; nil if an error is written.
  private static func options(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Options? {
    var options = Options()
    var index = 4
    while index < request.count {
      let word = request[index]
      let hasArgument = index + 1 < request.count
      if word.isWord("REPLACE") {
        options.replaces = true
      } else if word.isWord("ABSTTL") {
        options.isAbsolute = true
      } else if word.isWord("IDLETIME"), hasArgument, !options.hasFrequency {
        index += 1
        options.hasIdleTime = true
        guard isAllowed(request[index], 0...Int64.max, "Invalid IDLETIME value, must be >= 0", &executor) else {
          return nil
        }
      } else if word.isWord("FREQ"), hasArgument, !options.hasIdleTime {
        index += 1
        options.hasFrequency = true
        guard isAllowed(request[index], 0...255, "Invalid FREQ value, must be >= 0 and <= 255", &executor) else {
          return nil
        }
      } else {
        executor.replies.syntaxError()
        return nil
      }
      index += 1
    }
    return options
  }

  /// Whether a word is a number within bounds; writes the error if not.
  private static func isAllowed(
    _ word: Span<UInt8>, _ bounds: ClosedRange<Int64>, _ message: StaticString, _ executor: inout CommandExecutor
  ) -> Bool {
    guard let number = word.integer else {
      executor.replies.notAnInteger()
      return false
    }
    if !bounds.contains(number) { executor.refuse("ERR", message) }
    return bounds.contains(number)
  }
}

extension CommandExecutor {
  /// Begins the dump of a huge value.
  fileprivate mutating func beginDump(of key: Span<UInt8>, count: Int) -> Outcome {
    guard let held = keyspace.holdValue(of: key, hash: keyHash, now: now) else {
      preconditionFailure("a huge value lies in a block of its own")
    }
    return .longReply(longReplies.begin(.dump(DumpReply(held, count: count))))
  }

  fileprivate mutating func refuse(_ fault: DumpPayload.Fault) {
    switch fault {
    case .footer: refuse("ERR", "DUMP payload version or checksum are wrong")
    case .format: refuse("ERR", "Bad data format")
    case .tooLong: refuseLongValue()
    }
  }
}
