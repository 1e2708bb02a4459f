// What nobody waits for: memory of keys whose time has come, and of keyspaces that were emptied.

extension CommandExecutor {
  /// Does some of it; returns whether there is more to do now. A unit is about a key.
  public mutating func runBackgroundWork(units: Int) -> Bool {
    var hasMore = false
    if let until = pause.until, until <= now { pause = Pause() }
    gauges.sample(statistics, usedBytes: keyspace.memoryUse.usedBytes, now: now)
    guard !isLoading else { return false }
    if let due = keyspace.nextExpiryWork(now: now), due <= now {
      removeExpired(limit: units)
      hasMore = keyspace.nextExpiryWork(now: now).map { $0 <= now } ?? false
    }
    return keyspace.reclaim(units: 1) || hasMore
  }

  /// When there is work to do next, in milliseconds since 1970; nil: not before something changes.
  public var nextWork: Int64? {
    let expiry = isLoading ? nil : keyspace.nextExpiryWork(now: now)
    guard let until = pause.until else { return expiry }
    return min(expiry ?? until, until)
  }

  /// Whether requests are held up, by CLIENT PAUSE or because more has changed than can be kept as fast.
  public var isPausing: Bool { pause.until.map { now < $0 } ?? false || writeHold == .backlog }
}
