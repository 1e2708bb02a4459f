import LinuxIO

extension Generator {
  /// Makes all connections, some at a time.
  mutating func connect() throws {
    var begun = 0
    var made = 0
    lastProgress = Clock.monotonicNanoseconds()
    while made < links.count {
      while begun < links.count, begun - made < Self.connectingMax {
        try beginConnecting(begun)
        begun += 1
      }
      let count = epoll.wait(milliseconds: 100)
      for index in 0..<count {
        let event = epoll.event(index)
        let number = Int(event.token)
        guard !links[number].isConnected else {
          throw lost(number, "the server spoke before it was asked, or closed it")
        }
        if let error = Socket.takeError(of: links[number].socket) {
          throw RunFailure(description: "cannot connect to \(plan.target): \(error.reason)")
        }
        links[number].isConnected = true
        epoll.modify(links[number].socket, token: event.token, interest: .readable)
        made += 1
      }
      let now = Clock.monotonicNanoseconds()
      if count > 0 { lastProgress = now }
      guard now < lastProgress + Self.silenceNanosecondsMax else {
        throw RunFailure(description: "the server does not accept: \(made) of \(links.count) connections made")
      }
    }
  }

  private mutating func beginConnecting(_ number: Int) throws {
    let isMain = number < plan.main.connectionCount
    let source = plan.sourceCount > 1 ? UInt32(number % plan.sourceCount) : nil
    let socket = try address.connect(loopbackSource: source)
    links[number].socket = socket
    links[number].stream = isMain ? 0 : 1
    links[number].place = isMain ? number : number - plan.main.connectionCount
    try epoll.add(socket, token: UInt64(number), interest: .writable)
  }
}
