// One run: a server on a simulated machine, from its start to its end and the audit behind it.

import Bytes
import Commands
import LinuxIO
import Logging
import Reactor
import Store
import Wire

/// What came of a run.
struct RunResult {
  let plan: Plan
  var hash: UInt64 = 0
  var counts = SimulatedPlatform.Counts()
  var simulatedNanoseconds: UInt64 = 0
  var failure: String?
  var turn: UInt64 = 0
  var lastEvents: [TracedEvent] = []
}

/// Carries a plan out.
enum Run {
  /// Turns that a server may take to answer what is left, and then to stop.
  private static let settlingTurnsMax = 400_000

  static func carryOut(_ plan: Plan) -> RunResult {
    var result = RunResult(plan: plan)
    do {
      var server = try start(SimulatedPlatform(plan), plan)
      var isOver = false
      while !isOver {
        if server.platform.isLoading { load(&server) }
        if server.platform.failure == nil, !server.platform.hasEnded(server.exitStatus) { work(&server, plan) }
        guard server.platform.failure == nil, server.platform.hasEnded(server.exitStatus) else {
          isOver = true
          continue
        }
        var platform = server.takePlatform()
        platform.crash()
        server = try start(platform, plan)
      }
      stop(&server, plan)
      audit(&server)
      if plan.sync != nil, server.platform.failure == nil {
        let isClean = server.exitStatus != .failed
        var platform = server.takePlatform()
        platform.beginLastRecovery(isClean: isClean)
        server = try start(platform, plan)
        load(&server)
        if isClean, server.platform.failure == nil { checkRot(&server.platform) }
      }
      finish(&result, server.platform)
    } catch {
      result.failure = "the server does not start: \(error)"
    }
    return result
  }

  /// Turns bits over that are safely on disk: a start either refuses them or has lost nothing by them.
  private static func checkRot(_ platform: inout SimulatedPlatform) {
    for number in 0..<3 as Range<UInt64> {
      var rotten = SimulatedPlatform(platform.plan)
      var chance = Chance(seed: platform.plan.seed, purpose: 100 + number)
      rotten.disk = platform.disk
      rotten.model = platform.model
      rotten.latestWall = platform.latestWall
      rotten.wallAhead = platform.wallNow
      rotten.disk.cutPower(&chance)
      guard let place = rotten.disk.rot(&chance) else { return }
      platform.counts.rots += 1
      platform.trace.note(.rot, platform.nanoseconds, -1, place.offset)
      // A server that does not start has found it.
      guard var server = try? start(rotten, platform.plan) else { continue }
      while server.executor.isLoading, server.exitStatus == nil { server.turn() }
      guard server.exitStatus == nil else { continue }
      server.adoptRecovered()
      if let failure = server.platform.failure {
        return platform.fail("a bit of \(place.name) at \(place.offset) was turned over unnoticed: \(failure)")
      }
    }
  }

  private static func finish(_ result: inout RunResult, _ platform: borrowing SimulatedPlatform) {
    result.hash = platform.trace.hash
    result.counts = platform.counts
    result.simulatedNanoseconds = platform.nanoseconds
    result.turn = platform.trace.turn
    result.failure = platform.failure
    if result.failure != nil { result.lastEvents = platform.trace.last(300) }
  }

  private static func start(
    _ platform: consuming SimulatedPlatform, _ plan: Plan
  ) throws(StartError) -> Server<SimulatedPlatform> {
    try Server.start(
      platform: platform, configuration: configuration(plan),
      log: Logger(label: "simulated") { label in
        let handler: any LogHandler = StreamLogHandler.standardError(label: label)
        return plan.showsLog ? handler : SwiftLogNoOpLogHandler()
      })
  }

  /// Lets the server load what is on disk, and finds out what that is.
  private static func load(_ server: inout Server<SimulatedPlatform>) {
    var left = settlingTurnsMax
    while server.executor.isLoading, server.exitStatus == nil, !server.platform.isDead, left > 0 {
      server.turn()
      left -= 1
    }
    if left == 0 { server.platform.fail("the server does not end loading") }
    guard !server.platform.hasEnded(server.exitStatus), server.platform.failure == nil else { return }
    server.executor.keyspace.checkInvariants()
    server.adoptRecovered()
    server.platform.isLoading = false
  }

  private static func configuration(_ plan: Plan) -> ServerConfiguration {
    var configuration = ServerConfiguration()
    configuration.listen = [
      ListenPoint(.tcp(host: "10.255.0.1", port: 7878)),
      ListenPoint(.tcp(host: "10.255.0.1", port: 6379), dialect: .resp2),
    ]
    configuration.connectionsMax = plan.places
    configuration.storage = plan.sync.map { StorageConfiguration(directory: "data", sync: $0) }
    configuration.segmentBytes = plan.segmentBytes
    configuration.turn = plan.turn
    configuration.settings.memoryBytesMax = plan.memoryBytesMax
    configuration.settings.idleTimeoutSeconds = plan.idleTimeoutSeconds
    configuration.settings.stallTimeoutSeconds = plan.stallTimeoutSeconds
    return configuration
  }

  private static func work(_ server: inout Server<SimulatedPlatform>, _ plan: Plan) {
    while server.platform.counts.turns < plan.turns {
      turn(&server)
      if server.platform.failure != nil || server.platform.hasEnded(server.exitStatus) { return }
    }
  }

  private static func turn(_ server: inout Server<SimulatedPlatform>) {
    if server.platform.pendingJump != 0 { jump(&server) }
    server.turn()
    if server.platform.counts.turns.isMultiple(of: server.platform.plan.turnsPerAudit), !server.platform.isDead {
      compare(&server, "after turn \(server.platform.trace.turn)")
    }
  }

  /// Sets the wall clock. A key whose time had come may have been removed or not, which nobody could tell so far. If
  /// the clock is set back, those that are left are there again.
  private static func jump(_ server: inout Server<SimulatedPlatform>) {
    let distance = server.platform.pendingJump
    server.platform.pendingJump = 0
    let before = server.platform.model.now
    server.platform.wallAhead += distance
    server.platform.trace.note(.wallJump, server.platform.nanoseconds, -1, Int(distance))
    server.platform.counts.faults += 1
    guard distance < 0 else { return }
    for key in 0..<server.platform.plan.keys
    where server.platform.model.isPresent[key] && server.platform.model.expiries[key] <= before {
      let name = server.platform.model.names[key]
      let hash = server.executor.keyspace.hash(name.span)
      // Whether it can be seen now does not matter: the clock may be set back further.
      let isThere = server.executor.keyspace.contains(name.span, hash: hash, now: .min)
      if !isThere { server.platform.model.collect(key) }
    }
  }

  /// Lets most runs come to rest, tells the server to stop, and waits until it has.
  private static func stop(_ server: inout Server<SimulatedPlatform>, _ plan: Plan) {
    guard server.platform.failure == nil else { return }
    if plan.stopsAtWork {
      if plan.mayPauseClients { awaitPause(&server) }
    } else {
      server.platform.settle()
      var left = settlingTurnsMax
      while server.platform.clientCount > 0, left > 0, server.platform.failure == nil, server.exitStatus == nil {
        turn(&server)
        left -= 1
      }
      if left == 0 { server.platform.fail("\(server.platform.clientCount) clients do not come to an end") }
      if server.exitStatus == nil { auditAtRest(&server) }
    }
    guard server.platform.failure == nil, server.exitStatus == nil else { return }
    server.platform.stop()
    var left = settlingTurnsMax
    while server.exitStatus == nil, left > 0, server.platform.failure == nil {
      turn(&server)
      left -= 1
    }
    if left == 0 { server.platform.fail("the server does not stop") }
  }

  /// Goes on until clients are held up, and a little longer: a server that is told to stop then still owes them what
  /// has arrived.
  private static func awaitPause(_ server: inout Server<SimulatedPlatform>) {
    var chance = Chance(seed: server.platform.plan.seed, purpose: 8)
    server.platform.mayDie = false
    server.platform.dyingIn = nil
    var left = 1_000
    while left > 0, server.platform.failure == nil, server.exitStatus == nil {
      turn(&server)
      left -= 1
      let isHeld = server.platform.heldUntil > server.platform.nanoseconds + 1_000_000
      if isHeld, left > 8 { left = chance.below(8) }
    }
  }

  // MARK: - Audit

  /// Once all clients are gone, nothing is left of them.
  private static func auditAtRest(_ server: inout Server<SimulatedPlatform>) {
    guard server.platform.failure == nil else { return }
    // What the last ones left is noticed within seconds.
    let end = server.platform.nanoseconds + 100_000_000_000
    while server.platform.nanoseconds < end, server.platform.failure == nil { turn(&server) }
    let holdings = server.holdings
    if !holdings.isEmpty { server.platform.fail("all clients are gone, and the server holds \(holdings)") }
    if server.platform.openDescriptorCount > 0 {
      server.platform.fail("all clients are gone, and \(server.platform.openDescriptorCount) descriptors are open")
    }
  }

  private static func audit(_ server: inout Server<SimulatedPlatform>) {
    guard server.platform.failure == nil else { return }
    server.executor.keyspace.checkInvariants()
    compare(&server, "in the end")
  }

  /// Holds every key against the model.
  private static func compare(_ server: inout Server<SimulatedPlatform>, _ when: String) {
    guard server.platform.failure == nil else { return }
    let now = server.platform.model.now
    for key in 0..<server.platform.plan.keys {
      let name = server.platform.model.names[key]
      let hash = server.executor.keyspace.hash(name.span)
      let isLive = server.platform.model.isLive(key)
      guard server.executor.keyspace.contains(name.span, hash: hash, now: now) == isLive else {
        return server.platform.fail("\(when) key \(key) is \(isLive ? "gone" : "there")")
      }
      guard isLive else { continue }
      let expiry = server.platform.model.expiries[key]
      let wanted: Expiry = expiry == .max ? .never : .at(expiry)
      if server.executor.keyspace.expiry(of: name.span, hash: hash, now: now) != wanted {
        return server.platform.fail("\(when) key \(key) has another expiry than \(expiry)")
      }
      if !holds(server, name, hash, now, server.platform.model.values[key]) {
        return server.platform.fail("\(when) key \(key) has another value")
      }
    }
  }

  private static func holds(
    _ server: borrowing Server<SimulatedPlatform>, _ name: [UInt8], _ hash: UInt64, _ now: Int64, _ value: [UInt8]
  ) -> Bool {
    guard let held = server.executor.keyspace.value(of: name.span, hash: hash, now: now) else { return false }
    return held.hasSameBytes(as: value.span)
  }
}

extension Server<SimulatedPlatform> {
  /// Has the machine find out what was recovered.
  mutating func adoptRecovered() { platform.adopt(executor.keyspace) }
}

extension SimulatedPlatform {
  /// Whether the server is gone without having been told to go; for no reason is a failure.
  mutating func hasEnded(_ status: ExitStatus?) -> Bool {
    if isDead { return true }
    guard let status else { return false }
    if status == .failed, hasDiskFailed { return true }
    fail("the server has stopped by itself: \(status)")
    return true
  }

  /// Starts the server a last time: what it left when it was stopped is all there.
  mutating func beginLastRecovery(isClean: Bool) {
    isPowerCut = true
    crash()
    phase = .stopping
    guard isClean else { return }
    toldTurn = trace.turn
    model.history.forget()
  }

  /// Lets clients end what they have begun, without further faults.
  mutating func settle() {
    phase = .settling
    dyingIn = nil
    fullUntil = 0
    pendingJump = 0
    exhaustedUntil = 0
    for link in links.indices where links[link].isInUse && !links[link].isGone {
      planAct(link, in: UInt64(network.below(1_000_000)))
    }
  }

  /// Tells the server to stop.
  mutating func stop() {
    phase = .stopping
    dyingIn = nil
    exhaustedUntil = 0
    fullUntil = 0
    for link in links.indices { links[link].arrivedAtStop = links[link].arrivedBytes }
    signal()
  }
}
