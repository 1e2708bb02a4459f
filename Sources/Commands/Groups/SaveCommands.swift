import Bytes
import Wire

/// The commands that have the journal compacted. What Redis does by two files, an append only file and a snapshot, is
/// one thing here: a base that holds each key once, and the journal of what has changed since.
enum SaveCommands {
  static let rows: [Command] = [
    Command(
      "BGREWRITEAOF", .server, [], .admin, "O(1); the compaction is O(N), N being the number of keys",
      "Compact the journal, beside everything else", unlikeRedis: "It does not fork.", run: rewrite),
    Command(
      "BGSAVE", .server, [.options("[SCHEDULE]")], .admin,
      "O(1); the compaction is O(N), N being the number of keys", "Compact the journal, beside everything else",
      unlikeRedis: "It does the same as BGREWRITEAOF; there is no other file.", run: saveInBackground),
    Command(
      "SAVE", .server, [], [.admin, .noTransaction], "O(N), N being the number of keys",
      "Compact the journal, and answer when that is done", unlikeRedis: "Nobody else waits.", run: save),
    Command(
      "LASTSAVE", .server, [], .fast, "O(1)", "Tell when the journal was last compacted",
      unlikeRedis: "If it never was, or there is none, it is the time when the server started.", run: lastSave),
  ]

  static func rewrite(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    ask(.rewrite, &executor)
  }

  static func saveInBackground(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard request.count == 1 || request.count == 2 && request[1].isWord("SCHEDULE") else {
      executor.refuse("ERR", "syntax error")
      return .replied
    }
    return ask(.background(mayWait: request.count == 2), &executor)
  }

  static func save(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    ask(.foreground, &executor)
  }

  static func lastSave(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.asked = .facts(.lastSave)
    return .asks
  }

  private static func ask(_ request: CompactionRequest, _ executor: inout CommandExecutor) -> Outcome {
    guard !executor.isLoading else {
      executor.refuseWhileLoading()
      return .replied
    }
    executor.asked = .compact(request)
    return .asks
  }
}

extension CommandExecutor {
  /// Writes the reply to a command that wanted the journal compacted.
  public mutating func answer(_ request: CompactionRequest, _ answer: CompactionAnswer) {
    switch (answer, request) {
    case (.begun, .rewrite): replies.status("Background append only file rewriting started")
    case (.begun, _): replies.status("Background saving started")
    case (.scheduled, _): replies.status("Background saving scheduled")
    case (.complete, _): replies.ok()
    case (.isRunning, .rewrite): refuse("ERR", "Background append only file rewriting already in progress")
    case (.isRunning, _): refuse("ERR", "Background save already in progress")
    case (.failed, _): refuse("ERR", "the compaction could not be completed: the server's log says why")
    case (.isStopping, _): refuse("ERR", "the server is stopping: what was answered is kept in its journal")
    case (.nothingKept, _):
      refuse("ERR", "there is no journal, for data is in memory only: start the server with --data DIRECTORY")
    }
  }
}
