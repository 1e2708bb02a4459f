import Bytes
import Wire

/// The commands about the server itself; those of several kinds have files of their own.
enum ServerCommands {
  static let rows: [Command] = [
    CommandCommand.row,
    InfoCommand.row,
    ConfigCommand.row,
    SlowLogCommand.row,
    LatencyCommand.row,
    MemoryCommands.row,
    DebugCommand.row,
    Command(
      "TIME", .server, [], .fast, "O(1)", "Tell the server's time, in seconds and microseconds",
      unlikeRedis: "The time is that of the loop's turn, in whole milliseconds.", run: time),
    Command(
      "ROLE", .server, [], .fast, "O(1)", "Tell the server's part in replication: a master without replicas",
      run: role),
    Command(
      "WAIT", .generic, [.word("numreplicas", "a number of replicas"), .word("timeout", "a time in milliseconds")], [],
      "O(1)", "Wait until replicas have what was written",
      unlikeRedis: "There are no replicas: it answers 0 at once, and does not wait for them.", run: wait),
    Command(
      "SHUTDOWN", .server, [.options("[NOSAVE | SAVE] [NOW] [FORCE] [ABORT]")], [.admin, .noTransaction], "O(1)",
      "Stop the server: answer what has arrived, then end",
      unlikeRedis: "What was answered is kept already, so that SAVE, NOSAVE and FORCE make no difference.",
      run: shutDown),
    LolwutCommand.row,
    ScriptCommands.functionRow,
    ScriptCommands.scriptRow,
  ]

  static func time(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let now = UInt64(max(0, executor.now))
    executor.replies.array(2)
    executor.replies.value(decimal: now / 1_000)
    executor.replies.value(decimal: now % 1_000 * 1_000)
    return .replied
  }

  static func role(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.replies.array(3)
    executor.replies.value("master")
    executor.replies.integer(0)
    executor.replies.array(0)
    return .replied
  }

  static func wait(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard let timeout = request[2].integer else {
      executor.refuse("ERR", "timeout is not an integer or out of range")
      return .replied
    }
    guard timeout >= 0 else {
      executor.refuse("ERR", "timeout is negative")
      return .replied
    }
    if request[1].integer == nil {
      executor.refuse("ERR", "value is not an integer or out of range")
    } else {
      executor.replies.integer(0)
    }
    return .replied
  }

  static func shutDown(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    var isNow = false
    var aborts = false
    var saves = false
    var savesNot = false
    for index in 1..<request.count {
      if request[index].isWord("NOW") {
        isNow = true
      } else if request[index].isWord("SAVE"), !savesNot {
        saves = true
      } else if request[index].isWord("NOSAVE"), !saves {
        savesNot = true
      } else if request[index].isWord("ABORT") {
        aborts = true
      } else if !request[index].isWord("FORCE") {
        executor.refuse("ERR", "syntax error")
        return .replied
      }
    }
    guard aborts else {
      executor.asked = .shutDown(isNow: isNow)
      return .asks
    }
    let isAlone = request.count == 2
    executor.refuse("ERR", isAlone ? "No shutdown in progress." : "syntax error")
    return .replied
  }
}
