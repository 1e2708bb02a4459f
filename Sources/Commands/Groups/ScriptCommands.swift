import Bytes
import Wire

/// FUNCTION and SCRIPT. There are no functions, and no scripts but those that are always known: see KnownScript.
enum ScriptCommands {
  static let functionRow = Command(
    "FUNCTION", .scripting, [], "Tell about functions: there are none",
    unlikeRedis: "There are no functions, so that there are none to list.",
    subcommands: [
      Command(
        "FLUSH", .scripting, [.options("[ASYNC | SYNC]")], [], "O(1)", "Forget all functions", run: flushFunctions),
      Command(
        "LIST", .scripting, [.options("[LIBRARYNAME library-name-pattern] [WITHCODE]")], [], "O(1)",
        "List the libraries of functions", run: listFunctions),
    ])

  static let scriptRow = Command(
    "SCRIPT", .scripting, [], "Tell about the scripts that are known: those that locks are made of",
    unlikeRedis: "There is no Lua: which scripts are known is fixed, and EVAL tells which they are.",
    subcommands: [
      Command(
        "LOAD", .scripting, [.word("script", "a script")], [], "O(1)", "Show a known script's digest", run: load),
      Command(
        "FLUSH", .scripting, [.options("[ASYNC | SYNC]")], [], "O(1)", "Forget all scripts but the known ones",
        run: flushScripts),
      Command(
        "EXISTS", .scripting, [.words("sha1", "one or more digests")], [], "O(N), N being the number of digests",
        "Tell which scripts are known", run: exists),
    ])

  static func flushFunctions(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard request.count <= 3 else {
      executor.refuseSubcommandSyntax(request[1], "FUNCTION")
      return .replied
    }
    return flush(request, &executor, "FUNCTION FLUSH only supports SYNC|ASYNC option")
  }

  static func flushScripts(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    flush(request, &executor, "SCRIPT FLUSH only support SYNC|ASYNC option")
  }

  private static func flush(
    _ request: borrowing Request, _ executor: inout CommandExecutor, _ refusal: StaticString
  ) -> Outcome {
    let isPlain = request.count == 2
    if isPlain || (request.count == 3 && (request[2].isWord("ASYNC") || request[2].isWord("SYNC"))) {
      executor.replies.ok()
    } else {
      executor.refuse("ERR", refusal)
    }
    return .replied
  }

  static func listFunctions(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    var index = 2
    while index < request.count {
      if request[index].isWord("LIBRARYNAME") {
        index += 1
        guard index < request.count else {
          executor.refuse("ERR", "library name argument was not given")
          return .replied
        }
      } else if !request[index].isWord("WITHCODE") {
        let option = request[index]
        executor.refuse("ERR") { message in
          message.append("Unknown argument ")
          message.append(excerpt: option)
        }
        return .replied
      }
      index += 1
    }
    executor.replies.array(0)
    return .replied
  }

  static func exists(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.replies.array(request.count - 2)
    for index in 2..<request.count {
      executor.replies.integer(KnownScript(digest: request[index]) == nil ? 0 : 1)
    }
    return .replied
  }

  static func load(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    if let script = KnownScript(text: request[2]) {
      executor.replies.value(script.digest)
    } else {
      executor.refuseUnknownScript()
    }
    return .replied
  }
}
