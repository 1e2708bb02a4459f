// The longer way of a request: clients that have yet to authenticate, are in a transaction, want no replies, or only
// listen; and all clients while they are paused.

import Wire

extension CommandExecutor {
  mutating func executeSpecially(_ request: borrowing Request, _ row: Int, _ keyHash: UInt64) -> Outcome {
    guard !isPaused(row) else { return .paused }
    let flags = clients[current].flags
    // Within a transaction, it is the reply of EXEC that is wanted or not.
    guard !isExecuting else { return executeGated(request, row, keyHash, flags) }
    clients[current].flags.remove(.skipsNextReply)
    replyStart = replies.buffer.count
    skipsReply = flags.contains(.skipsNextReply)
    let outcome = executeGated(request, row, keyHash, flags)
    if flags.contains(.repliesOff), clients[current].flags.contains(.repliesOff) { skipsReply = true }
    switch outcome {
    case .replied, .closing: endReply()
    case .listing(let listing) where skipsReply:
      end(listing)
      endReply()
      return .replied
    case .listing, .transaction, .asks, .paused: break
    }
    return outcome
  }

  /// Takes back what was written for a request whose reply is not wanted; after outcomes whose reply was still to come.
  public mutating func endReply() {
    guard skipsReply else { return }
    skipsReply = false
    let start = replyStart
    guard deliveries.allSatisfy({ $0.offset < start }) else { return }
    replies.buffer.truncate(to: start)
  }

  /// Whether the reply of the last request, which is still to come, is wanted; from then on only its writer knows.
  public mutating func takeReplyWish() -> Bool {
    defer { skipsReply = false }
    return !skipsReply
  }

  private mutating func executeGated(
    _ request: borrowing Request, _ row: Int, _ keyHash: UInt64, _ flags: Client.Flags
  ) -> Outcome {
    self.row = row
    guard row >= 0 else {
      if flags.contains(.mustAuthenticate) { refuseUnauthenticated() } else { refuseUnknown(request) }
      failTransaction()
      return .replied
    }
    let shape = shape(of: row)
    if flags.contains(.mustAuthenticate), !shape.traits.contains(.noAuth) {
      refuseUnauthenticated()
      return .replied
    }
    let mayOnlyListen = flags.contains(.isSubscriber) && replies.dialect == .resp2 && !isExecuting
    guard mayOnlyListen || flags.contains(.inTransaction) else { return executeNow(request, row, keyHash) }
    guard isAcceptable(request, shape), isAcceptableSubcommand(request) else {
      failTransaction()
      return .replied
    }
    if mayOnlyListen, !shape.traits.contains(.forSubscribers) {
      refuseSubscriber(request)
      failTransaction()
      return .replied
    }
    guard flags.contains(.inTransaction), !shape.traits.contains(.unqueued) else {
      return executeNow(request, row, keyHash)
    }
    queue(request, shape)
    return .replied
  }

  /// Makes the transaction fail that the current client may be in.
  mutating func failTransaction() {
    if clients[current].flags.contains(.inTransaction) { clients[current].flags.insert(.transactionFailed) }
  }

  private func isPaused(_ row: Int) -> Bool {
    guard pause.isOn, row >= 0, !isExecuting else { return false }
    let traits = shape(of: row).traits
    return pause.covers(traits, inTransaction: clients[current].flags.contains(.inTransaction), now: now)
  }
}

/// CLIENT PAUSE: whose requests wait, and until when.
struct Pause {
  var until: Int64?
  var isForWritesOnly = false

  var isOn: Bool { until != nil }

  mutating func begin(until: Int64, isForWritesOnly: Bool) {
    self.until = max(until, self.until ?? until)
    self.isForWritesOnly = isForWritesOnly
  }

  func covers(_ traits: Command.Traits, inTransaction: Bool, now: Int64) -> Bool {
    guard let until, now < until else { return false }
    if traits.contains(.admin) { return false }
    return !isForWritesOnly || traits.contains(.writes) || traits.contains(.paused)
  }
}
