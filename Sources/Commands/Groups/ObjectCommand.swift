import Bytes
import Wire

/// OBJECT: how Redis would keep a value. Swiftlet keeps all of them in one way.
enum ObjectCommand {
  static let rows: [Command] = [
    Command("OBJECT", .generic, .reads, "Tell how Redis would keep a key's value", subcommands: subcommands)
  ]

  static let subcommands: [Command] = [
    Command(
      "ENCODING", .generic, [.key], .reads, "O(1)", "Tell how a key's value is kept: as int, embstr or raw",
      unlikeRedis: """
        All values are kept in one way; what Redis's would be is told from their bytes, and from whether SETBIT, \
        SETRANGE or APPEND made them. Redis also says raw of a key that BITOP or COPY has stored from such bytes, and \
        never int of what INCRBYFLOAT has stored.
        """, run: encoding),
    Command(
      "REFCOUNT", .generic, [.key], .reads, "O(1)", "Tell how often a key's value is referred to",
      unlikeRedis: """
        Nothing is shared; what Redis would say is told, which shares the numbers below 10000. Where ENCODING differs, \
        so does this.
        """,
      run: referenceCount),
    Command(
      "IDLETIME", .generic, [.key], .reads, "O(1)", "Tell for how long a key was not used",
      unlikeRedis: "Idle times are not tracked: an error for every key that is there.", run: idleTime),
    Command(
      "FREQ", .generic, [.key], .reads, "O(1)", "Tell how often a key is used",
      unlikeRedis: "Frequencies are not tracked: an error for every key that is there, whatever the policy.",
      run: frequency),
  ]

  private enum Encoding {
    case integer(Int64)
    case embedded, raw
  }

  /// Longer values of Redis's do not fit the block of the object itself.
  private static let embeddedBytesMax = 44
  /// Redis has one object each for the numbers from 0 on, with a count of references that says that it is shared.
  private static let sharedIntegers: Range<Int64> = 0..<10_000
  private static let sharedReferenceCount = Int64(Int32.max)

  static func encoding(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    switch encoding(of: request[2], executor) {
    case nil: executor.replies.null()
    case .integer: executor.replies.text("int")
    case .embedded: executor.replies.text("embstr")
    case .raw: executor.replies.text("raw")
    }
    return .replied
  }

  static func referenceCount(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    switch encoding(of: request[2], executor) {
    case nil: executor.replies.null()
    case .integer(let number) where sharedIntegers.contains(number): executor.replies.integer(sharedReferenceCount)
    case .integer, .embedded, .raw: executor.replies.integer(1)
    }
    return .replied
  }

  static func idleTime(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard exists(request[2], executor) else {
      executor.replies.null()
      return .replied
    }
    executor.refuse("ERR", "idle time not tracked.")
    return .replied
  }

  static func frequency(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard exists(request[2], executor) else {
      executor.replies.null()
      return .replied
    }
    executor.refuse(
      "ERR",
      """
      An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between \
      policies at runtime LRU and LFU data will take some time to adjust.
      """)
    return .replied
  }

  private static func exists(_ key: Span<UInt8>, _ executor: borrowing CommandExecutor) -> Bool {
    executor.keyspace.contains(key, hash: executor.keyHash, now: executor.now)
  }

  private static func encoding(of key: Span<UInt8>, _ executor: borrowing CommandExecutor) -> Encoding? {
    let hash = executor.keyHash
    guard let value = executor.keyspace.value(of: key, hash: hash, now: executor.now) else { return nil }
    if executor.keyspace.isModifiedInPlace(key, hash: hash, now: executor.now) { return .raw }
    if let number = value.integer { return .integer(number) }
    return value.count <= embeddedBytesMax ? .embedded : .raw
  }
}
