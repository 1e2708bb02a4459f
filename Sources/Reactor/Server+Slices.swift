import Commands

// Work that was put off so that others have their turn: requests beyond a connection's slice, and replies that take
// many turns.

extension Server where P: ~Copyable {
  /// Runs some slices of the connections in the run queue, in order.
  mutating func runSlices() {
    guard connections.queuedCount > 0 else { return }
    let deadline = platform.monotonicNanoseconds() + ReactorLimits.slicesNanosecondsMax
    for _ in 0..<configuration.turn.slicesPerTurnMax {
      guard let slot = connections.dequeue() else { return }
      let flags = connections[slot].flags
      if !flags.isDisjoint(with: [.isAsleep, .isGated]) {
        continue
      } else if flags.contains(.isReplying) {
        stepLongReply(slot)
      } else if flags.contains(.hasRequests), !flags.contains(.isClosing) {
        executeKept(slot)
      } else if flags.contains(.isDraining), flags.isDisjoint(with: [.endOfInput, .isClosing]) {
        receiveAndExecute(slot)
      }
      if executor.replies.buffer.count >= configuration.turn.turnOutputBytesHigh { flush() }
      if platform.monotonicNanoseconds() >= deadline { return }
    }
  }

  private mutating func stepLongReply(_ slot: Int) {
    let start = executor.replies.buffer.count
    executor.select(slot)
    let progress = executor.step(
      connections[slot].longReply, buckets: configuration.turn.listingBucketsPerSlice,
      bytes: configuration.turn.longReplyBytesPerSlice)
    switch progress {
    case .running: break
    case .ended: connections[slot].flags.remove(.isReplying)
    case .lost:
      connections[slot].flags.remove(.isReplying)
      log.warning(
        "closed a connection that took its list of keys too slowly while keys changed",
        metadata: ["peer": "\(platform.peerName(of: connections[slot].socket))"])
      close(slot)
      return
    }
    post(slot, from: start)
    if progress == .ended { postPostponedMessages(of: slot) }
  }
}
