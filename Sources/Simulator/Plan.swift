// What a run is like, drawn from its seed: which faults, how many clients and keys, what they mostly do. Runs differ
// widely on purpose (swarm testing: Groce et al., ISSTA 2012): where everything happens, much never happens for long
// enough.

import Commands
import Reactor

/// The options of a run, expanded from its seed.
struct Plan {
  let seed: UInt64
  /// Turns of the server's loop before it is stopped.
  var turns: Int
  var faults: Faults
  /// Clients at once.
  var clients: Int
  /// Places for them in the server.
  var places: Int
  var keys: Int
  /// The longest value that is stored at once.
  var valueBytes: Int
  /// The most requests that a client sends at once.
  var pipeline: Int
  /// Batches of requests in a client's life, at most.
  var batches: Int
  /// How long a client rests between them, in microseconds.
  var restMicroseconds: Int
  /// Room of a socket's buffer for what the server sends.
  var roomBytes: Int
  /// The longest that a segment takes, in microseconds.
  var delayMicroseconds: Int
  var memoryBytesMax: UInt64?
  var idleTimeoutSeconds: UInt32
  var stallTimeoutSeconds: UInt32
  /// Whether there is a data directory, and how safe changes are in it.
  var sync: SyncMode?
  var segmentBytes: UInt64
  /// Turns from one power cut or kill to the next, on average.
  var turnsPerCrash: Int
  /// Whether clients mostly list keys, while others store many.
  var isListing: Bool
  /// Whether some store many keys at once.
  var storesMany: Bool
  /// Whether crashes are drawn at the moments that matter to the journal.
  var aimsCrashes: Bool
  /// What bounds a turn of the server's.
  var turn: TurnLimits
  /// Turns from one look at all keys to the next.
  var turnsPerAudit = 512
  /// Whether the server's log is shown.
  var showsLog = false
  /// Of a hundred clients, how many speak lines, and how many RESP2; the others speak RESP3.
  var lineShare: Int
  var resp2Share: Int
  /// Of a hundred draws of a verb, how many are of the few that a run prefers.
  var favouriteShare: Int

  /// Whether clients hold all others up. There are no listings then, because nobody could tell when one began; nor does
  /// the wall clock jump, by which such a pause ends.
  var mayPauseClients: Bool { faults.contains(.quarrels) && !faults.contains(.wallJumps) && seed % 3 == 0 }

  /// Whether the server is told to stop while clients are at work.
  var stopsAtWork: Bool { seed % 4 == 0 || mayPauseClients && seed % 2 == 0 }

  /// - Parameter allowed: the faults that the run may have; nil: some of all, as its seed says.
  init(seed: UInt64, turns: Int, allowed: Faults?) {
    var chance = Chance(seed: seed, purpose: 1)
    self.seed = seed
    self.turns = turns
    // Each is in three runs of four; one run of eight has none.
    var drawn: Faults = []
    for fault in Faults.all.each where !chance.once(in: 4) { drawn.insert(fault) }
    if chance.once(in: 8) { drawn = [] }
    faults = allowed ?? drawn
    clients = chance.size(most: 160)
    keys = max(4, chance.size(most: 6000))
    valueBytes = chance.once(in: 4) ? chance.size(most: 40_000) : chance.size(most: 100)
    pipeline = chance.once(in: 8) ? chance.size(most: 1000) : chance.size(most: 64)
    batches = chance.size(most: 400)
    restMicroseconds = chance.size(most: 20_000)
    delayMicroseconds = chance.size(most: 5_000)
    let slowDelay = chance.size(most: 300_000)
    if faults.contains(.delays) { delayMicroseconds = slowDelay }
    roomBytes = 4_096 << chance.below(7)
    let smallRoom = 512 << chance.below(6)
    if faults.contains(.shortSends) { roomBytes = smallRoom }
    places = clients + 40
    let fewPlaces = max(1, clients * 3 / 4)
    if faults.contains(.crowds) { places = fewPlaces }
    let memory = UInt64(chance.within(1_048_576...1_500_000))
    memoryBytesMax = faults.contains(.memory) ? memory : nil
    idleTimeoutSeconds = chance.once(in: 3) ? UInt32(chance.within(1...20)) : 0
    stallTimeoutSeconds = UInt32(chance.within(1...60))
    lineShare = chance.below(101)
    resp2Share = chance.below(101 - lineShare)
    favouriteShare = chance.once(in: 2) ? chance.below(90) : 0
    sync = [nil, .always, .always, .everysec][chance.below(4)]
    segmentBytes = UInt64(4_096 << chance.below(10))
    turnsPerCrash = 20 + chance.size(most: 2_000)
    isListing = chance.once(in: 6)
    if isListing { keys = 2_000 + chance.below(20_000) }
    // Memory runs out only where there is enough to store.
    if memoryBytesMax != nil {
      keys = max(keys, 2_000 + chance.below(4_000))
      valueBytes = max(valueBytes, 4_000)
    }
    var others = Chance(seed: seed, purpose: 7)
    storesMany = others.once(in: 8) || isListing || memoryBytesMax != nil
    aimsCrashes = others.once(in: 2)
    turn = TurnLimits(&others)
  }
}

extension TurnLimits {
  /// Half of the servers have the usual limits; of the others each limit is the usual one or a small one.
  init(_ chance: inout Chance) {
    self.init()
    guard chance.once(in: 2) else { return }
    func draw(_ limit: inout Int, _ most: Int, _ chance: inout Chance) {
      let drawn = chance.size(most: most)
      if chance.once(in: 2) { limit = drawn }
    }
    draw(&requestsPerSliceMax, 64, &chance)
    draw(&slicesPerTurnMax, 8, &chance)
    draw(&listingBucketsPerSlice, 16, &chance)
    draw(&longReplyBytesPerSlice, 4_096, &chance)
    draw(&turnOutputBytesHigh, 65_536, &chance)
    draw(&backgroundUnitsPerTurn, 16, &chance)
    draw(&compactionKeysPerSlice, 64, &chance)
    draw(&compactionBytesPerSlice, 4_096, &chance)
    draw(&baseFrameBytes, 4_096, &chance)
    draw(&backlogBytesMax, 65_536, &chance)
  }
}

extension Plan {
  /// The same with few clients and keys: for a build that is not optimised.
  var small: Plan {
    var plan = self
    plan.clients = min(clients, 6)
    plan.places = min(places, plan.clients + (faults.contains(.crowds) ? -1 : 20))
    plan.places = max(plan.places, 1)
    plan.keys = min(keys, 60)
    plan.valueBytes = min(valueBytes, 60)
    plan.pipeline = min(pipeline, 12)
    plan.batches = min(batches, 20)
    plan.turnsPerCrash = min(turnsPerCrash, 60)
    return plan
  }
}

extension Plan: CustomStringConvertible {
  var description: String {
    """
    seed \(seed): turns \(turns), clients \(clients) in \(places) places, keys \(keys), values to \(valueBytes) bytes, \
    pipelines to \(pipeline), batches to \(batches), rest to \(restMicroseconds) µs, delay to \(delayMicroseconds) µs, \
    room \(roomBytes) bytes, memory \(memoryBytesMax.map(String.init) ?? "unbounded"), idle \(idleTimeoutSeconds) s, \
    stall \(stallTimeoutSeconds) s, sync \(sync?.rawValue ?? "none"), segments \(segmentBytes) bytes, \
    crash every \(turnsPerCrash) turns, \(aimsCrashes ? "aimed, " : "")\(storesMany ? "many at once, " : "")\
    slices \(turn.requestsPerSliceMax) requests, \(turn.listingBucketsPerSlice) buckets, \
    \(turn.compactionKeysPerSlice) keys, \(turn.slicesPerTurnMax) a turn, lines \(lineShare) %, \
    RESP2 \(resp2Share) %, favourites \(favouriteShare) %, \
    faults \(faults)
    """
  }
}
