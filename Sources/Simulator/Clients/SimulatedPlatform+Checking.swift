import Bytes
import LinuxIO
import Reactor
import Wire

// What the server writes, held against the model, request by request in the order of execution.

extension SimulatedPlatform {
  mutating func noteWritten(_ bytes: Span<UInt8>, to socket: Descriptor, isMessage: Bool) {
    guard let link = link(of: socket) else { return }
    if !bytes.isEmpty {
      if links[link].owed == .none { links[link].owed = buffers.acquire() }
      buffers[links[link].owed].append(bytes)
      links[link].writtenBytes += UInt64(bytes.count)
      trace.note(.written, nanoseconds, socket.rawValue, bytes: bytes)
      links[link].progressAt = nanoseconds
    }
    guard !isMessage, failure == nil else { return }
    matcher.removeAll()
    matcher.add(bytes)
    matcher.dialect = links[link].session.dialect
    matchSlice(link)
    if let complaint = matcher.complaint, failure == nil {
      fail("descriptor \(socket.rawValue), \(links[link].session.dialect): \(complaint)")
    }
    if !links[link].hasRequests, links[link].unread == 0, links[link].owed == .none {
      planAct(link, in: 1_000)
    }
  }

  private mutating func matchSlice(_ link: Int) {
    beginListing(link)
    while !matcher.hasFailed {
      if links[link].listing != nil {
        matchListing(link)
        if links[link].listing != nil { return }
      }
      if matcher.isAtEnd { return }
      guard links[link].hasRequests, !links[link].isQuitting else { return matcher.fail("nothing was asked for") }
      let request = links[link].requests[links[link].head]
      guard request.end <= links[link].takenBytes else {
        return matcher.fail("\(request.verb) is answered before it is there as a whole")
      }
      execute(links[link].takeRequest(), link)
    }
  }

  private mutating func execute(_ request: Request, _ link: Int) {
    counts.requests += 1
    trace.note(.executed, nanoseconds, links[link].descriptor, Int(request.verb.rawValue))
    let offset = links[link].writtenBytes - UInt64(matcher.count - matcher.position)
    switch request.verb {
    case .client: executeClient(request, link)
    case .quit:
      matcher.ok()
      links[link].isQuitting = true
    case .nonsense:
      matcher.error()
      if links[link].session.dialect != .line { links[link].isQuitting = true }
    case .unmodelled:
      if matcher.dialect == .line { matcher.takeLines() } else { matcher.takeShape() }
    default:
      if request.verb == .exec { counts.transactions += 1 }
      var session = Session()
      swap(&session, &links[link].session)
      model.executeIn(&session, request, &matcher)
      swap(&session, &links[link].session)
    }
    noteTelling(request, offset, link)
    if matcher.hasFailed { matcher.explain("\(request.verb) \(request.keys[0]) at \(model.now)") }
  }

  /// Notes what a reply tells of: once it is on its way, no crash may take that back.
  private mutating func noteTelling(_ request: Request, _ offset: UInt64, _ link: Int) {
    guard plan.sync != nil else { return }
    let turn = model.turn(of: request)
    guard turn > toldTurn, turn > links[link].tellings.last?.turn ?? 0 else { return }
    links[link].tellings.append(Telling(offset: offset, turn: turn, request: request))
  }

  // MARK: - CLIENT

  private mutating func executeClient(_ request: Request, _ link: Int) {
    switch ClientRequest(request) {
    case .kill(let peer): executeKill(peer, link)
    case .pause(let milliseconds):
      heldUntil = max(heldUntil, nanoseconds + UInt64(milliseconds) * 1_000_000)
      matcher.ok()
    case .unpause: matcher.ok()
    case .name: matcher.null()
    }
  }

  /// One client is closed if it is there, by the time that the reply is written; nobody closes itself this way.
  private mutating func executeKill(_ peer: Int, _ link: Int) {
    let wasClosed = closedPeers.contains(peer)
    guard let killed = matcher.takeInteger() else { return }
    if killed == 1, wasClosed {
      unexplained.removeAll { $0.peer == peer }
      return
    }
    let isOpen = links.contains {
      $0.peer == peer && $0.isInUse && $0.isWatched && !$0.isShut && !($0.isQuitting && $0.sawEnd)
    }
    guard killed == 0, !isOpen || peer == links[link].peer else {
      return matcher.fail("\(killed) clients were closed, peer \(peer) is \(isOpen ? "still there" : "not among them")")
    }
  }

  // MARK: - LIST and KEYS

  /// Begins a listing that is about to run: it stands alone, so that it begins with the slice that its line ended in.
  private mutating func beginListing(_ link: Int) {
    guard links[link].hasRequests, links[link].listing == nil, !links[link].isQuitting else { return }
    let request = links[link].requests[links[link].head]
    guard request.verb == .list || request.verb == .keys, request.end <= links[link].takenBytes,
      let pattern = ListPattern(rawValue: UInt8(request.number))
    else { return }
    counts.listings += 1
    noteTelling(request, links[link].writtenBytes - UInt64(matcher.count), link)
    var missing = Array(repeating: ListingCheck.Key.absent, count: model.names.count)
    var count = 0
    for key in missing.indices where model.isLive(key) && pattern.matches(model.names[key]) {
      missing[key] = .expected
      count += 1
    }
    links[link].listing = ListingCheck(
      isList: request.verb == .list, pattern: pattern, turn: trace.turn, missing: missing, missingCount: count)
  }

  private mutating func matchListing(_ link: Int) {
    guard var listing = links[link].listing else { return }
    links[link].listing = nil
    // Too many listings at once, or no room for one more: an error in its place.
    if listing.shownCount == 0, listing.unread.isEmpty, matcher.beginsWithError("ERR") {
      matcher.error()
      _ = links[link].takeRequest()
      counts.requests += 1
      return
    }
    // Gathered replies are cut anywhere: what is left of the last part stands in front of this one.
    matcher.prepend(listing.unread)
    listing.unread.removeAll()
    if take(&listing) {
      if listing.missingCount > 0 { matcher.fail("\(listing.missingCount) keys are missing from the listing") }
      _ = links[link].takeRequest()
      counts.requests += 1
    } else {
      listing.unread = matcher.takeRest()
      links[link].listing = listing
    }
  }

  /// Takes what there is of a listing; returns whether that is all of it.
  private mutating func take(_ listing: inout ListingCheck) -> Bool {
    if matcher.dialect == .line { return takeLines(&listing) }
    if listing.announced == nil {
      guard !matcher.isAtEnd, let count = matcher.takeNumber("*") else { return false }
      listing.announced = count
    }
    while listing.shownCount < listing.announced ?? 0, !matcher.hasFailed {
      guard matcher.hasWholeValue, let name = matcher.takeValue() else { return false }
      note(name, &listing)
    }
    return !matcher.hasFailed
  }

  private mutating func takeLines(_ listing: inout ListingCheck) -> Bool {
    while !matcher.isAtEnd, !matcher.hasFailed {
      if matcher.rest.begins("END ") {
        matcher.end(lines: listing.shownCount)
        return true
      }
      guard let name = matcher.takeValue(listing.isList ? "KEY " : "VALUE ") else { return false }
      note(name, &listing)
    }
    return false
  }

  private mutating func note(_ name: [UInt8], _ listing: inout ListingCheck) {
    listing.shownCount += 1
    let number =
      listing.isList
      ? model.number(of: name, isShown: matcher.dialect == .line)
      : model.number(ofValue: name, matcher.dialect)
    guard let number else { return matcher.fail("a key is listed that nobody has stored") }
    guard number >= 0 else { return }
    guard listing.missing[number] == .expected else {
      let what = listing.missing[number] == .shown ? "is listed twice" : "was not there when the listing began"
      return matcher.fail(
        "key \(number) \(what), in turn \(listing.turn); it last changed in \(model.history.changedAt[number])")
    }
    listing.missing[number] = .shown
    listing.missingCount -= 1
  }
}
