import Bytes
import Store
import Wire

/// The commands that touch keys.
enum KeyCommands {
  static func put(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let key = request[1]
    do {
      _ = try executor.keyspace.set(key, hash: executor.keyspace.hash(key), value: request[2], now: 0)
      executor.replies.status("OK")
    } catch {
      executor.refuse(error)
    }
    return .replied
  }

  static func get(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    replyValue(of: request[1], in: executor.keyspace, &executor.replies)
    return .replied
  }

  private static func replyValue(
    of key: Span<UInt8>, in keyspace: borrowing Keyspace, _ replies: inout ReplyWriter
  ) {
    if let value = keyspace.value(of: key, hash: keyspace.hash(key), now: 0) {
      replies.value(value)
    } else {
      replies.notFound()
    }
  }

  static func delete(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let key = request[1]
    let existed = executor.keyspace.remove(key, hash: executor.keyspace.hash(key), now: 0)
    executor.replies.removed(existed)
    return .replied
  }

  static func exists(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    var found: Int64 = 0
    for index in 1..<request.count {
      let key = request[index]
      if executor.keyspace.contains(key, hash: executor.keyspace.hash(key), now: 0) { found += 1 }
    }
    executor.replies.integer(found)
    return .replied
  }

  static func count(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.replies.integer(Int64(executor.keyspace.count))
    return .replied
  }

  static func list(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    do {
      let walk = try executor.keyspace.beginWalk(now: 0)
      let pattern = request.count > 1 ? request[1].copied : nil
      return .listing(executor.listings.begin(walk, pattern: pattern))
    } catch {
      executor.refuse(error)
      return .replied
    }
  }
}
