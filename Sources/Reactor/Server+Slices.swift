import Commands

// Work that was put off so that others have their turn: requests beyond a connection's slice, and listings.

extension Server where P: ~Copyable {
  /// Runs some slices of the connections in the run queue, in order.
  mutating func runSlices() {
    for _ in 0..<ReactorLimits.slicesPerTurnMax {
      guard let slot = connections.dequeue() else { return }
      let flags = connections[slot].flags
      if flags.contains(.isListing) {
        stepListing(slot)
      } else if flags.contains(.hasRequests) {
        executeKept(slot)
      } else if flags.contains(.isDraining), !flags.contains(.endOfInput) {
        receiveAndExecute(slot)
      }
    }
  }

  private mutating func stepListing(_ slot: Int) {
    let start = executor.replies.buffer.count
    executor.select(slot)
    let progress = executor.step(
      connections[slot].listing, buckets: ReactorLimits.listingBucketsPerSlice,
      bytes: ReactorLimits.listingBytesPerSlice)
    switch progress {
    case .running: break
    case .ended: connections[slot].flags.remove(.isListing)
    case .lost:
      connections[slot].flags.remove(.isListing)
      log.warning(
        "closed a connection that took its LIST too slowly while keys changed",
        metadata: ["peer": "\(platform.peerName(of: connections[slot].socket))"])
      close(slot)
      return
    }
    post(slot, from: start)
  }
}
