// What nobody waits for: memory of keys whose time has come, and of keyspaces that were emptied.

extension CommandExecutor {
  /// Does some of it; returns whether there is more to do now. A unit is about a key.
  public mutating func runBackgroundWork(units: Int) -> Bool {
    var hasMore = false
    if let until = pause.until, until <= now { pause = Pause() }
    gauges.sample(statistics, usedBytes: keyspace.memoryUse.usedBytes, now: now)
    guard !isLoading else { return false }
    if let due = keyspace.nextExpiryWork(now: now), due <= now {
      removeExpired(limit: expiredKeysMax(units))
      hasMore = nextExpiryWork.map { $0 <= now } ?? false
    }
    let hasBuffers = longReplies.buffers.giveBackSome()
    return keyspace.reclaim(units: 1) || hasBuffers || hasMore
  }

  /// When there is work to do next, in milliseconds since 1970; nil: not before something changes.
  public var nextWork: Int64? {
    guard let until = pause.until else { return nextExpiryWork }
    return min(nextExpiryWork ?? until, until)
  }

  private var nextExpiryWork: Int64? {
    isLoading || expiredKeysMax(1) == 0 ? nil : keyspace.nextExpiryWork(now: now)
  }

  /// How many of the requests can be executed now that wait for something.
  public func executableCount(waitingFor wait: Wait) -> Int {
    switch wait {
    case .pause: isPausing ? 0 : .max
    case .listing: max(0, keyspace.freeWalkCount - CommandLimits.walksForTransactions)
    }
  }

  /// Whether requests are held up: by CLIENT PAUSE, because more has changed than can be kept as fast, or because room
  /// for a change has been asked for.
  public var isPausing: Bool { pause.until.map { now < $0 } ?? false || writeHold == .backlog || room.wanted > 0 }
}
