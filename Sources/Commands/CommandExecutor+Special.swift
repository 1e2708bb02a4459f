// The longer way of a request: clients that have yet to authenticate, are in a transaction, want no replies, or only
// listen; and all clients while they are paused.

import Bytes
import Wire

extension CommandExecutor {
  mutating func executeSpecially(_ request: borrowing Request, _ row: Int, _ keyHash: UInt64) -> Outcome {
    guard !isPaused(row) else { return .waits(.pause) }
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
    case .longReply(let reply) where skipsReply:
      end(reply)
      endReply()
      return .replied
    case .waits:
      if flags.contains(.skipsNextReply) { clients[current].flags.insert(.skipsNextReply) }
      skipsReply = false
    case .longReply, .transaction, .asks: break
    }
    return outcome
  }

  /// Takes back what was written for a request whose reply is not wanted; after outcomes whose reply was still to come.
  ///
  /// Returns whether the reply was wanted.
  @discardableResult
  public mutating func endReply() -> Bool {
    guard skipsReply else { return true }
    skipsReply = false
    takeBackReply(from: replyStart)
    return false
  }

  /// Takes back all replies from `start` on but for the messages to others among them, which move up.
  mutating func takeBackReply(from start: Int) {
    var messages = ByteBuffer()
    var source = -1
    var target = start
    for index in deliveries.indices where deliveries[index].offset >= start {
      let delivery = deliveries[index]
      if delivery.offset != source {
        source = delivery.offset
        target = start + messages.count
        messages.append(replies.buffer, source..<source + delivery.count)
      }
      deliveries[index] = Delivery(
        slot: delivery.slot, offset: target, count: delivery.count, isTooMuch: delivery.isTooMuch)
    }
    replies.buffer.truncate(to: start)
    replies.buffer.append(messages.span)
  }

  /// Takes back the reply to a request of a transaction that turned replies off before it.
  mutating func endQueuedReply() {
    guard !skipsReply, clients[current].flags.contains(.repliesOff) else { return }
    takeBackReply(from: replyStart)
  }

  /// Bytes of the replies to a transaction's requests, messages to others among them left out, with so many more.
  func transactionReplyBytes(with more: Int = 0) -> Int {
    let all = replies.buffer.count - transactionStart + more
    guard all > CommandLimits.replyBytesMax else { return all }
    var messages = 0
    var last = -1
    for delivery in deliveries where delivery.offset >= transactionStart && delivery.offset != last {
      messages += delivery.count
      last = delivery.offset
    }
    return all - messages
  }

  /// Puts an error in the place of a reply that makes the transaction's too long.
  mutating func boundQueuedReply() {
    guard let queuedStart, transactionReplyBytes() > CommandLimits.replyBytesMax else { return }
    // What is as short as an error may stay: it is bounded by the number of requests.
    guard replies.buffer.count - queuedStart.offset > CommandLimits.shortReplyBytesMax else { return }
    takeBackReply(from: queuedStart.offset)
    replies.takeBackLists(to: queuedStart)
    refuse("ERR", "this was executed, but its reply makes the transaction's too long: at most 256 MiB")
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
    return pause.covers(traits, now: now)
  }
}

/// CLIENT PAUSE: whose requests wait, and until when.
struct Pause {
  var until: Int64?
  var isForWritesOnly = false

  var isOn: Bool { until != nil }

  /// Begins a pause, or makes the one that lasts longer and wider, never shorter or narrower.
  mutating func begin(until: Int64, isForWritesOnly: Bool, now: Int64) {
    let holdsAll = self.until.map { now < $0 && !self.isForWritesOnly } ?? false
    self.until = max(until, self.until ?? until)
    self.isForWritesOnly = isForWritesOnly && !holdsAll
  }

  func covers(_ traits: Command.Traits, now: Int64) -> Bool {
    guard let until, now < until else { return false }
    if traits.contains(.admin) { return false }
    return !isForWritesOnly || traits.contains(.writes) || traits.contains(.paused)
  }
}
