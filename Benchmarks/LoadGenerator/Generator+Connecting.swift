// Making connections: as fast as the server accepts them, or so many a second.

import LinuxIO

/// How many of `count` connections may have been begun so long after the first; without a rate all.
func connectionsDue(after nanoseconds: UInt64, perSecond rate: Double?, of count: Int) -> Int {
  guard let rate else { return count }
  return Int(min(Double(count), Double(nanoseconds) * rate / 1e9 + 1))
}

extension Generator {
  /// Makes all connections, some at a time.
  mutating func connect() throws {
    var begun = 0
    var made = 0
    let start = Clock.monotonicNanoseconds()
    lastProgress = start
    while made < links.count {
      let passed = Clock.monotonicNanoseconds() - start
      let due = connectionsDue(after: passed, perSecond: plan.connectionsPerSecond, of: links.count)
      while begun < due, begun - made < Self.connectingMax {
        try beginConnecting(begun)
        begun += 1
      }
      // With a rate, the next connection may be due in a moment.
      let count = epoll.wait(milliseconds: plan.connectionsPerSecond == nil || begun == links.count ? 100 : 1)
      for index in 0..<count where try takeConnected(epoll.event(index)) { made += 1 }
      let now = Clock.monotonicNanoseconds()
      if count > 0 || begun == made { lastProgress = now }
      try shared.check()
      lead?.showProgress(now)
      guard now < lastProgress + Self.silenceNanosecondsMax else {
        throw RunFailure(description: "the server does not accept: \(made) of \(links.count) connections made")
      }
    }
  }

  /// Takes up what has become of a connection; returns whether it is made.
  private mutating func takeConnected(_ event: Event) throws -> Bool {
    if event.token == Lead.token {
      try lead?.takeSignals()
      return false
    }
    let number = Int(event.token)
    guard !links[number].isConnected else { throw refused(number) }
    if let error = Socket.takeError(of: links[number].socket) {
      throw RunFailure(description: "cannot connect to \(plan.target): \(error.reason)")
    }
    links[number].isConnected = true
    epoll.modify(links[number].socket, token: event.token, interest: .readable)
    if shared.showsProgress { shared.connected.wrappingAdd(1, ordering: .relaxed) }
    return true
  }

  /// A connection on which the server speaks, or which it closes, before anything was asked.
  private mutating func refused(_ number: Int) -> RunFailure {
    guard case .bytes(let count) = receive(from: links[number].socket) else {
      return lost(number, "the server closed it before anything was asked")
    }
    input.commit(count)
    let words = String(decoding: input.span.extracting(0..<min(count, 200)).copied, as: UTF8.self)
    return lost(number, "the server spoke before it was asked: \(words.split(whereSeparator: \.isNewline).first ?? "")")
  }

  private mutating func beginConnecting(_ number: Int) throws {
    let isMain = number < plan.main.connectionCount
    let source = plan.sourceCount > 1 ? UInt32((number * share.count + share.index) % plan.sourceCount) : nil
    let socket = try address.connect(loopbackSource: source)
    links[number].socket = socket
    links[number].stream = isMain ? 0 : 1
    links[number].place = isMain ? number : number - plan.main.connectionCount
    try epoll.add(socket, token: UInt64(number), interest: .writable)
  }
}
