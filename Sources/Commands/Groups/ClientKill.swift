import Bytes
import Wire

/// CLIENT KILL's filters; the closing is the server's.
enum ClientKill {
  static func kill(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    if request.count == 3 {
      var filter = ClientFilter()
      filter.address = request[2].copied
      executor.asked = .killClients(filter, isOldForm: true)
      return .asks
    }
    guard let filter = filter(request, &executor) else { return .replied }
    executor.asked = .killClients(filter, isOldForm: false)
    return .asks
  }

  private static func filter(_ request: borrowing Request, _ executor: inout CommandExecutor) -> ClientFilter? {
    var filter = ClientFilter()
    filter.skipsSelf = true
    for index in stride(from: 2, to: request.count, by: 2) {
      guard index + 1 < request.count else {
        executor.replies.syntaxError()
        return nil
      }
      guard add(request[index], request[index + 1], to: &filter, &executor) else { return nil }
    }
    return filter
  }

  /// Narrows the filter by one option; false if an error is written.
  private static func add(
    _ option: Span<UInt8>, _ argument: Span<UInt8>, to filter: inout ClientFilter, _ executor: inout CommandExecutor
  ) -> Bool {
    if option.isWord("ID") {
      guard let id = argument.integer, id > 0 else {
        executor.replies.error("ERR", "client-id should be greater than 0")
        return false
      }
      filter.ids = [UInt64(id)]
    } else if option.isWord("ADDR") {
      filter.address = argument.copied
    } else if option.isWord("LADDR") {
      filter.localAddress = argument.copied
    } else if option.isWord("TYPE") {
      guard let type = type(argument, &executor) else { return false }
      filter.type = type
    } else if option.isWord("USER") {
      guard argument.hasSameBytes(as: Array("default".utf8).span) else {
        executor.replies.error("ERR") { message in
          message.append("No such user '")
          message.append(excerpt: argument)
          message.append("'")
        }
        return false
      }
    } else if option.isWord("MAXAGE") {
      guard let seconds = argument.integer, seconds >= 0 else {
        executor.replies.notAnInteger()
        return false
      }
      filter.ageSecondsMin = UInt64(seconds)
    } else if option.isWord("SKIPME"), argument.isWord("YES") {
      filter.skipsSelf = true
    } else if option.isWord("SKIPME"), argument.isWord("NO") {
      filter.skipsSelf = false
    } else {
      executor.replies.syntaxError()
      return false
    }
    return true
  }

  /// A type of clients by its name; nil if an error is written.
  static func type(_ name: Span<UInt8>, _ executor: inout CommandExecutor) -> ClientType? {
    if name.isWord("NORMAL") { return .normal }
    if name.isWord("PUBSUB") { return .pubsub }
    if name.isWord("MASTER") { return .master }
    if name.isWord("REPLICA") || name.isWord("SLAVE") { return .replica }
    executor.replies.error("ERR") { message in
      message.append("Unknown client type '")
      message.append(excerpt: name)
      message.append("'")
    }
    return nil
  }
}
