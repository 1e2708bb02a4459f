import LinuxIO
import Reactor

// Level-triggered readiness as epoll has it: what something happened to stands in a list; a wait looks at each of the
// list, reports those that are ready in what they are watched for, and keeps these at its end.

extension SimulatedPlatform {
  static let signalPlace: Int32 = .min

  mutating func watch(_ target: Descriptor, token: UInt64, interest: Interest) throws(SystemCallError) {
    let listener = Int(target.rawValue) - 3
    if listener < backlogs.count {
      listenerTokens[listener] = token
      listenerInterests[listener] = interest
      return
    }
    guard let link = link(of: target) else { return }
    if links[link].isWatched { fail("descriptor \(target.rawValue) is watched twice") }
    if nanoseconds < exhaustedUntil, misfortune.once(in: 2) {
      counts.faults += 1
      throw SystemCallError(call: "epoll_ctl", number: 28)
    }
    trace.note(.watch, nanoseconds, target.rawValue)
    links[link].isWatched = true
    links[link].token = token
    links[link].interest = interest
    mark(link)
  }

  mutating func watchSignals(token: UInt64) throws(SystemCallError) { signalToken = token }

  mutating func rewatch(_ target: Descriptor, token: UInt64, interest: Interest) {
    let listener = Int(target.rawValue) - 3
    if listener < backlogs.count {
      listenerTokens[listener] = token
      listenerInterests[listener] = interest
      markListener(listener)
      return
    }
    guard let link = link(of: target) else { return }
    trace.note(.rewatch, nanoseconds, target.rawValue, Int(interest.rawValue))
    links[link].token = token
    links[link].interest = interest
    mark(link)
  }

  /// Notes that a connection may be ready for something that it was not ready for.
  mutating func mark(_ link: Int) {
    guard links[link].isWatched, !links[link].isListed else { return }
    links[link].isListed = true
    ready.append(Int32(link))
  }

  mutating func markListener(_ listener: Int) {
    guard !isListenerListed[listener] else { return }
    isListenerListed[listener] = true
    ready.append(-1 - Int32(listener))
  }

  mutating func signal() {
    pendingSignals += 1
    // In front of what else there is, or behind it.
    ready.insert(Self.signalPlace, at: misfortune.once(in: 2) ? 0 : ready.count)
    trace.note(.signal, nanoseconds)
  }

  func event(_ index: Int) -> Event { events[index] }

  /// Lets time pass until something is ready or the wait is over.
  mutating func wait(milliseconds: Int32?) -> Int {
    beginTurn()
    nanoseconds += UInt64(2_000 + network.below(20_000))
    // A wait without end is interrupted now and then.
    let deadline = nanoseconds + (milliseconds.map { UInt64($0) * 1_000_000 } ?? 5_000_000_000)
    while true {
      while let happening = queue.next(by: nanoseconds) { happen(happening) }
      collectReady()
      if !events.isEmpty || nanoseconds >= deadline || failure != nil { break }
      // Whatever happens next, a wait comes back somewhat late.
      nanoseconds = max(nanoseconds, min(deadline, queue.nextTime))
    }
    trace.note(.turn, nanoseconds, -1, events.count)
    return events.count
  }

  private mutating func beginTurn() {
    if let closing = unexplained.first { fail("the connection of peer \(closing.peer) is closed \(closing.what)") }
    unexplained.removeAll(keepingCapacity: true)
    closedPeers.removeAll(keepingCapacity: true)
    counts.turns += 1
    trace.turn += 1
    model.history.turn = trace.turn
    ageHistory()
    meetDiskFaults()
    events.removeAll(keepingCapacity: true)
    if has(.exhaustion), misfortune.once(in: 1_000) {
      exhaustedUntil = nanoseconds + UInt64(misfortune.size(most: 1_000_000_000))
      counts.faults += 1
    }
    if has(.pauses), misfortune.once(in: 2_000) {
      let pause = UInt64(misfortune.within(1_000...90_000)) * 1_000_000
      nanoseconds += pause
      pausedNanoseconds += pause
      heldUntil = nanoseconds
      trace.note(.pause, nanoseconds)
      counts.faults += 1
    }
    if has(.wallJumps), misfortune.once(in: 500) {
      let distance = Int64(misfortune.size(most: misfortune.once(in: 4) ? 10_000_000 : 20_000))
      pendingJump = misfortune.once(in: 2) ? -distance : distance
    }
  }

  private mutating func collectReady() {
    guard !ready.isEmpty else { return }
    var index = 0
    stays.removeAll(keepingCapacity: true)
    while index < ready.count, events.count < 256 {
      let place = ready[index]
      index += 1
      if let event = event(of: place) {
        events.append(event)
        stays.append(place)
      }
    }
    ready.removeFirst(index)
    ready.append(contentsOf: stays)
  }

  /// What is reported of a place now; nil, and the place is no longer listed, if nothing is.
  private mutating func event(of place: Int32) -> Event? {
    if place == Self.signalPlace {
      guard pendingSignals > 0 else { return nil }
      return Event(token: signalToken, isReadable: true, isWritable: false, isBroken: false)
    }
    if place == Self.storagePlace {
      isStorageListed = !doneJobs.isEmpty
      guard isStorageListed else { return nil }
      return Event(token: storageToken, isReadable: true, isWritable: false, isBroken: false)
    }
    if place < 0 {
      let listener = Int(-1 - place)
      guard isListening, listenerInterests[listener].contains(.readable), !backlogs[listener].isEmpty else {
        isListenerListed[listener] = false
        return nil
      }
      return Event(token: listenerTokens[listener], isReadable: true, isWritable: false, isBroken: false)
    }
    let link = Int(place)
    guard links[link].isWatched else {
      links[link].isListed = false
      return nil
    }
    let isBroken = links[link].isReset || (links[link].hasEnded && links[link].isShut)
    let isReadable = links[link].inputArrived > links[link].inputTaken || links[link].hasEnded || links[link].isReset
    let isWritable = links[link].isReset || plan.roomBytes - links[link].unread >= plan.roomBytes / 3
    let interest = links[link].interest
    guard isBroken || isReadable && interest.contains(.readable) || isWritable && interest.contains(.writable) else {
      links[link].isListed = false
      return nil
    }
    if isBroken { links[link].sawBroken = true }
    return Event(
      token: links[link].token, isReadable: isReadable && interest.contains(.readable),
      isWritable: isWritable && interest.contains(.writable), isBroken: isBroken)
  }
}
