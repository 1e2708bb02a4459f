import Bytes
import LinuxIO

// From the replies to the sockets: one send a connection and turn; what a socket does not take is kept with its
// connection and sent when there is room.

/// Whose a part of the turn's replies is; it may be empty.
struct Outgoing {
  let token: ConnectionToken
  let offset: Int
  let count: Int
}

extension Server where P: ~Copyable {
  /// Bytes that the connection's socket has not taken yet.
  func unsentBytes(_ slot: Int) -> Int {
    let kept = connections[slot].output
    guard kept != .none else { return 0 }
    return buffers[kept].count - Int(connections[slot].outputTaken)
  }

  /// Sends the turn's replies and settles how each connection goes on.
  mutating func flush() {
    guard !outbox.isEmpty else { return }
    for index in outbox.indices {
      let outgoing = outbox[index]
      guard connections.isCurrent(outgoing.token) else { continue }
      let slot = outgoing.token.slot
      if outgoing.count == 0 || send(outgoing, of: slot) { settle(slot) }
    }
    outbox.removeAll(keepingCapacity: true)
    executor.replies.buffer.removeAll(keepingCapacity: ReactorLimits.turnOutputBytesHigh)
  }

  /// Returns whether the connection still stands.
  private mutating func send(_ outgoing: Outgoing, of slot: Int) -> Bool {
    let end = outgoing.offset + outgoing.count
    guard connections[slot].output == .none else {
      buffers[connections[slot].output].append(executor.replies.buffer, outgoing.offset..<end)
      return true
    }
    var taken = 0
    switch platform.send(to: connections[slot].socket, executor.replies.buffer, outgoing.offset..<end) {
    case .bytes(let count): taken = count
    case .wouldBlock: break
    case .broken(let error):
      log.debug("connection lost", metadata: ["cause": "\(error)"])
      close(slot)
      return false
    }
    guard taken < outgoing.count else { return true }
    let kept = buffers.acquire()
    buffers[kept].append(executor.replies.buffer, outgoing.offset + taken..<end)
    connections[slot].output = kept
    connections[slot].outputTaken = 0
    connections[slot].lastProgress = tick
    return true
  }

  /// Sends what was kept, once.
  mutating func sendKept(_ slot: Int) {
    let kept = connections[slot].output
    guard kept != .none else { return }
    let taken = Int(connections[slot].outputTaken)
    switch platform.send(to: connections[slot].socket, buffers, kept, from: taken) {
    case .wouldBlock: return
    case .broken(let error):
      log.debug("connection lost", metadata: ["cause": "\(error)"])
      close(slot)
      return
    case .bytes(let count):
      touch(slot)
      connections[slot].lastProgress = tick
      if taken + count == buffers[kept].count {
        buffers.release(kept)
        connections[slot].output = .none
        connections[slot].outputTaken = 0
      } else {
        connections[slot].outputTaken += UInt32(count)
      }
    }
    settle(slot)
  }

  /// Decides how a connection goes on after its state has changed: run, wait, linger or close.
  mutating func settle(_ slot: Int) {
    let flags = connections[slot].flags
    let unsent = unsentBytes(slot)
    if unsent < ReactorLimits.unsentBytesHigh, flags.contains(.isListing) || canExecute(flags) {
      connections.enqueue(slot)
    } else if unsent == 0, flags.contains(.isClosing) || flags.contains(.endOfInput) {
      finish(slot)
      return
    } else if unsent == 0, flags.contains(.isDraining) {
      connections.enqueue(slot)
    }
    var interest = connections[slot].interest
    if unsent > 0 { interest.insert(.writable) } else { interest.remove(.writable) }
    if !isHeldBack(slot) { interest.insert(.readable) }
    setInterest(slot, interest)
    scheduleTimer(slot)
  }

  private func canExecute(_ flags: Connection.Flags) -> Bool {
    flags.contains(.hasRequests) && !flags.contains(.isClosing)
  }

  mutating func setInterest(_ slot: Int, _ interest: Interest) {
    guard interest != connections[slot].interest else { return }
    connections[slot].interest = interest
    platform.rewatch(connections[slot].socket, token: connections.token(of: slot).rawValue, interest: interest)
  }

  /// Ends a connection that has been sent everything: at once if its client has closed its side or owes nothing, else
  /// after lingering.
  private mutating func finish(_ slot: Int) {
    let flags = connections[slot].flags
    guard !flags.contains(.endOfInput) || flags.contains(.isDraining) else {
      close(slot)
      return
    }
    platform.shutDownWriting(connections[slot].socket)
    connections[slot].flags.insert(.isLingering)
    connections[slot].lastProgress = tick
    setInterest(slot, .readable)
    scheduleTimer(slot)
  }

  /// Closes a connection and gives back all that it holds.
  mutating func close(_ slot: Int) {
    let connection = connections[slot]
    if connection.flags.contains(.isListing) { executor.end(connection.listing) }
    if connection.input != .none { buffers.release(connection.input) }
    if connection.output != .none { buffers.release(connection.output) }
    timers.cancel(slot)
    connections.close(slot)
    platform.close(connection.socket)
  }
}
