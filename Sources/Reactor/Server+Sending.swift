import Bytes
import LinuxIO

// From the replies to the sockets: one send a connection and turn; what a socket does not take is kept with its
// connection and sent when there is room.

/// Whose a part of the turn's replies is; it may be empty.
struct Outgoing {
  let token: ConnectionToken
  let offset: Int
  let count: Int
  let kind: Kind
  /// The frame of the journal that has to be safe before it is sent; 0: none.
  var gate: UInt64 = 0

  enum Kind {
    /// Replies, more of which follow in another part.
    case replies
    /// The last of the replies: how the connection goes on is settled behind it.
    case lastReplies
    /// A message, which answers no request of its client.
    case message
    /// A message that its client may not be sent, for it is longer than what may wait for it.
    case tooMuch

    var isReplies: Bool { self == .replies || self == .lastReplies }
  }
}

extension Server where P: ~Copyable {
  /// Bytes that the connection's socket has not taken yet.
  func unsentBytes(_ slot: Int) -> Int {
    let kept = connections[slot].output
    guard kept != .none else { return 0 }
    return buffers[kept].count - Int(connections[slot].outputTaken)
  }

  /// Notes whose the replies from `start` on are: the connection's, but for messages in between to others.
  mutating func post(_ slot: Int, from start: Int) {
    var own = start
    let token = connections.token(of: slot)
    if !executor.deliveries.isEmpty {
      for delivery in executor.deliveries {
        if delivery.offset >= own {
          noteWritten(own..<delivery.offset, for: slot, isMessage: false)
          postOwn(token, from: own, to: delivery.offset, .replies)
          own = delivery.offset + delivery.count
        }
        post(delivery)
      }
      executor.deliveries.removeAll(keepingCapacity: true)
    }
    noteWritten(own..<executor.replies.buffer.count, for: slot, isMessage: false)
    postOwn(token, from: own, to: executor.replies.buffer.count, .lastReplies)
  }

  mutating func noteWritten(_ part: Range<Int>, for slot: Int, isMessage: Bool) {
    platform.noteWritten(executor.replies.buffer, part, to: connections[slot].socket, isMessage: isMessage)
  }

  /// Sends those of the turn's replies that may go, and settles how each connection goes on.
  mutating func flush() {
    guard !outbox.isEmpty else { return }
    var outgoing: [Outgoing] = []
    swap(&outgoing, &outbox)
    deliver(outgoing)
    outgoing.removeAll(keepingCapacity: true)
    swap(&outgoing, &outbox)
    executor.replies.buffer.removeAll(keepingCapacity: ReactorLimits.keptOutputBlockBytesMax)
    offerMessages()
  }

  /// Sends or holds parts of the replies; those that were held and are released are sent.
  mutating func deliver(_ parts: [Outgoing], areReleased: Bool = false) {
    for index in parts.indices {
      let outgoing = parts[index]
      guard connections.isCurrent(outgoing.token) else { continue }
      if !areReleased, journal.isOn, holdIfGated(outgoing) { continue }
      let slot = outgoing.token.slot
      switch outgoing.kind {
      case .message:
        executor.statistics.sentBytes &+= UInt64(outgoing.count)
        if outgoing.count > 0 { keep(outgoing, from: 0, of: slot) }
        closeIfTooFarBehind(slot)
      case .tooMuch: closeSubscriber(slot, unsent: unsentBytes(slot))
      case .replies:
        if outgoing.count > 0 { _ = send(outgoing, of: slot) }
      case .lastReplies:
        guard outgoing.count == 0 || send(outgoing, of: slot) else { continue }
        if !isFollowed(index, in: parts) { settle(slot) }
      }
    }
  }

  /// Whether a connection that is about to end has been answered once more in the same turn: a stopping server reads
  /// what has arrived in the turn in which it is told, and who was woken may have something to read too.
  private func isFollowed(_ index: Int, in parts: [Outgoing]) -> Bool {
    let token = parts[index].token
    guard !connections[token.slot].flags.isDisjoint(with: [.endOfInput, .isClosing]) else { return false }
    return parts[(index + 1)...].contains { $0.token.rawValue == token.rawValue && $0.kind.isReplies }
  }

  /// Returns whether the connection still stands.
  private mutating func send(_ outgoing: Outgoing, of slot: Int) -> Bool {
    executor.statistics.sentBytes &+= UInt64(outgoing.count)
    guard connections[slot].output == .none else {
      keep(outgoing, from: 0, of: slot)
      return true
    }
    var taken = 0
    let end = outgoing.offset + outgoing.count
    switch platform.send(to: connections[slot].socket, executor.replies.buffer, outgoing.offset..<end) {
    case .bytes(let count): taken = count
    case .wouldBlock: break
    case .broken(let error):
      log.debug("connection lost", metadata: ["cause": "\(error)"])
      close(slot)
      return false
    }
    if taken < outgoing.count { keep(outgoing, from: taken, of: slot) }
    return true
  }

  /// Keeps a part of the replies with its connection, from an offset within the part on.
  private mutating func keep(_ outgoing: Outgoing, from taken: Int, of slot: Int) {
    if connections[slot].output == .none {
      connections[slot].output = buffers.acquire(for: outgoing.count - taken)
      connections[slot].outputTaken = 0
      connections[slot].lastProgress = tick
      if outgoing.kind == .message {
        connections[slot].flags.insert(.isUnoffered)
        unoffered.append(outgoing.token)
      }
    }
    let part = outgoing.offset + taken..<outgoing.offset + outgoing.count
    buffers[connections[slot].output].append(executor.replies.buffer, part)
  }

  /// Sends what was kept, once.
  mutating func sendKept(_ slot: Int) {
    let kept = connections[slot].output
    guard kept != .none else { return }
    let taken = Int(connections[slot].outputTaken)
    switch platform.send(to: connections[slot].socket, buffers, kept, from: taken) {
    case .wouldBlock: break
    case .broken(let error):
      log.debug("connection lost", metadata: ["cause": "\(error)"])
      close(slot)
      return
    case .bytes(let count):
      touch(slot)
      connections[slot].lastProgress = tick
      noteTaken(taken + count, of: slot)
    }
    settle(slot)
  }

  /// Notes that so many bytes of the kept output have been taken in all, and gives back the memory that they held.
  private mutating func noteTaken(_ taken: Int, of slot: Int) {
    let kept = connections[slot].output
    if taken == buffers[kept].count {
      buffers.release(kept)
      connections[slot].output = .none
      connections[slot].outputTaken = 0
    } else if taken > ReactorLimits.takenBytesMax, taken > min(buffers[kept].count / 2, ReactorLimits.takenOffsetMax) {
      buffers[kept].removePrefix(taken)
      connections[slot].outputTaken = 0
    } else {
      connections[slot].outputTaken = UInt32(taken)
    }
  }

  /// Decides how a connection goes on after its state has changed: run, wait, linger or close.
  mutating func settle(_ slot: Int) {
    let flags = connections[slot].flags
    let unsent = unsentBytes(slot)
    if !flags.isDisjoint(with: .isGated) {
      // It goes on once what is held for it is sent.
    } else if unsent < ReactorLimits.unsentBytesHigh, flags.contains(.isReplying) || canExecute(flags) {
      connections.enqueue(slot)
    } else if unsent == 0, !flags.contains(.isAsleep), flags.contains(.isClosing) || flags.contains(.endOfInput) {
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
    flags.contains(.hasRequests) && flags.isDisjoint(with: [.isClosing, .isAsleep])
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
    executor.retireClient(slot)
    platform.shutDownWriting(connections[slot].socket)
    connections[slot].flags.insert(.isLingering)
    connections[slot].lastProgress = tick
    setInterest(slot, .readable)
    scheduleTimer(slot)
  }

  /// Closes a connection and gives back all that it holds.
  mutating func close(_ slot: Int) {
    let connection = connections[slot]
    if connection.flags.contains(.isReplying) { executor.end(connection.longReply) }
    dropPostponedMessages(of: slot)
    if connection.input != .none { buffers.release(connection.input) }
    if connection.output != .none { buffers.release(connection.output) }
    // What it held may be long in going back, and this turn's work in the background may be done.
    if connection.flags.contains(.isReplying) || connection.input != .none || connection.output != .none {
      hasBackgroundWork = true
    }
    timers.cancel(slot)
    executor.closeClient(slot)
    connections.close(slot)
    platform.close(connection.socket)
  }
}
