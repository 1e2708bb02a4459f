import Bytes
import Commands

// Messages to subscribers. They stand behind what else is for a connection at that moment, between two replies. Within
// a reply that takes many turns there is no place for them: they are kept apart until it is complete.

/// Messages for a connection whose reply is not complete.
struct PostponedMessages {
  let buffer: BufferID
  /// The frame of the journal that has to be safe before they are sent; 0: none.
  var gate: UInt64
}

extension Server where P: ~Copyable {
  /// Notes whose a message among the turn's replies is.
  mutating func post(_ delivery: Delivery) {
    let target = connections.token(of: delivery.slot)
    let part = delivery.offset..<delivery.offset + delivery.count
    // A message that was published behind a change tells of it.
    let gate = delivery.offset >= executor.gateOffset ? executor.gate : 0
    if delivery.isTooMuch {
      outbox.append(Outgoing(token: target, offset: part.lowerBound, count: 0, kind: .tooMuch))
    } else if connections[delivery.slot].flags.contains(.isReplying) {
      postpone(part, gate: gate, for: delivery.slot)
      // Nothing, but that it is seen whether the connection has come too far behind.
      outbox.append(Outgoing(token: target, offset: part.lowerBound, count: 0, kind: .message))
    } else {
      noteWritten(part, for: delivery.slot, isMessage: true)
      outbox.append(Outgoing(token: target, offset: part.lowerBound, count: part.count, kind: .message, gate: gate))
    }
  }

  private mutating func postpone(_ part: Range<Int>, gate: UInt64, for slot: Int) {
    var messages = postponedMessages[slot] ?? PostponedMessages(buffer: buffers.acquire(), gate: 0)
    messages.gate = max(messages.gate, gate)
    buffers[messages.buffer].append(executor.replies.buffer, part)
    postponedMessages[slot] = messages
  }

  /// Posts the messages that were kept apart while a reply was not complete; it is now.
  mutating func postPostponedMessages(of slot: Int) {
    guard let messages = postponedMessages.removeValue(forKey: slot) else { return }
    let start = executor.replies.buffer.count
    buffers.copy(messages.buffer, to: &executor.replies.buffer)
    buffers.release(messages.buffer)
    let part = start..<executor.replies.buffer.count
    noteWritten(part, for: slot, isMessage: true)
    let token = connections.token(of: slot)
    outbox.append(Outgoing(token: token, offset: start, count: part.count, kind: .message, gate: messages.gate))
  }

  /// Forgets messages for a connection that is closed: they are nothing to the next one in its place.
  mutating func dropPostponedMessages(of slot: Int) {
    guard !postponedMessages.isEmpty, let messages = postponedMessages.removeValue(forKey: slot) else { return }
    buffers.release(messages.buffer)
  }

  /// Closes a subscriber for which more waits than it may.
  mutating func closeIfTooFarBehind(_ slot: Int) {
    let unsent = unsentBytes(slot) + (postponedMessages[slot].map { buffers[$0.buffer].count } ?? 0)
    if unsent > executor.settings.subscriberOutputBytesMax { closeSubscriber(slot, unsent: unsent) }
  }

  mutating func closeSubscriber(_ slot: Int, unsent: Int) {
    log.warning(
      "closed a subscriber that does not take its messages",
      metadata: ["peer": "\(platform.peerName(of: connections[slot].socket))", "unsent-bytes": "\(unsent)"])
    close(slot)
  }

  /// Sends messages to those that nothing else was pending for.
  mutating func offerMessages() {
    guard !unoffered.isEmpty else { return }
    for index in unoffered.indices {
      let token = unoffered[index]
      guard connections.isCurrent(token), connections[token.slot].flags.contains(.isUnoffered) else { continue }
      connections[token.slot].flags.remove(.isUnoffered)
      sendKept(token.slot)
    }
    unoffered.removeAll(keepingCapacity: true)
  }
}
