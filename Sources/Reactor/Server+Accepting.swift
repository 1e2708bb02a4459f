import Bytes
import LinuxIO
import Wire

// New clients: taken in batches, refused politely beyond the limit, left waiting while there are no descriptors.

extension Server where P: ~Copyable {
  mutating func acceptConnections(from index: Int) {
    guard index < listeners.count, acceptResumes == nil else { return }
    for _ in 0..<ReactorLimits.acceptsPerTurnMax {
      switch platform.accept(from: listeners[index]) {
      case .connection(let socket): admit(socket, dialect: listenerDialects[index])
      case .aborted: continue
      case .nothingWaiting: return
      case .exhausted(let error):
        pauseAccepting(error)
        return
      }
    }
  }

  private mutating func admit(_ socket: Descriptor, dialect: Dialect?) {
    guard let slot = connections.open(socket) else {
      refuse(socket)
      return
    }
    let token = connections.token(of: slot).rawValue
    do throws(SystemCallError) {
      try platform.watch(socket, token: token, interest: .readable)
    } catch {
      log.error("the kernel cannot watch one more connection", metadata: ["cause": "\(error)"])
      connections.close(slot)
      platform.close(socket)
      return
    }
    connections[slot].interest = .readable
    switch dialect {
    case nil: connections[slot].flags.insert(.isUndecided)
    case .line: connections[slot].flags.insert(.isPinnedToLines)
    case .resp2, .resp3: break
    }
    executor.openClient(slot, dialect: dialect ?? .line)
    touch(slot)
    scheduleTimer(slot)
  }

  private mutating func refuse(_ socket: Descriptor) {
    executor.statistics.refusedConnections += 1
    let line: StaticString = "-ERR max number of clients reached\r\n"
    var message = ByteBuffer(capacity: line.utf8CodeUnitCount)
    message.append(line)
    _ = platform.send(to: socket, message, 0..<message.count)
    platform.close(socket)
    if let count = fullHouse.next(at: clock.milliseconds) {
      log.warning(
        "refused a client: all connections are in use",
        metadata: ["connections": "\(connections.capacity)", "refused": "\(count)"])
    }
  }

  /// Stops asking for new clients for a while: the kernel keeps them waiting, and the loop does not spin on them.
  private mutating func pauseAccepting(_ error: SystemCallError) {
    acceptResumes = clock.milliseconds + ReactorLimits.acceptPauseMilliseconds
    watchListeners(for: [])
    if let count = exhaustion.next(at: clock.milliseconds) {
      log.error(
        "cannot accept: new clients wait until others leave",
        metadata: ["cause": "\(error)", "connections": "\(connections.openCount)", "times": "\(count)"])
    }
  }

  mutating func resumeAcceptingIfDue() {
    guard let due = acceptResumes, clock.milliseconds >= due else { return }
    acceptResumes = nil
    watchListeners(for: .readable)
  }

  private mutating func watchListeners(for interest: Interest) {
    for index in listeners.indices {
      platform.rewatch(listeners[index].descriptor, token: EventSource.listener(index).token, interest: interest)
    }
  }
}

/// Keeps the log from being filled by clients: lets one line an interval through, and counts the others.
struct RefusalLog {
  private var nextLine: UInt64 = 0
  private var count = 0

  /// Counts one refusal; returns how many there were since the last line if it is time for one.
  mutating func next(at milliseconds: UInt64) -> Int? {
    count += 1
    guard milliseconds >= nextLine else { return nil }
    nextLine = milliseconds + ReactorLimits.refusalLogIntervalMilliseconds
    defer { count = 0 }
    return count
  }
}
