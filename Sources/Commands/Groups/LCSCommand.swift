import Bytes
import Wire

/// LCS: what two values have in common.
enum LCSCommand {
  static let rows: [Command] = [
    Command(
      "LCS", .string,
      [
        .key("key1", "a key"), .key("key2", "another key"),
        .options("[LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]"),
      ], [.reads, .timed], "O(N*M), N and M being the lengths of the values",
      "Find the longest common subsequence of two values",
      unlikeRedis: "Values of more than 1 MiB are refused.", run: compare)
  ]

  private struct Options {
    var showsLength = false
    var showsMatches = false
    var showsMatchLengths = false
    var matchLengthMin: Int64 = 0
  }

  static func compare(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard let options = options(request, &executor) else { return .replied }
    let leftCount = executor.valueCount(of: request[1], executor.keyHash) ?? 0
    let rightCount = executor.valueCount(of: request[2], executor.keyspace.hash(request[2])) ?? 0
    guard max(leftCount, rightCount) <= CommandLimits.lcsValueBytesMax,
      (leftCount + 1) * (rightCount + 1) <= CommandLimits.lcsCellsMax
    else {
      refuseLengths(&executor)
      return .replied
    }
    if options.showsMatches {
      replyMatches(request, options, &executor)
    } else if options.showsLength {
      executor.replies.integer(Int64(length(request, executor)))
    } else {
      let subsequence = subsequence(request, executor)
      executor.replies.value(subsequence.span)
    }
    return .replied
  }

  /// Reads the options behind the keys; nil if an error is written.
  private static func options(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Options? {
    var options = Options()
    var index = 3
    while index < request.count {
      let word = request[index]
      if word.isWord("LEN") {
        options.showsLength = true
      } else if word.isWord("IDX") {
        options.showsMatches = true
      } else if word.isWord("WITHMATCHLEN") {
        options.showsMatchLengths = true
      } else if word.isWord("MINMATCHLEN"), index + 1 < request.count {
        index += 1
        guard let number = request[index].integer else {
          executor.replies.notAnInteger()
          return nil
        }
        options.matchLengthMin = number
      } else {
        executor.replies.syntaxError()
        return nil
      }
      index += 1
    }
    if options.showsLength, options.showsMatches {
      executor.refuse("ERR", "If you want both the length and indexes, please just use IDX.")
      return nil
    }
    return options
  }

  private static func refuseLengths(_ executor: inout CommandExecutor) {
    guard executor.replies.dialect == .line else {
      executor.refuse("ERR", "Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")
      return
    }
    executor.refuse("ERR") { message in
      message.append("values too long to compare: at most ")
      message.append(decimal: Int64(CommandLimits.lcsValueBytesMax))
      message.append(" bytes each, and a product of their lengths of at most ")
      message.append(decimal: Int64(CommandLimits.lcsCellsMax))
    }
  }

  // MARK: - Results

  private static func length(_ request: borrowing Request, _ executor: borrowing CommandExecutor) -> Int {
    var length = 0
    withValues(request, executor) { left, right in
      length = SubsequenceTable(left, right, keepsRows: false).count
    }
    return length
  }

  private static func subsequence(
    _ request: borrowing Request, _ executor: borrowing CommandExecutor
  ) -> ByteBuffer {
    var result = ByteBuffer()
    withValues(request, executor) { left, right in
      let table = SubsequenceTable(left, right, keepsRows: true)
      var end = table.count
      var room = result.freeSpace(table.count)
      table.forEachMatch(left, right) { match in
        end -= match.count
        room.copy(left.extracting(match.left..<match.left + match.count), to: end)
      }
      result.commit(table.count)
    }
    return result
  }

  private static func replyMatches(
    _ request: borrowing Request, _ options: Options, _ executor: inout CommandExecutor
  ) {
    var matches: [SubsequenceTable.Match] = []
    var length = 0
    withValues(request, executor) { left, right in
      let table = SubsequenceTable(left, right, keepsRows: true)
      length = table.count
      table.forEachMatch(left, right) { match in
        if match.count >= options.matchLengthMin { matches.append(match) }
      }
    }
    executor.replies.map(2)
    executor.replies.text("matches")
    executor.replies.array(matches.count)
    for match in matches {
      executor.replies.array(options.showsMatchLengths ? 3 : 2)
      executor.replies.range(match.left, match.count)
      executor.replies.range(match.right, match.count)
      if options.showsMatchLengths { executor.replies.integer(Int64(match.count)) }
    }
    executor.replies.text("len")
    executor.replies.integer(Int64(length))
  }

  /// Lends both values; one that is not there is empty.
  private static func withValues(
    _ request: borrowing Request, _ executor: borrowing CommandExecutor,
    _ body: (Span<UInt8>, Span<UInt8>) -> Void
  ) {
    let rightHash = executor.keyspace.hash(request[2])
    guard let left = executor.keyspace.value(of: request[1], hash: executor.keyHash, now: executor.now),
      let right = executor.keyspace.value(of: request[2], hash: rightHash, now: executor.now)
    else { return }
    body(left, right)
  }
}

extension ReplyWriter {
  /// The first and the last index of a part that is not empty.
  fileprivate mutating func range(_ start: Int, _ count: Int) {
    array(2)
    integer(Int64(start))
    integer(Int64(start + count - 1))
  }
}
