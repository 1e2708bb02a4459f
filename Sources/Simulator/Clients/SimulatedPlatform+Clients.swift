import Bytes
import Wire

// What the clients do: they connect, send batches of requests, take what comes, and go in one of many ways.

extension SimulatedPlatform {
  /// How long a segment takes.
  mutating func delay() -> UInt64 {
    let microseconds = has(.delays) ? network.size(most: plan.delayMicroseconds) : network.below(100)
    return UInt64(microseconds) * 1_000 + UInt64(network.below(1_000))
  }

  mutating func happen(_ happening: Happening) {
    let link = Int(happening.link)
    switch happening.kind {
    case .connect: connect()
    case .inspect:
      inspect()
      queue.add(.inspect, at: nanoseconds + 1_000_000_000)
    case .disk: if happening.generation == epoch { finishDiskJob() }
    case .arrive, .end, .reset, .take, .act, .finish:
      guard links[link].isInUse, links[link].generation == happening.generation else { return }
      happen(happening.kind, to: link, happening.amount)
    }
  }

  private mutating func happen(_ kind: Happening.Kind, to link: Int, _ amount: Int) {
    switch kind {
    case .arrive:
      guard !links[link].isReset, links[link].descriptor >= 0 || !links[link].wasAccepted else { return }
      links[link].inputArrived += amount
      if links[link].requests.count - links[link].head > 0 { links[link].progressAt = nanoseconds }
      mark(link)
    case .end:
      links[link].hasEnded = true
      mark(link)
    case .reset:
      links[link].isReset = true
      mark(link)
      freeIfOver(link)
    case .take: take(link)
    case .act: act(link)
    case .finish: finish(link)
    case .connect, .inspect, .disk: break
    }
  }

  // MARK: - Coming

  /// Has a client come after a while.
  mutating func planClient() {
    guard phase == .working else { return }
    clientCount += 1
    queue.add(.connect, at: nanoseconds + UInt64(network.below(2_000_000)))
  }

  private mutating func connect() {
    guard phase == .working, isListening else {
      clientCount -= 1
      return
    }
    guard !isLoading else { return queue.add(.connect, at: nanoseconds + 1_000_000) }
    let link = freeLinks.popLast() ?? links.count
    if link == links.count { links.append(Link()) }
    let generation = links[link].generation
    links[link] = Link()
    links[link].generation = generation
    links[link].isInUse = true
    peers += 1
    counts.connections += 1
    links[link].peer = peers
    links[link].listener = maker.chance.below(backlogs.count)
    links[link].batchesLeft = 1 + maker.chance.below(plan.batches)
    let share = maker.chance.below(100)
    let isRESP = links[link].listener == 1 || share >= plan.lineShare
    links[link].session.dialect = isRESP ? .resp2 : .line
    backlogs[links[link].listener].append(link)
    markListener(links[link].listener)
    trace.note(.connect, nanoseconds, -1, peers)
    if isRESP, share >= plan.lineShare + plan.resp2Share { send(Request(.hello), link) }
    planAct(link, in: UInt64(network.below(200_000)))
  }

  func planned(_ link: Int) -> Bool { links[link].isActPlanned }

  mutating func planAct(_ link: Int, in time: UInt64) {
    guard !links[link].isActPlanned, !links[link].isDone, !links[link].isGone else { return }
    links[link].isActPlanned = true
    queue.add(.act, at: nanoseconds + time, link: link, generation: links[link].generation)
  }

  private mutating func rest() -> UInt64 { UInt64(network.below(plan.restMicroseconds * 1_000)) }

  // MARK: - Sending

  private mutating func act(_ link: Int) {
    links[link].isActPlanned = false
    guard !links[link].isDone, !links[link].isGone, phase != .stopping else { return }
    if phase == .settling, links[link].sendsInTransaction, !links[link].hasRequests {
      return send(Request(.discard), link)
    }
    // Nothing is sent behind a request that stands alone.
    if links[link].hasRequests, links[link].requests[links[link].head].verb.standsAlone { return }
    if links[link].batchesLeft == 0 || phase == .settling { return leave(link) }
    links[link].batchesLeft -= 1
    sendBatch(link)
    // Some do not wait for the answers.
    let underWay = links[link].requests.count - links[link].head
    if maker.chance.once(in: 3), underWay < 2 * plan.pipeline { planAct(link, in: rest()) }
  }

  private mutating func sendBatch(_ link: Int) {
    appendBatch(link)
    planArrival(link)
  }

  private mutating func appendBatch(_ link: Int) {
    let wanted = maker.chance.size(most: plan.pipeline)
    let now = wallNow
    for _ in 0..<wanted {
      let verb = maker.verb()
      let isAlone = verb.standsAlone
      if isAlone, links[link].hasRequests || links[link].sendsInTransaction { continue }
      if verb == .list || verb == .keys, hasManyListings { continue }
      if links[link].sendsInTransaction, !verb.isQueueable { continue }
      var request = maker.request(verb, now: now)
      if verb == .scan { request.number = Int64(bitPattern: links[link].session.scanCursor) }
      if verb == .client { drawClient(&request) }
      append(request, link)
      if isAlone { break }
    }
    if !links[link].hasRequests { append(maker.request(.get, now: now), link) }
  }

  /// Whether so many listings are asked for that one more might have to wait for its turn, so that nobody could tell
  /// when it began.
  private var hasManyListings: Bool {
    links.count { link in
      guard link.isInUse, link.hasRequests else { return false }
      let verb = link.requests[link.head].verb
      return verb == .list || verb == .keys
    } >= 32
  }

  /// Whom a client means.
  private mutating func drawClient(_ request: inout Request) {
    if plan.mayPauseClients, maker.chance.once(in: 2) { request.number = 2 }
    switch request.number {
    case 0, 1: request.second = Int64(links[maker.chance.below(links.count)].peer)
    case 2: request.second = plan.mayPauseClients ? Int64(maker.chance.size(most: 1_000)) : 0
    default: break
    }
  }

  private mutating func send(_ request: Request, _ link: Int) {
    append(request, link)
    planArrival(link)
  }

  /// Puts a request behind what the client has to send.
  private mutating func append(_ request: Request, _ link: Int) {
    if links[link].input == .none { links[link].input = buffers.acquire() }
    let input = links[link].input
    let before = buffers[input].count
    maker.spell(request, links[link].session.dialect, to: &buffers[input])
    links[link].sentBytes += UInt64(buffers[input].count - before)
    var sent = request
    sent.end = links[link].sentBytes
    if !links[link].hasRequests { links[link].progressAt = nanoseconds }
    links[link].requests.append(sent)
    switch request.verb {
    case .multi: links[link].sendsInTransaction = true
    case .exec, .discard, .reset: links[link].sendsInTransaction = false
    default: break
    }
  }

  /// Puts what the client has to send under way, as one segment or several.
  mutating func planArrival(_ link: Int) {
    guard links[link].input != .none else { return }
    var left = buffers[links[link].input].count - links[link].inputPlanned
    trace.note(.clientSends, nanoseconds, links[link].descriptor, left)
    while left > 0 {
      let isSplit = has(.splits) && network.once(in: 3)
      let count = isSplit ? network.within(1...left) : left
      let time = max(links[link].lastArrival, nanoseconds + delay())
      links[link].lastArrival = time
      links[link].inputPlanned += count
      left -= count
      queue.add(.arrive, at: time, link: link, generation: links[link].generation, amount: count)
    }
  }

  // MARK: - Taking

  mutating func planTake(_ link: Int) {
    guard !links[link].isTakePlanned, !links[link].isGone else { return }
    links[link].isTakePlanned = true
    var time = nanoseconds + delay()
    if has(.stalls), misfortune.once(in: 200) {
      counts.faults += 1
      links[link].isStalled = true
      time += UInt64(misfortune.size(most: 90_000)) * 1_000_000
    }
    queue.add(.take, at: time, link: link, generation: links[link].generation)
  }

  private mutating func take(_ link: Int) {
    links[link].isTakePlanned = false
    links[link].isStalled = false
    guard !links[link].isGone else { return }
    trace.note(.clientTakes, nanoseconds, links[link].descriptor, links[link].unread)
    links[link].unread = 0
    links[link].progressAt = nanoseconds
    mark(link)
    if !links[link].hasRequests, links[link].owed == .none { planAct(link, in: rest()) }
  }

  // MARK: - Going

  private mutating func leave(_ link: Int) {
    let way = misfortune.below(8)
    switch way {
    case 0 where has(.resets): leaveByReset(link)
    case 1 where has(.departures): leaveAtOnce(link)
    case 2 where has(.departures): leaveWithin(link)
    case 3, 4, 5:
      if has(.halfCloses) || phase != .working { end(link) } else { fallthrough }
    default:
      guard !links[link].hasRequests, !links[link].sendsInTransaction else {
        links[link].batchesLeft = 0
        return
      }
      // It waits for the server to close.
      links[link].isDone = true
      send(Request(.quit), link)
    }
  }

  /// The client closes its side, and waits for what it is owed.
  private mutating func end(_ link: Int) {
    links[link].isDone = true
    trace.note(.clientEnds, nanoseconds, links[link].descriptor)
    links[link].lastArrival = max(links[link].lastArrival, nanoseconds + delay())
    queue.add(.end, at: links[link].lastArrival, link: link, generation: links[link].generation)
  }

  private mutating func leaveByReset(_ link: Int) {
    counts.faults += 1
    depart(link)
    trace.note(.clientResets, nanoseconds, links[link].descriptor)
    queue.add(.reset, at: nanoseconds + delay(), link: link, generation: links[link].generation)
  }

  /// The client is gone without a look at what is still sent to it.
  private mutating func leaveAtOnce(_ link: Int) {
    counts.faults += 1
    sendBatch(link)
    end(link)
    depart(link)
  }

  /// The client goes in the middle of a request, which nobody may execute.
  private mutating func leaveWithin(_ link: Int) {
    counts.faults += 1
    let before = links[link].sentBytes
    appendBatch(link)
    if links[link].sentBytes > before, let last = links[link].requests.last {
      let others = links[link].requests.count - links[link].head
      let start = others > 1 ? max(before, links[link].requests[links[link].requests.count - 2].end) : before
      let cut = misfortune.within(1...Int(last.end - start) - 1)
      let input = links[link].input
      buffers[input].truncate(to: buffers[input].count - cut)
      links[link].sentBytes -= UInt64(cut)
      links[link].requests.removeLast()
    }
    planArrival(link)
    end(link)
  }

  private mutating func depart(_ link: Int) {
    links[link].isDone = true
    links[link].isGone = true
    clientCount -= 1
    planClient()
  }

  /// The end of what the server sends has come to the client.
  private mutating func finish(_ link: Int) {
    if !links[link].isGone {
      if links[link].descriptor < 0 {
        depart(link)
      } else {
        // The server has only shut its side: most clients close theirs, some leave it at that.
        if !links[link].isDone || !links[link].hasEnded, !network.once(in: 8) { end(link) }
        depart(link)
      }
    }
    freeIfOver(link)
  }

  /// Frees a connection that neither side has any more.
  private mutating func freeIfOver(_ link: Int) {
    guard links[link].isGone, links[link].wasAccepted, links[link].descriptor < 0 else { return }
    free(link)
  }

  private mutating func free(_ link: Int) {
    if links[link].input != .none { buffers.release(links[link].input) }
    if links[link].owed != .none { buffers.release(links[link].owed) }
    links[link].input = .none
    links[link].owed = .none
    links[link].isInUse = false
    links[link].generation &+= 1
    freeLinks.append(link)
  }

  /// A connection that is gone before the server had it.
  mutating func refuse(_ link: Int) {
    if !links[link].isGone { depart(link) }
    free(link)
  }

  // MARK: - Patience

  /// How long a client waits for an answer that is due.
  private static let patienceNanoseconds: UInt64 = 20_000_000_000

  /// Looks whether a whole request has arrived and nothing happens to it.
  private mutating func inspect() {
    for link in links.indices where links[link].isInUse && links[link].isWatched {
      guard links[link].hasWholeRequest || links[link].owed != .none, !links[link].isStalled, !links[link].isReset,
        !links[link].isGone, links[link].unread == 0
      else { continue }
      guard nanoseconds > max(links[link].progressAt, heldUntil) + Self.patienceNanoseconds else { continue }
      return fail("descriptor \(links[link].descriptor) waits for an answer that does not come")
    }
  }
}
