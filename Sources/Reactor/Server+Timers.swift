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
    rescheduleIfSet()
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

  /// Gives every connection a timer when an idle timeout is set while they are connected. O(connections), once.
  private mutating func rescheduleIfSet() {
    guard scheduledIdleTimeoutSeconds != executor.settings.idleTimeoutSeconds else { return }
    scheduledIdleTimeoutSeconds = executor.settings.idleTimeoutSeconds
    for slot in 0..<connections.touchedCount where connections[slot].flags.contains(.isOpen) { scheduleTimer(slot) }
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
      return milliseconds(ofTick: connection.lastProgress) + UInt64(executor.settings.stallTimeoutSeconds) * 1000
    }
    let idle = UInt64(executor.settings.idleTimeoutSeconds) * 1000
    guard idle > 0, !isBusy(slot) else { return nil }
    return milliseconds(ofTick: connection.lastActivity) + idle
  }

  /// Whether the server owes the client something, or the client only listens.
  private func isBusy(_ slot: Int) -> Bool {
    !connections[slot].flags.isDisjoint(with: [.isReplying, .hasRequests, .isAsleep, .isGated])
      || executor.clients[slot].flags.contains(.isSubscriber)
  }

  /// The loop's milliseconds at which a tick ended, so that a deadline counted from it is never early.
  private func milliseconds(ofTick tick: UInt32) -> UInt64 {
    let ago = UInt64(self.tick &- tick)
    return (clock.milliseconds / TimerWheel.tickMilliseconds - ago + 1) * TimerWheel.tickMilliseconds
  }
}
