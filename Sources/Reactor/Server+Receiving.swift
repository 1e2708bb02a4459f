import Bytes
import Commands
import Wire

// From the socket to the replies: one receive a connection and turn into the shared buffer, requests parsed in place
// and executed, what is left kept with the connection.
//
// A small rest is copied in front of what comes next. A large one (part of a long line) becomes the buffer that is
// received into, by swapping, so that a line of n bytes is not copied over and over.

extension Server where P: ~Copyable {
  /// Whether nothing may be received for `slot` now.
  func isHeldBack(_ slot: Int) -> Bool {
    let holding: Connection.Flags = [.hasRequests, .isReplying, .endOfInput, .isClosing, .isAsleep, .isGated]
    return !connections[slot].flags.isDisjoint(with: holding)
      || unsentBytes(slot) >= ReactorLimits.unsentBytesHigh
  }

  /// Receives once, and executes what is whole.
  mutating func receiveAndExecute(_ slot: Int) {
    let isSwapped = takeUpInput(slot)
    guard receive(from: slot) else {
      layDownInput(slot, from: received.count, isSwapped: isSwapped)
      close(slot)
      return
    }
    executeReceived(slot, isSwapped: isSwapped)
  }

  /// Receives once, behind what `received` holds; returns whether the connection still stands.
  mutating func receive(from slot: Int) -> Bool {
    switch platform.receive(from: connections[slot].socket, into: &received) {
    case .bytes(let count):
      touch(slot)
      executor.statistics.receivedBytes &+= UInt64(count)
      if count < ReactorLimits.receiveBytes, connections[slot].flags.contains(.isDraining) {
        connections[slot].flags.insert(.endOfInput)
      }
    case .wouldBlock:
      if connections[slot].flags.contains(.isDraining) { stopExpecting(slot) }
    case .endOfStream:
      connections[slot].flags.insert(.endOfInput)
    case .broken(let error):
      log.debug("connection lost", metadata: ["cause": "\(error)"])
      return false
    }
    return true
  }

  /// Notes that a client has sent nothing more by the time the server stops, so that nothing of its is under way.
  private mutating func stopExpecting(_ slot: Int) {
    connections[slot].flags.insert(.endOfInput)
    connections[slot].flags.remove(.isDraining)
  }

  /// Executes requests that were put off.
  mutating func executeKept(_ slot: Int) {
    executeReceived(slot, isSwapped: takeUpInput(slot))
  }

  /// Executes what `received` holds, which is all this connection's.
  mutating func executeReceived(_ slot: Int, isSwapped: Bool) {
    let start = executor.replies.buffer.count
    if connections[slot].flags.contains(.isUndecided), !received.isEmpty { decideDialect(slot) }
    executor.select(slot)
    let position = executor.clients[slot].dialect == .line ? executeLines(slot) : executeRESP(slot)
    var flags = connections[slot].flags.subtracting(.sendsSingly)
    if batch.count == 1, position == received.count { flags.insert(.sendsSingly) }
    connections[slot].flags = flags
    let isClosing = flags.contains(.isClosing)
    layDownInput(slot, from: isClosing ? received.count : position, isSwapped: isSwapped)
    post(slot, from: start)
  }

  /// The first byte chooses, for good.
  private mutating func decideDialect(_ slot: Int) {
    connections[slot].flags.remove(.isUndecided)
    executor.clients[slot].dialect = Dialect.opening(with: received.span[0])
  }

  mutating func refuse(_ refusal: Refusal, of slot: Int) {
    connections[slot].flags.insert(.isClosing)
    executor.replies.refusal(refusal)
    if let count = foreignProtocols.next(at: clock.milliseconds) {
      log.warning(
        "closed a connection that opened in another protocol",
        metadata: [
          "protocol": "\(refusal)", "peer": "\(platform.peerName(of: connections[slot].socket))",
          "refused": "\(count)",
        ])
    }
  }

  /// Puts what is kept of the connection's input at the start of `received`; returns whether by swapping buffers.
  private mutating func takeUpInput(_ slot: Int) -> Bool {
    let kept = connections[slot].input
    guard kept != .none else { return false }
    if buffers[kept].count > ReactorLimits.copiedInputBytesMax {
      swap(&received, &buffers[kept])
      return true
    }
    buffers.copy(kept, to: &received)
    buffers.release(kept)
    connections[slot].input = .none
    return false
  }

  /// Keeps what `received` holds from `position` on, and leaves `received` the empty shared buffer.
  private mutating func layDownInput(_ slot: Int, from position: Int, isSwapped: Bool) {
    let rest = received.count - position
    if isSwapped {
      received.removePrefix(position)
      swap(&received, &buffers[connections[slot].input])
      if rest == 0 {
        buffers.release(connections[slot].input)
        connections[slot].input = .none
      }
    } else if rest > 0 {
      let kept = buffers.acquire()
      buffers[kept].append(received, position..<received.count)
      connections[slot].input = kept
    }
    if rest == 0 { connections[slot].flags.remove(.hasRequests) }
    received.removeAll()
  }

  /// Receives and forgets, once, from a connection that only waits for its client to close.
  mutating func discardReceived(_ slot: Int) {
    let result = platform.receive(from: connections[slot].socket, into: &received)
    received.removeAll()
    switch result {
    case .bytes, .wouldBlock: break
    case .endOfStream, .broken: close(slot)
    }
  }
}
