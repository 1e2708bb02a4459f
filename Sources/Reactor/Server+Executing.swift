import Bytes
import Commands
import Wire

// From received bytes to replies: a slice of one connection's requests, in the dialect that it speaks.
//
// RESP requests are taken in batches: all of a batch are parsed, then the buckets and the entries that they will touch
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
  private var limits: WireLimits {
    var limits = configuration.wire
    limits.bulkBytesMax = max(executor.settings.valueBytesMax, executor.settings.keyBytesMax)
    return limits
  }

  /// Whether there is room for more replies to a connection whose replies of this turn begin at `start`.
  private func hasRoom(unsent: Int, from start: Int) -> Bool {
    unsent + executor.replies.buffer.count - start < ReactorLimits.unsentBytesHigh
  }

  // MARK: - Lines

  /// Executes a slice of the lines in `received`; returns the offset of what is left.
  mutating func executeLines(_ slot: Int) -> Int {
    let start = executor.replies.buffer.count
    let unsent = unsentBytes(slot)
    var position = 0
    connections[slot].flags.insert(.hasRequests)
    for _ in 0..<ReactorLimits.requestsPerSliceMax {
      guard hasRoom(unsent: unsent, from: start) else { return position }
      let line = position
      keepReceived()
      let result = LineParser.next(
        in: &received, at: &position, state: &connections[slot].line, words: &batch[0], limits: limits,
        refusesRESP: connections[slot].flags.contains(.isPinnedToLines))
      switch result {
      case .incomplete:
        connections[slot].flags.remove(.hasRequests)
        return position
      case .fault(let fault): executor.replies.fault(fault)
      case .refused(let refusal):
        refuse(refusal, of: slot)
        return position
      case .request:
        let prepared = executor.prepare(batch[0], of: received)
        switch execute(0, prepared, of: slot) {
        case .next: continue
        case .stop: return position
        case .again:
          swap(&received, &keptReceived)
          return line
        }
      }
    }
    return position
  }

  /// Keeps what has come as it came while clients are paused: parsing decodes the words of a line in place, and a
  /// request that has to wait is parsed again.
  private mutating func keepReceived() {
    guard executor.isPausing else { return }
    keptReceived.removeAll()
    keptReceived.append(received, 0..<received.count)
  }

  // MARK: - RESP

  /// Executes a slice of the RESP requests in `received`; returns the offset of what is left.
  mutating func executeRESP(_ slot: Int) -> Int {
    let start = executor.replies.buffer.count
    let unsent = unsentBytes(slot)
    var position = 0
    var executed = 0
    connections[slot].flags.insert(.hasRequests)
    while executed < ReactorLimits.requestsPerSliceMax, hasRoom(unsent: unsent, from: start) {
      let isInline = mayBeInline(at: position)
      if isInline { keepReceived() }
      let parsed = parseBatch(slot, from: position)
      for index in 0..<parsed.count {
        let continuation = hasRoom(unsent: unsent, from: start) ? execute(index, prepared[index], of: slot) : .again
        if continuation != .again { position = ends[index] }
        guard continuation == .next else {
          connections[slot].resp.reset()
          if continuation == .again, isInline { swap(&received, &keptReceived) }
          return position
        }
        executed += 1
      }
      switch parsed.end {
      case .full: break
      case .incomplete:
        connections[slot].flags.remove(.hasRequests)
        return parsed.position
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

  /// Whether the next request may be one without a count: it is none that begins with a count above 0. Behind a count
  /// that stands for no request, as in `*0`, anything may follow.
  private func mayBeInline(at position: Int) -> Bool {
    guard position < received.count else { return false }
    guard received.span[position] == UInt8(ascii: "*") else { return true }
    return position + 1 < received.count && !(0x31...0x39).contains(received.span[position + 1])
  }

  private struct ParsedBatch {
    enum End {
      /// There may be more requests.
      case full
      /// What follows is not whole yet.
      case incomplete
      /// What follows is no request.
      case fault(RESPFault)
    }

    var count = 0
    var position: Int
    var end = End.full
  }

  /// Parses and prepares as many requests as a batch holds.
  ///
  /// A client that has yet to authenticate is held to smaller requests, so that each of its requests is a batch; and an
  /// inline request is one, since its words are decoded in place.
  private mutating func parseBatch(_ slot: Int, from position: Int) -> ParsedBatch {
    let isAuthenticated = !executor.clients[slot].flags.contains(.mustAuthenticate)
    var parsed = ParsedBatch(position: position)
    let limit = isAuthenticated && !mayBeInline(at: position) ? ReactorLimits.requestsPerBatchMax : 1
    while parsed.count < limit {
      if parsed.count > 0, mayBeInline(at: parsed.position) { break }
      let result = RESPParser.next(
        in: &received, at: &parsed.position, state: &connections[slot].resp, words: &batch[parsed.count],
        limits: limits, isAuthenticated: isAuthenticated)
      switch result {
      case .request:
        prepared[parsed.count] = executor.prepare(batch[parsed.count], of: received)
        ends[parsed.count] = parsed.position
        parsed.count += 1
        continue
      case .incomplete: parsed.end = .incomplete
      case .fault(let fault): parsed.end = .fault(fault)
      }
      break
    }
    if parsed.count > 1 {
      for index in 0..<parsed.count { executor.fetchEntry(prepared[index]) }
    }
    return parsed
  }

  // MARK: - One request

  /// Executes one parsed request, and does what its outcome asks for.
  private mutating func execute(_ index: Int, _ request: PreparedRequest, of slot: Int) -> Continuation {
    guard executor.isTimed(request) else {
      let outcome = executor.execute(batch, index, of: received, request)
      return outcome == .replied ? .next : settle(outcome, slot)
    }
    let start = platform.monotonicNanoseconds()
    let outcome = executor.execute(batch, index, of: received, request)
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
    case .listing(let listing):
      connections[slot].flags.insert(.isListing)
      connections[slot].listing = listing
      return .stop
    case .transaction:
      runTransaction(slot)
      return connections[slot].flags.contains(.isClosing) ? .stop : .next
    case .asks: return perform(slot)
    case .paused:
      fallAsleep(slot, until: nil, isReplyWanted: false)
      return .again
    }
  }

  /// Executes what EXEC has begun to its end, whatever else waits: nobody sees half of a transaction.
  private mutating func runTransaction(_ slot: Int) {
    var requests = ByteBuffer()
    var words = RangeList()
    while executor.nextQueued(&words, &requests) {
      let outcome = executor.execute(words, of: requests, executor.prepare(words, of: requests))
      switch outcome {
      case .replied: continue
      case .closing: connections[slot].flags.insert(.isClosing)
      case .listing(let listing):
        while executor.step(listing, buckets: .max, bytes: .max) == .running {}
      case .asks: _ = perform(slot, isInTransaction: true)
      case .transaction, .paused:
        preconditionFailure("these are not queued, and nothing is paused within a transaction")
      }
    }
    executor.endReply()
  }
}
