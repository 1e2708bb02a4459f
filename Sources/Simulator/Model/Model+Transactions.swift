import Bytes
import Wire

// What a client has agreed on: transactions, watches, its dialect.

extension Model {
  /// Executes a request as its session has it: at once, or later.
  mutating func executeIn(_ session: inout Session, _ request: Request, _ reply: inout ReplyMatcher) {
    clock += 1
    tellsNothing = false
    if mayRunOutOfDisk, reply.isOutOfDisk, !session.isInTransaction { return refuse("MISCONF", &reply) }
    switch request.verb {
    case .multi:
      guard !session.isInTransaction else { return reply.error() }
      session.isInTransaction = true
      reply.ok()
    case .exec: executeTransaction(&session, &reply)
    case .discard:
      guard session.isInTransaction else { return reply.error() }
      end(&session)
      reply.ok()
    case .watch:
      guard !session.isInTransaction else { return reply.error() }
      for index in 0..<Int(request.keyCount) { watch(request.key(index), &session) }
      reply.ok()
    case .reset:
      end(&session)
      if session.dialect == .resp3 { session.dialect = .resp2 }
      reply.dialect = session.dialect
      reply.status("RESET")
    case .hello:
      guard session.dialect != .line else { return reply.error() }
      session.dialect = .resp3
      reply.dialect = .resp3
      reply.takeShape()
    case .unknown, .short:
      if session.isInTransaction { session.hasFailed = true }
      reply.error()
    default:
      guard session.isInTransaction else { return execute(request, &reply, &session) }
      tellsNothing = true
      if !session.hasFailed { session.queued.append(request) }
      reply.status("QUEUED")
    }
  }

  private mutating func watch(_ key: Int, _ session: inout Session) {
    guard !session.watches.contains(where: { $0.key == key }) else { return }
    session.watches.append(
      Session.Watch(key: key, changes: changes[key], collections: collections[key], existed: isLive(key)))
  }

  private func hasChanged(_ watch: Session.Watch) -> Bool {
    if watch.changes != changes[watch.key] { return true }
    return watch.existed && (!isLive(watch.key) || watch.collections != collections[watch.key])
  }

  private mutating func end(_ session: inout Session) {
    session.isInTransaction = false
    session.hasFailed = false
    session.queued.removeAll(keepingCapacity: true)
    session.watches.removeAll(keepingCapacity: true)
  }

  private mutating func executeTransaction(_ session: inout Session, _ reply: inout ReplyMatcher) {
    transactionTurn = 0
    guard session.isInTransaction else { return reply.error() }
    let hasChanged = session.watches.contains(where: hasChanged)
    // That it is not executed tells that a watched key has changed.
    for watch in session.watches where watch.changes != changes[watch.key] {
      transactionTurn = max(transactionTurn, history.changedAt[watch.key])
    }
    var requests: [Request] = []
    swap(&requests, &session.queued)
    let hasFailed = session.hasFailed
    end(&session)
    if mayRunOutOfDisk, reply.isTransactionOutOfDisk { return refuse("EXECABORT", &reply) }
    guard !hasFailed else {
      transactionTurn = 0
      return reply.error("EXECABORT")
    }
    guard !hasChanged else { return reply.nullArray() }
    transactionTurn = 0
    reply.beginList(requests.count)
    for request in requests {
      execute(request, &reply, &session)
      transactionTurn = max(transactionTurn, turn(of: request))
    }
    tellsNothing = false
    reply.endList()
  }
}
