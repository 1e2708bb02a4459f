import Bytes
import Commands
import Wire

// From received bytes to replies: a slice of one connection's requests, in the dialect that it speaks.
//
// Requests are taken in batches: all of a batch are parsed, then the buckets and the entries that they will touch
// are fetched into the cache together, then they are executed in order. A batch that has to stop early is parsed again
// from the first request that was not executed.

/// How the execution of a connection's requests goes on after one of them.
enum Continuation {
  /// With the next.
  case next
  /// Later, with the next.
  case stop
  /// Later, with the same one.
  case again
}

extension Server where P: ~Copyable {
  /// What requests are held to while they are read: a value's length can be set while the server runs.
  var limits: WireLimits {
    var limits = configuration.wire
    limits.bulkBytesMax = max(executor.settings.valueBytesMax, executor.settings.keyBytesMax)
    return limits
  }

  /// How long the turn's replies may get, of which the connection's are about to begin, until it executes no more.
  func repliesMax(_ slot: Int) -> Int {
    executor.replies.buffer.count + ReactorLimits.unsentBytesHigh - unsentBytes(slot)
  }

  // MARK: - Lines

  /// Executes a slice of the lines in `received`; returns the offset of what is left.
  mutating func executeLines(_ slot: Int) -> Int {
    let repliesMax = repliesMax(slot)
    var position = 0
    var executed = 0
    connections[slot].flags.insert(.hasRequests)
    while executed < configuration.turn.requestsPerSliceMax, executor.replies.buffer.count < repliesMax {
      var parsed = position
      let result = LineParser.fill(
        &batch, from: &received, at: &parsed, state: &connections[slot].line, limits: limits,
        refusesRESP: connections[slot].flags.contains(.isPinnedToLines))
      switch result {
      case .incomplete:
        connections[slot].flags.remove(.hasRequests)
        return parsed
      case .fault(let fault):
        executor.replies.fault(fault)
        executed += 1
      case .refused(let refusal):
        refuse(refusal, of: slot)
        return parsed
      case .request:
        executor.prepare(batch, of: received)
        let run = executeBatch(slot, 0..<batch.count, repliesMax: repliesMax)
        executed += run.count
        guard run.continuation == .next else {
          if run.continuation == .again { batch.restore(&received) }
          return run.count > 0 ? batch.end(of: run.count - 1) : position
        }
      }
      position = parsed
      if position == received.count {
        connections[slot].flags.remove(.hasRequests)
        return position
      }
    }
    return position
  }

  // MARK: - RESP

  /// Executes a slice of the RESP requests in `received`; returns the offset of what is left.
  mutating func executeRESP(_ slot: Int) -> Int {
    let repliesMax = repliesMax(slot)
    var position = 0
    var executed = 0
    connections[slot].flags.insert(.hasRequests)
    while executed < configuration.turn.requestsPerSliceMax, executor.replies.buffer.count < repliesMax {
      var parsed = position
      let result = RESPParser.fill(
        &batch, from: &received, at: &parsed, state: &connections[slot].resp, limits: limits,
        isAuthenticated: !executor.clients[slot].flags.contains(.mustAuthenticate))
      executor.prepare(batch, of: received)
      let run = executeBatch(slot, 0..<batch.count, repliesMax: repliesMax)
      executed += run.count
      if run.count > 0 { position = batch.end(of: run.count - 1) }
      guard run.continuation == .next else {
        connections[slot].resp.reset()
        if run.continuation == .again { batch.restore(&received) }
        return position
      }
      switch result {
      case .requests:
        guard position == received.count else { continue }
        connections[slot].flags.remove(.hasRequests)
        return position
      case .incomplete:
        connections[slot].flags.remove(.hasRequests)
        return parsed
      case .fault(.foreign(let refusal)):
        refuse(refusal, of: slot)
        return position
      case .fault(let fault):
        connections[slot].flags.insert(.isClosing)
        executor.replies.fault(fault)
        return position
      }
    }
    return position
  }

  // MARK: - A batch

  /// Executes those requests of the batch at hand that are a connection's, and does what outcomes ask for; returns how
  /// many requests of the batch are executed.
  mutating func executeBatch(
    _ slot: Int, _ own: Range<Int>, repliesMax: Int
  ) -> (count: Int, continuation: Continuation) {
    var index = own.lowerBound
    while true {
      let continuation: Continuation
      switch executor.executeRun(batch, from: &index, to: own.upperBound, of: received, repliesMax: repliesMax) {
      case .done: return (index, .next)
      case .full: return (index, .again)
      case .timed: continuation = executeTimed(index, of: slot)
      case .outcome(let outcome): continuation = settle(outcome, slot)
      }
      if continuation != .again { index += 1 }
      guard continuation == .next else { return (index, continuation) }
    }
  }

  private mutating func executeTimed(_ index: Int, of slot: Int) -> Continuation {
    let start = platform.monotonicNanoseconds()
    let outcome = executor.executeTimed(batch, index, of: received)
    let nanoseconds = platform.monotonicNanoseconds() - start
    if executor.record(batch, index, of: received, nanoseconds: nanoseconds) {
      executor.noteAddressOfSlowCommand(Array(platform.peerName(of: connections[slot].socket).utf8))
    }
    return settle(outcome, slot)
  }

  private mutating func settle(_ outcome: Outcome, _ slot: Int) -> Continuation {
    switch outcome {
    case .replied: return .next
    case .closing:
      connections[slot].flags.insert(.isClosing)
      return .stop
    case .longReply(let reply):
      connections[slot].flags.insert(.isReplying)
      connections[slot].longReply = reply
      return .stop
    case .transaction:
      runTransaction(slot)
      return connections[slot].flags.contains(.isClosing) ? .stop : .next
    case .asks: return perform(slot)
    case .waits(let wait):
      fallAsleep(slot, .after(wait))
      return .again
    }
  }

  /// Executes what EXEC has begun to its end, whatever else waits: nobody sees half of a transaction.
  private mutating func runTransaction(_ slot: Int) {
    var requests = ByteBuffer()
    var words = RangeList()
    while executor.nextQueued(&words, &requests) {
      let outcome = executor.execute(words, of: requests)
      switch outcome {
      case .replied: continue
      case .closing: connections[slot].flags.insert(.isClosing)
      case .longReply(let reply):
        while executor.step(reply, buckets: .max, bytes: .max) == .running {}
      case .asks: _ = perform(slot, isInTransaction: true)
      case .transaction, .waits:
        preconditionFailure("these are not queued, and nothing waits within a transaction")
      }
    }
    executor.endReply()
  }
}
