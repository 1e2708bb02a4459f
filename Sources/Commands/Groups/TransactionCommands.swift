import Bytes
import Wire

/// MULTI and what belongs to it. Queued requests are executed at EXEC without a break, so that nobody sees half of
/// them.
enum TransactionCommands {
  static let rows: [Command] = [
    Command(
      "MULTI", .transactions, [], [.fast, .unqueued], "O(1)", "Begin a transaction: queue requests until EXEC",
      run: multi),
    Command(
      "EXEC", .transactions, [], [.unqueued, .paused], "Depends on commands in the transaction.",
      "Execute the queued requests, nothing else in between",
      unlikeRedis: """
        Once the replies take 256 MiB, an error stands where those to the requests that are left would; these are \
        executed all the same, but for those that show a whole value, which change nothing then.
        """, run: exec),
    Command(
      "DISCARD", .transactions, [], [.fast, .unqueued], "O(N), N being the number of queued requests",
      "Forget the queued requests", run: discard),
    Command(
      "WATCH", .transactions, [.keys], [.fast, .unqueued], "O(1) for every key.",
      "Make the next EXEC do nothing if one of these keys changes before it", run: watch),
    Command("UNWATCH", .transactions, [], [.fast], "O(1)", "Forget all watched keys", run: unwatch),
  ]

  static func multi(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    if executor.clients[executor.current].flags.contains(.inTransaction) {
      executor.replies.error("ERR", "MULTI calls can not be nested")
    } else {
      executor.clients[executor.current].flags.insert(.inTransaction)
      executor.replies.ok()
    }
    return .replied
  }

  static func exec(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let slot = executor.current
    let flags = executor.clients[slot].flags
    guard flags.contains(.inTransaction) else {
      executor.replies.error("ERR", "EXEC without MULTI")
      return .replied
    }
    let hasChanged = executor.hasWatchedKeyChanged(slot)
    let transaction = executor.clients.details(of: slot).transaction
    if let outcome = executor.refuseForNow(transaction) { return outcome }
    executor.endTransaction(slot)
    if flags.contains(.transactionFailed) {
      executor.replies.error("EXECABORT", "Transaction discarded because of previous errors.")
      return .replied
    }
    if hasChanged {
      executor.waitForAll()
      executor.replies.nullArray()
      return .replied
    }
    executor.replies.array(transaction.requestCount)
    guard transaction.requestCount > 0 else { return .replied }
    executor.running = transaction
    executor.transactionStart = executor.replies.buffer.count
    executor.isExecuting = true
    return .transaction
  }

  static func discard(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard executor.clients[executor.current].flags.contains(.inTransaction) else {
      executor.replies.error("ERR", "DISCARD without MULTI")
      return .replied
    }
    executor.endTransaction(executor.current)
    executor.replies.ok()
    return .replied
  }

  static func watch(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard !executor.clients[executor.current].flags.contains(.inTransaction) else {
      executor.replies.error("ERR", "WATCH inside MULTI is not allowed")
      return .replied
    }
    for index in 1..<request.count { executor.watch(request[index]) }
    executor.replies.ok()
    return .replied
  }

  static func unwatch(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.forgetWatches(of: executor.current)
    executor.replies.ok()
    return .replied
  }
}

extension CommandExecutor {
  /// Queues an acceptable request of the current client's transaction, or marks the transaction as failed.
  mutating func queue(_ request: borrowing Request, _ shape: CommandShape) {
    let slot = current
    guard !shape.traits.contains(.noTransaction) else {
      replies.error("ERR", "Command not allowed inside a transaction")
      clients[slot].flags.insert(.transactionFailed)
      return
    }
    guard clients.details(of: slot).transaction.bytes.count < CommandLimits.transactionBytesMax else {
      replies.error("ERR", "the transaction is too long: EXEC what is queued, or DISCARD it")
      clients[slot].flags.insert(.transactionFailed)
      return
    }
    if !clients[slot].flags.contains(.transactionFailed) {
      // A borrowed request cannot be captured; its words are appended through a reference to the details.
      var transaction = Transaction()
      clients.withDetails(of: slot) { swap(&$0.transaction, &transaction) }
      transaction.append(request, shape.traits)
      clients.withDetails(of: slot) { swap(&$0.transaction, &transaction) }
    }
    replies.status("QUEUED")
  }

  /// Leaves the client outside of any transaction, without watches.
  mutating func endTransaction(_ slot: Int) {
    clients[slot].flags.subtract([.inTransaction, .transactionFailed])
    if clients[slot].details != 0 { clients.withDetails(of: slot) { $0.transaction = Transaction() } }
    forgetWatches(of: slot)
  }

  /// Puts the next request of the transaction that EXEC began into `words`, as parts of `buffer`; false at the end.
  public mutating func nextQueued(_ words: inout RangeList, _ buffer: inout ByteBuffer) -> Bool {
    if buffer.isEmpty {
      buffer.append(running.bytes.span)
    } else {
      endQueuedReply()
      boundQueuedReply()
    }
    if !skipsReply { replyStart = replies.buffer.count }
    queuedStart = replies.mark
    if running.next(&words) { return true }
    running = Transaction()
    isExecuting = false
    // CLIENT REPLY OFF answers nothing, and leaves the list of replies without an end.
    replies.forgetLists()
    return false
  }
}
