import Bytes
import Wire

/// SLOWLOG: the last commands that took long.
enum SlowLogCommand {
  static let row = Command(
    "SLOWLOG", .server, [], "Tell which commands took long",
    subcommands: [
      Command(
        "GET", .server, [.options("[count]")], .admin, "O(N), N being the number of entries shown",
        "Show the last slow commands, the newest first", run: get),
      Command("LEN", .server, [], .admin, "O(1)", "Count the entries", run: length),
      Command("RESET", .server, [], .admin, "O(N), N being the number of entries", "Forget all entries", run: reset),
    ])

  /// How many entries are shown if no number is given.
  private static let usualCount = 10

  static func get(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard request.count <= 3 else {
      executor.refuseSubcommandSyntax(request[1], "SLOWLOG")
      return .replied
    }
    var count = usualCount
    if request.count > 2 {
      guard let number = request[2].integer, number >= -1 else {
        executor.refuse("ERR", "count should be greater than or equal to -1")
        return .replied
      }
      count = number < 0 ? .max : Int(number)
    }
    let entries = executor.slowLog.commands.suffix(count).reversed()
    executor.replies.array(entries.count)
    for entry in entries {
      executor.replies.array(6)
      executor.replies.integer(entry.id)
      executor.replies.integer(entry.time)
      executor.replies.integer(entry.microseconds)
      executor.replies.array(entry.words.count)
      for word in entry.words { executor.replies.value(word.span) }
      executor.replies.value(entry.address.span)
      executor.replies.value(entry.clientName.span)
    }
    return .replied
  }

  static func length(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.replies.integer(Int64(executor.slowLog.commands.count))
    return .replied
  }

  static func reset(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.slowLog.removeAll()
    executor.replies.ok()
    return .replied
  }
}
