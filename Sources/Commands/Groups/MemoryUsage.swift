import Bytes
import Wire

/// MEMORY USAGE, one of the container's subcommands.
enum MemoryUsage {
  static let row = Command(
    "USAGE", .server, [.key, .options("[SAMPLES count]")], .reads, "O(1)", "Tell how many bytes a key takes",
    unlikeRedis: "The bytes are those of Swiftlet's block and its share of the table.", run: usage)

  static func usage(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard acceptsOptions(request, &executor) else { return .replied }
    if let bytes = executor.keyspace.memoryBytes(of: request[2], hash: executor.keyHash, now: executor.now) {
      executor.replies.integer(Int64(bytes))
    } else {
      executor.replies.null()
    }
    return .replied
  }

  /// Reads how many elements to sample, which says nothing of a string; false if an error is written.
  private static func acceptsOptions(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Bool {
    for index in stride(from: 3, to: request.count, by: 2) {
      guard request[index].isWord("SAMPLES"), index + 1 < request.count else {
        executor.replies.syntaxError()
        return false
      }
      guard let count = request[index + 1].integer else {
        executor.replies.notAnInteger()
        return false
      }
      guard count >= 0 else {
        executor.replies.syntaxError()
        return false
      }
    }
    return true
  }
}
