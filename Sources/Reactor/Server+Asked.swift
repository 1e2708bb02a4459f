import Bytes
import Commands
import LinuxIO

// What commands ask of the server: facts about the process, clients told about or closed, a rest, the end.

extension Server where P: ~Copyable {
  /// Does what the last command asked for, and writes its reply.
  mutating func perform(_ slot: Int, isInTransaction: Bool = false) -> Continuation {
    var continuation = Continuation.next
    switch executor.asked {
    case .none: break
    case .facts(let request): executor.answer(request, facts())
    case .describeSelf: describeClients([slot])
    case .listClients(let filter): describeClients(slots(matching: filter, asker: slot))
    case .killClients(let filter, let isOldForm):
      killClients(filter, isOldForm: isOldForm, asker: slot)
      if connections[slot].flags.contains(.isClosing) { continuation = .stop }
    case .shutDown(let isNow):
      log.notice(
        "stopping: a client said SHUTDOWN", metadata: ["peer": "\(platform.peerName(of: connections[slot].socket))"])
      connections[slot].flags.insert(.isClosing)
      beginStopping()
      if isNow { stopDeadline = clock.milliseconds }
      executor.endReply()
      return .stop
    case .sleep(let milliseconds):
      if isInTransaction {
        executor.replies.ok()
      } else {
        fallAsleep(slot, .at(clock.milliseconds + milliseconds), owesReply: executor.takeReplyWish())
        return .stop
      }
    case .compact(let request):
      guard let answer = compact(for: request) else {
        let count = compaction.completedCount + 1
        fallAsleep(slot, .compacted(count: count), owesReply: executor.takeReplyWish())
        return .stop
      }
      executor.answer(request, answer)
    }
    if !isInTransaction { executor.endReply() }
    return continuation
  }

  private mutating func facts() -> ServerFacts {
    let process = platform.processFacts()
    var facts = ServerFacts()
    facts.processID = process.processID
    facts.residentBytes = process.residentBytes
    facts.residentBytesPeak = process.residentBytesPeak
    facts.machineBytes = process.machineBytes
    facts.userMicroseconds = process.userMicroseconds
    facts.kernelMicroseconds = process.kernelMicroseconds
    facts.operatingSystem = Array(process.operatingSystem.utf8)
    facts.uptimeMilliseconds = clock.milliseconds
    facts.connectionsMax = connections.capacity
    facts.waitingCount = sleepers.count
    facts.bufferCount = buffers.inUse
    facts.logLevel = Array(log.logLevel.rawValue.utf8)
    facts.journal = journalFacts()
    var hosts: [String] = []
    for listener in listeners {
      guard case .tcp(let host, let port) = listener.address else { continue }
      hosts.append(host)
      if facts.tcpPort == 0 { facts.tcpPort = port }
    }
    facts.hosts = Array(hosts.joined(separator: " ").utf8)
    return facts
  }

  // MARK: - Clients

  private mutating func slots(matching filter: ClientFilter, asker: Int) -> [Int] {
    var found: [Int] = []
    for slot in 0..<connections.touchedCount
    where connections[slot].flags.contains(.isOpen) && !connections[slot].flags.contains(.isLingering) {
      if filter.skipsSelf, slot == asker { continue }
      guard executor.matches(slot, filter) else { continue }
      if let address = filter.address, address != Array(platform.peerName(of: connections[slot].socket).utf8) {
        continue
      }
      if let address = filter.localAddress, address != Array(platform.localName(of: connections[slot].socket).utf8) {
        continue
      }
      found.append(slot)
    }
    return found
  }

  private mutating func describeClients(_ slots: [Int]) {
    var text = ByteBuffer()
    for slot in slots {
      let connection = connections[slot]
      var facts = ConnectionFacts()
      facts.address = Array(platform.peerName(of: connection.socket).utf8)
      facts.localAddress = Array(platform.localName(of: connection.socket).utf8)
      facts.descriptor = connection.socket.rawValue
      facts.inputBytes = connection.input == .none ? 0 : buffers[connection.input].count
      facts.outputBytes = unsentBytes(slot)
      facts.isWritableAwaited = connection.interest.contains(.writable)
      executor.appendDescription(of: slot, facts, to: &text)
    }
    executor.replies.verbatim(text.span)
  }

  private mutating func killClients(_ filter: ClientFilter, isOldForm: Bool, asker: Int) {
    let slots = slots(matching: filter, asker: asker)
    if isOldForm {
      if slots.isEmpty { executor.replies.error("ERR", "No such client") } else { executor.replies.ok() }
    } else {
      executor.replies.integer(Int64(slots.count))
    }
    for slot in slots {
      if slot == asker { connections[slot].flags.insert(.isClosing) } else { close(slot) }
    }
  }

  // MARK: - Rest

  /// Lets a connection execute nothing until something has come.
  mutating func fallAsleep(_ slot: Int, _ wakes: Sleeper.Waking, owesReply: Bool = false) {
    connections[slot].flags.insert(.isAsleep)
    sleepers.append(Sleeper(token: connections.token(of: slot), wakes: wakes, owesReply: owesReply))
  }

  /// Wakes the connections whose time has come, those that wait for a listing's end in turn.
  mutating func wakeSleepers() {
    guard !sleepers.isEmpty else { return }
    let due = sleepers
    sleepers.removeAll(keepingCapacity: true)
    var listings = executor.executableCount(waitingFor: .listing)
    if listings == 0, endSlowListings(for: due) { listings = executor.executableCount(waitingFor: .listing) }
    for sleeper in due {
      guard connections.isCurrent(sleeper.token) else { continue }
      if wakeTime(of: sleeper) > clock.milliseconds || (sleeper.wakes == .after(.listing) && listings == 0) {
        sleepers.append(sleeper)
      } else {
        if sleeper.wakes == .after(.listing) { listings -= 1 }
        wake(sleeper)
      }
    }
  }

  /// When a sleeper wakes, in the loop's milliseconds: 0 if at once.
  func wakeTime(of sleeper: Sleeper) -> UInt64 {
    switch sleeper.wakes {
    case .at(let time): time
    case .after(let wait):
      executor.executableCount(waitingFor: wait) > 0 ? 0 : wait == .listing ? slowListingsDue : .max
    case .compacted(let count): isCompacting && compaction.completedCount < count ? .max : 0
    }
  }

  /// Closes connections that take their listings too slowly, so that those that wait for one have their turn; returns
  /// whether it did.
  private mutating func endSlowListings(for waiting: [Sleeper]) -> Bool {
    guard clock.milliseconds >= slowListingsDue else { return false }
    slowListingsDue = clock.milliseconds + ReactorLimits.slowListingMilliseconds
    var endedCount = 0
    for sleeper in waiting where sleeper.wakes == .after(.listing) {
      let slowest = executor.slowestListing(
        below: ReactorLimits.listingBytesPerSecondMin, overMilliseconds: ReactorLimits.slowListingMilliseconds
      ) { unsentBytes($0) >= ReactorLimits.unsentBytesHigh }
      guard connections.isCurrent(sleeper.token), let slowest else { continue }
      log.warning(
        "closed a connection that took its list of keys too slowly while others waited for theirs",
        metadata: ["peer": "\(platform.peerName(of: connections[slowest].socket))"])
      close(slowest)
      endedCount += 1
    }
    return endedCount > 0
  }

  private mutating func wake(_ sleeper: Sleeper) {
    let slot = sleeper.token.slot
    connections[slot].flags.remove(.isAsleep)
    let start = executor.replies.buffer.count
    executor.select(slot)
    if sleeper.owesReply {
      if case .compacted(let count) = sleeper.wakes {
        executor.answer(.foreground, compaction.completedCount >= count ? .complete : .failed)
      } else {
        executor.replies.ok()
      }
    }
    post(slot, from: start)
  }
}

/// A connection that rests.
struct Sleeper {
  /// What wakes it.
  enum Waking: Equatable {
    /// A moment, in the loop's milliseconds.
    case at(UInt64)
    /// The end of what its request waits for.
    case after(Wait)
    /// That so many compactions were completed, or that none is under way any more.
    case compacted(count: UInt64)
  }

  let token: ConnectionToken
  let wakes: Waking
  /// Whether it is told when it wakes.
  let owesReply: Bool
}
