import Bytes
import Wire

/// CONFIG: what can be read and set while the server runs. The parameters are in ConfigParameter.swift.
enum ConfigCommand {
  static let row = Command(
    "CONFIG", .server, [], "Read and set how the server works",
    unlikeRedis: "It has the parameters that mean something here; those that are always one value can be set to it.",
    subcommands: [
      Command(
        "GET", .server, [.words("pattern", "one or more patterns")], .admin,
        "O(N*M), N being the number of patterns, M that of parameters", "Show parameters whose names match", run: get),
      Command(
        "RESETSTAT", .server, [], .admin, "O(N), N being the number of commands", "Count from 0 again",
        run: resetStatistics),
      Command(
        "REWRITE", .server, [], .admin, "O(1)", "Write the settings to the configuration file: there is none",
        unlikeRedis: "There is never a configuration file.", run: rewrite),
      Command(
        "SET", .server,
        [.word("parameter", "a parameter"), .word("value", "a value"), .options("[parameter value ...]")],
        .admin, "O(N), N being the number of parameters", "Set parameters, all or none of them", run: set),
    ])

  static func get(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let limit = executor.settings.patternBytesMax
    var patterns: [[UInt8]] = []
    for index in 2..<request.count {
      guard request[index].count <= limit || executor.refuseLength("pattern", request[index].count, limit, flag: nil)
      else { return .replied }
      patterns.append(request[index].lowercased)
    }
    executor.asked = .facts(.configuration(patterns))
    return .asks
  }

  static func resetStatistics(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.replies.errors = ErrorCounts()
    executor.statistics.reset(acceptedCount: executor.clients.acceptedCount)
    executor.replies.ok()
    return .replied
  }

  static func rewrite(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.refuse("ERR", "The server is running without a config file")
    return .replied
  }

  static func set(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard request.count.isMultiple(of: 2) else {
      executor.refuse("ERR", "syntax error")
      return .replied
    }
    var settings = executor.settings
    var seen: [ConfigParameter] = []
    for index in stride(from: 2, to: request.count, by: 2) {
      guard let parameter = ConfigParameter.named(request[index]) else {
        let name = request[index]
        executor.refuse("ERR") { message in
          message.append("Unknown option or number of arguments for CONFIG SET - '")
          message.append(excerpt: name)
          message.append("'")
        }
        return .replied
      }
      let isNew = !seen.contains { $0.name.hasSameBytes(as: parameter.name) }
      seen.append(parameter)
      let fault = isNew ? parameter.set(request[index + 1].copied, &settings) : .other("duplicate parameter")
      if let fault {
        executor.refuse("ERR") { message in
          message.append("CONFIG SET failed (possibly related to argument '")
          message.append(parameter.name)
          message.append("') - ")
          fault.appendSentence(to: &message)
        }
        return .replied
      }
    }
    executor.apply(settings)
    executor.replies.ok()
    return .replied
  }
}

extension CommandExecutor {
  /// Takes over settings, and tells whom they concern.
  fileprivate mutating func apply(_ new: Settings) {
    let sync = settings.sync
    settings = new
    if new.sync != sync { changeSafety(from: sync) }
    // What is being loaded is loaded whatever the limit.
    if !isLoading { keyspace.memoryLimitBytes = new.memoryBytesMax }
    guard new.password.isEmpty else { return }
    // Without a password nobody has to give one, those included who have not done so yet.
    for slot in 0..<clients.touchedCount where clients.isOpen(slot) { clients[slot].flags.remove(.mustAuthenticate) }
  }

  /// The reply to CONFIG GET.
  mutating func replyConfiguration(_ patterns: [[UInt8]], _ facts: ServerFacts) {
    let found = ConfigParameter.all.filter { parameter in
      var name = ByteBuffer()
      name.append(parameter.name)
      return patterns.contains { Glob.matches(pattern: $0.span, text: name.span) }
    }
    replies.map(found.count)
    for parameter in found {
      replies.value(parameter.name)
      replies.value(parameter.read(settings, facts).span)
    }
  }
}
