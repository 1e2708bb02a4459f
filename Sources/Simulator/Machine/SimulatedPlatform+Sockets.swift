import Bytes
import LinuxIO
import Reactor

// Sockets as the server sees them.

extension SimulatedPlatform {
  mutating func accept(from listener: Listener) -> AcceptResult {
    let index = Int(listener.descriptor.rawValue) - 3
    guard !backlogs[index].isEmpty else {
      trace.note(.acceptNothing, nanoseconds)
      return .nothingWaiting
    }
    if nanoseconds < exhaustedUntil {
      trace.note(.acceptFailure, nanoseconds)
      return .exhausted(SystemCallError(call: "accept4", number: 24))
    }
    let link = backlogs[index].removeFirst()
    if has(.aborts), misfortune.once(in: 8) {
      counts.faults += 1
      refuse(link)
      return .aborted
    }
    nanoseconds += 5_000
    let descriptor = openDescriptor(link)
    links[link].descriptor = descriptor
    links[link].wasAccepted = true
    links[link].receivedAt = nanoseconds
    links[link].sentAt = nanoseconds
    links[link].progressAt = nanoseconds
    trace.note(.accept, nanoseconds, descriptor, links[link].peer)
    return .connection(Descriptor(rawValue: descriptor))
  }

  mutating func receive(from socket: Descriptor, into buffer: inout MutableSpan<UInt8>) -> ReceiveResult {
    guard let link = link(of: socket) else { return .wouldBlock }
    nanoseconds += 1_000
    let available = links[link].inputArrived - links[link].inputTaken
    let count = min(available, buffer.count)
    guard count > 0 else { return receiveNothing(link) }
    let start = links[link].inputTaken
    buffer.copy(buffers[links[link].input].span.extracting(start..<start + count), to: 0)
    links[link].inputTaken += count
    links[link].takenBytes += UInt64(count)
    links[link].receivedAt = nanoseconds
    links[link].progressAt = nanoseconds
    trace.note(.receive, nanoseconds, socket.rawValue, count)
    dropTaken(link)
    return .bytes(count)
  }

  private mutating func receiveNothing(_ link: Int) -> ReceiveResult {
    let descriptor = links[link].descriptor
    if links[link].isReset {
      links[link].sawBroken = true
      trace.note(.receiveError, nanoseconds, descriptor)
      return .broken(SystemCallError(call: "recv", number: 104))
    }
    if links[link].hasEnded {
      links[link].sawEnd = true
      trace.note(.receiveEnd, nanoseconds, descriptor)
      return .endOfStream
    }
    trace.note(.receiveNothing, nanoseconds, descriptor)
    return .wouldBlock
  }

  /// Forgets input that the server has taken.
  private mutating func dropTaken(_ link: Int) {
    let taken = links[link].inputTaken
    let total = buffers[links[link].input].count
    if taken == total {
      buffers.release(links[link].input)
      links[link].input = .none
    } else if taken > 64 * 1024, taken > total / 2 {
      buffers[links[link].input].removePrefix(taken)
    } else {
      return
    }
    links[link].inputTaken -= taken
    links[link].inputArrived -= taken
    links[link].inputPlanned -= taken
  }

  mutating func send(to socket: Descriptor, _ bytes: Span<UInt8>) -> SendResult {
    guard let link = link(of: socket) else { return .wouldBlock }
    nanoseconds += 2_000
    if isDying() { return .wouldBlock }
    if bytes.isEmpty { fail("the server sends nothing, which is a wasted call") }
    if links[link].isShut { fail("the server sends on descriptor \(socket.rawValue) after it said that it would not") }
    if links[link].isReset {
      links[link].sawBroken = true
      trace.note(.sendError, nanoseconds, socket.rawValue)
      return .broken(SystemCallError(call: "send", number: 32))
    }
    var count = min(bytes.count, plan.roomBytes - links[link].unread)
    guard count > 0 else {
      trace.note(.sendNothing, nanoseconds, socket.rawValue)
      return .wouldBlock
    }
    if has(.shortSends), misfortune.once(in: 4) { count = misfortune.within(1...count) }
    guard check(bytes.extracting(..<count), link) else { return .bytes(count) }
    trace.note(.send, nanoseconds, socket.rawValue, bytes: bytes.extracting(..<count))
    links[link].sentAt = nanoseconds
    if links[link].isGone {
      // Nobody is there: the answer is a reset.
      queue.add(.reset, at: nanoseconds + delay(), link: link, generation: links[link].generation)
    } else {
      links[link].unread += count
      planTake(link)
    }
    return .bytes(count)
  }

  /// Whether the bytes are the next of those that were written for this client.
  private mutating func check(_ bytes: Span<UInt8>, _ link: Int) -> Bool {
    guard links[link].isWatched else {
      let refusal = Array("-ERR max number of clients reached\r\n".utf8)
      if !Array(refusal.prefix(bytes.count)).span.hasSameBytes(as: bytes) {
        fail("a client that was not let in is told something else than that")
      }
      return true
    }
    let sent = links[link].owedSent
    guard links[link].owed != .none, sent + bytes.count <= buffers[links[link].owed].count,
      buffers[links[link].owed].span.extracting(sent..<sent + bytes.count).hasSameBytes(as: bytes)
    else {
      fail("descriptor \(links[link].descriptor) is sent what was not written for it, or not in order")
      return false
    }
    links[link].owedSent = sent + bytes.count
    links[link].toldBytes += UInt64(bytes.count)
    while let telling = links[link].tellings.first, telling.offset < links[link].toldBytes {
      if telling.turn > toldTurn {
        toldTurn = telling.turn
        lastTelling = telling
        trace.note(.told, nanoseconds, links[link].descriptor, Int(toldTurn))
      }
      links[link].tellings.removeFirst()
    }
    if plan.sync == .always { model.history.makeSafe(toldTurn) }
    if links[link].owedSent == buffers[links[link].owed].count {
      buffers.release(links[link].owed)
      links[link].owed = .none
      links[link].owedSent = 0
    }
    return true
  }

  mutating func shutDownWriting(_ socket: Descriptor) {
    guard let link = link(of: socket) else { return }
    trace.note(.shutDown, nanoseconds, socket.rawValue)
    checkEnd(link)
    links[link].isShut = true
    links[link].shutAt = nanoseconds
    mark(link)
    queue.add(.finish, at: nanoseconds + delay(), link: link, generation: links[link].generation)
  }

  mutating func close(_ socket: Descriptor) {
    guard let link = link(of: socket) else { return }
    trace.note(.close, nanoseconds, socket.rawValue)
    checkClose(link)
    closedPeers.append(links[link].peer)
    freeDescriptor(socket.rawValue)
    links[link].descriptor = -1
    links[link].isWatched = false
    release(link)
    queue.add(.finish, at: nanoseconds + delay(), link: link, generation: links[link].generation)
  }

  private mutating func release(_ link: Int) {
    if links[link].input != .none { buffers.release(links[link].input) }
    if links[link].owed != .none { buffers.release(links[link].owed) }
    links[link].input = .none
    links[link].owed = .none
  }

  // MARK: - Whether the server may end a connection

  /// Ending a connection in good order: everything that was whole is answered, and sent.
  private mutating func checkEnd(_ link: Int) {
    let isExpected = links[link].isQuitting || phase == .stopping || links[link].sawEnd
    if !isExpected { fail("the server ends the connection of descriptor \(links[link].descriptor) for no reason") }
    if let debt = debt(to: link) { fail("descriptor \(links[link].descriptor) is closed \(debt)") }
  }

  /// What the server still owes a client whose connection it ends; nil if it is nothing.
  private func debt(to link: Int) -> String? {
    if links[link].owed != .none { return "before everything is sent that was written for it" }
    if links[link].listing != nil { return "in the middle of a listing" }
    guard !links[link].isQuitting, links[link].hasRequests else { return nil }
    let end = links[link].requests[links[link].head].end
    let known = phase == .stopping && !links[link].sawEnd ? links[link].arrivedAtStop : links[link].arrivedBytes
    return end <= max(known, links[link].takenBytes) ? "with a whole request unanswered" : nil
  }

  private mutating func checkClose(_ link: Int) {
    guard links[link].isWatched else { return }  // It was not let in.
    if links[link].sawBroken { return }
    if links[link].isShut {
      let hasLingered = nanoseconds - links[link].shutAt >= 1_000_000_000
      if !links[link].sawEnd, !hasLingered {
        unexplained.append(Closing(peer: links[link].peer, what: "before it has lingered"))
      }
      return
    }
    if isIdle(link) || isStalled(link) { return }
    let mayEnd = links[link].sawEnd || phase == .stopping
    // Unless a client has asked for just that, which shows when that one's reply is written.
    if let debt = mayEnd ? debt(to: link) : "for no reason" {
      unexplained.append(Closing(peer: links[link].peer, what: debt))
    }
  }

  private func isIdle(_ link: Int) -> Bool {
    plan.idleTimeoutSeconds > 0 && links[link].owed == .none
      && nanoseconds - links[link].receivedAt >= UInt64(plan.idleTimeoutSeconds) * 1_000_000_000
  }

  private func isStalled(_ link: Int) -> Bool {
    links[link].owed != .none
      && nanoseconds - links[link].sentAt >= UInt64(plan.stallTimeoutSeconds) * 1_000_000_000
  }
}
