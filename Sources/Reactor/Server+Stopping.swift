// An orderly end: no new clients, everything that has arrived is executed and answered, then each connection is closed;
// what takes longer than its deadline is cut off. A second signal ends the server at once.

extension Server where P: ~Copyable {
  mutating func takeSignals() {
    while let signal = platform.nextSignal() {
      if stopDeadline != nil {
        log.notice("stopped at once: a second signal", metadata: ["signal": "\(signal)"])
        stopAtOnce(.interrupted)
        return
      }
      log.notice(
        "stopping: answering what has arrived",
        metadata: ["signal": "\(signal)", "connections": "\(connections.openCount)"])
      beginStopping()
    }
  }

  /// Ends the server with this turn, whatever is left to answer.
  mutating func stopAtOnce(_ status: ExitStatus) {
    exitStatus = status
    closeListeners()
  }

  mutating func beginStopping() {
    guard stopDeadline == nil else { return }
    stopDeadline = clock.milliseconds + ReactorLimits.stopMilliseconds
    acceptResumes = nil
    closeListeners()
    for slot in 0..<connections.touchedCount {
      let flags = connections[slot].flags
      guard flags.contains(.isOpen), !flags.contains(.isLingering) else { continue }
      connections[slot].flags.insert(.isDraining)
      connections.enqueue(slot)
    }
  }

  /// Ends the server when the last connection is closed, or the deadline has come.
  mutating func continueStopping() {
    guard exitStatus == nil, let stopDeadline else { return }
    if connections.openCount > 0, clock.milliseconds < stopDeadline { return }
    if journal.isOn, journal.progress != .done { return }
    if connections.openCount > 0 {
      log.warning("stopped with connections open", metadata: ["connections": "\(connections.openCount)"])
    } else {
      log.notice("stopped: everything that had arrived is answered")
    }
    exitStatus = .finished
  }
}
