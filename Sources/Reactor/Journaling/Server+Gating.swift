import Bytes

// Replies that tell of a change which is not safe yet are held until it is; all others go at once. A connection whose
// replies are held executes nothing more meanwhile, so that its replies keep their order, and what it may have held is
// bounded by a turn's slice.

extension Server where P: ~Copyable {
  /// Notes whose a part of the turn's replies is; splits it where the first reply begins that has to wait.
  mutating func postOwn(_ token: ConnectionToken, from start: Int, to end: Int, _ kind: Outgoing.Kind) {
    let gate = executor.gate
    let free = gate == 0 ? end : min(max(executor.gateOffset, start), end)
    // A reply that is still to be written, a listing's, has to wait too.
    let isGated = free < end || gate != 0 && kind == .lastReplies
    guard isGated else {
      outbox.append(Outgoing(token: token, offset: start, count: end - start, kind: kind))
      return
    }
    if free > start { outbox.append(Outgoing(token: token, offset: start, count: free - start, kind: .replies)) }
    outbox.append(Outgoing(token: token, offset: free, count: end - free, kind: kind, gate: gate))
  }

  /// Keeps a part of the turn's replies if it has to wait; returns whether it did.
  ///
  /// Whatever else is for a connection that waits stands behind what it waits for: a message, an answer that was slept
  /// for.
  mutating func holdIfGated(_ outgoing: Outgoing) -> Bool {
    let slot = outgoing.token.slot
    if outgoing.gate > safeThrough {
      connections[slot].flags.insert(.waits(for: outgoing.gate))
    } else if connections[slot].flags.isDisjoint(with: .isGated) {
      return false
    }
    if connections[slot].flags.contains(.waits(for: executor.frameAtHand)) {
      journal.heldForFilling.append(outgoing, of: executor.replies.buffer)
    } else {
      journal.heldForFrame.append(outgoing, of: executor.replies.buffer)
    }
    return true
  }

  /// Sends what was held for a frame that is safe now.
  mutating func releaseHeld(for frame: UInt64) {
    guard !journal.heldForFrame.isEmpty else { return }
    var held = HeldReplies()
    swap(&held, &journal.heldForFrame)
    for outgoing in held.outbox where connections.isCurrent(outgoing.token) {
      connections[outgoing.token.slot].flags.subtract(.waits(for: frame))
    }
    // What sends takes its bytes from the turn's replies.
    swap(&held.buffer, &executor.replies.buffer)
    deliver(held.outbox, areReleased: true)
    offerMessages()
    swap(&held.buffer, &executor.replies.buffer)
    held.removeAll()
    swap(&held, &journal.heldForFrame)
  }
}
