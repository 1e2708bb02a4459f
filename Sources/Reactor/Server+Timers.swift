// Deadlines: of clients that send nothing, of clients that take nothing, of those that are only waited for.

extension Server where P: ~Copyable {
  /// The loop's time in ticks of the timer wheel, as connections keep it; wraps after 17 years.
  var tick: UInt32 { UInt32(truncatingIfNeeded: clock.milliseconds / TimerWheel.tickMilliseconds) }

  /// Notes that the client has done something.
  mutating func touch(_ slot: Int) { connections[slot].lastActivity = tick }

  /// Makes sure that the connection is looked at when its next deadline comes.
  mutating func scheduleTimer(_ slot: Int) {
    if let deadline = deadline(of: slot) { timers.schedule(slot, at: deadline) }
  }

  mutating func fireTimers() {
    resumeAcceptingIfDue()
    for _ in 0..<ReactorLimits.timersPerTurnMax {
      guard let slot = timers.next(by: clock.milliseconds) else { return }
      guard let deadline = deadline(of: slot) else { continue }
      if deadline > clock.milliseconds {
        timers.schedule(slot, at: deadline)
      } else {
        expire(slot)
      }
    }
  }

  private mutating func expire(_ slot: Int) {
    let connection = connections[slot]
    if !connection.flags.contains(.isLingering) {
      log.info(
        "closed a connection at its deadline",
        metadata: [
          "cause": connection.output == .none ? "sent nothing" : "took nothing",
          "peer": "\(platform.peerName(of: connection.socket))",
        ])
    }
    close(slot)
  }

  /// When the connection is to be closed if nothing happens, in the loop's milliseconds; nil: never.
  private func deadline(of slot: Int) -> UInt64? {
    let connection = connections[slot]
    if connection.flags.contains(.isLingering) {
      return milliseconds(ofTick: connection.lastProgress) + ReactorLimits.lingerMilliseconds
    }
    if connection.output != .none {
      return milliseconds(ofTick: connection.lastProgress) + configuration.stallTimeoutMilliseconds
    }
    guard let idle = configuration.idleTimeoutMilliseconds, !isBusy(connection) else { return nil }
    return milliseconds(ofTick: connection.lastActivity) + idle
  }

  private func isBusy(_ connection: Connection) -> Bool {
    !connection.flags.isDisjoint(with: [.isListing, .hasRequests])
  }

  /// The loop's milliseconds at which a tick ended, so that a deadline counted from it is never early.
  private func milliseconds(ofTick tick: UInt32) -> UInt64 {
    let ago = UInt64(self.tick &- tick)
    return (clock.milliseconds / TimerWheel.tickMilliseconds - ago + 1) * TimerWheel.tickMilliseconds
  }
}
