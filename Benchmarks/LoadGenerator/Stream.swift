// One make of requests while a phase runs: how many have been sent, how long the answers took.
//
// In an open loop, requests become due at fixed intervals, round the connections in turn, whatever the server does:
// request number i at start + i · interval. Its latency counts from that moment, not from when it was sent. A loop that
// waits for an answer before it sends the next request asks nothing while the server stalls, and so records one bad
// latency where a thousand clients would have met one: Gil Tene named this coordinated omission (How NOT to Measure
// Latency, 2013; https://github.com/giltene/wrk2). A closed loop here has that flaw by its nature: take its throughput
// and the server's processor time from it, and latencies from an open one.

import Histogram

/// A stream of requests under way.
struct Stream {
  let plan: StreamPlan
  /// The number of its first connection.
  let firstLink: Int
  var chooser: KeyChooser
  /// Nanoseconds from the intended (open loop) or actual (closed loop) moment of sending to the reply's arrival.
  var latencies = LatencyHistogram.empty
  /// The same by the second, if a log of them is wanted.
  var log: IntervalLog?
  /// The same less the time in which the server or the generator waited for a processor (open loop).
  var undisturbedLatencies = LatencyHistogram.empty
  var counts = ReplyCounts()
  /// Requests handed to connections (closed loop), or due so far (open loop).
  var issued = 0
  /// Requests after which none is issued.
  var issuedMax = Int.max
  /// When the phase began, and when it issues no more.
  var start: UInt64 = 0
  var deadline = UInt64.max
  /// When the last reply came.
  var lastReply: UInt64 = 0
  /// How long after a request was due it was noticed to be, at worst (open loop): the generator's own lateness.
  var lagMax: UInt64 = 0
  /// Whether the other threads know that it has come to its own end.
  var isReported = false

  init(plan: StreamPlan, firstLink: Int, shape: DataShape, seed: UInt64) {
    self.plan = plan
    self.firstLink = firstLink
    chooser = KeyChooser(plan.distribution, count: shape.keyCount, first: plan.firstKey, seed: seed)
  }

  var isOpenLoop: Bool { plan.requestsPerSecond != nil }

  /// The numbers of its connections.
  var links: Range<Int> { firstLink..<firstLink + plan.connectionCount }

  /// Whether everything that was to be sent has been, and is answered.
  var isFinished: Bool { issued >= issuedMax && counts.replies == issued }

  /// Whether a request is under way.
  var isWaiting: Bool { counts.replies < issued }

  /// Nanoseconds between requests that become due.
  var interval: Double { 1e9 / (plan.requestsPerSecond ?? .infinity) }

  /// When a connection's request of that number is, or was, to be sent (open loop).
  func intendedTime(place: Int, number: Int) -> UInt64 {
    start + UInt64(Double(number * plan.connectionCount + place) * interval)
  }

  /// Begins a phase: `start` is now, and nothing has happened yet.
  mutating func begin(at now: UInt64, keepsIntervals: Bool = false) {
    start = now
    lastReply = now
    if keepsIntervals { log = IntervalLog(start: now) }
    switch plan.end {
    case .requests(let count): issuedMax = count
    case .withOther: break
    case .nanoseconds(let length):
      deadline = now + length
      if let rate = plan.requestsPerSecond { issuedMax = Int(Double(length) * rate / 1e9) }
    }
  }

  /// Issues no more.
  mutating func stop() { issuedMax = min(issuedMax, issued) }

  /// Takes up to `wanted` requests from what is to be issued (closed loop).
  mutating func issue(_ wanted: Int, now: UInt64) -> Int {
    if now >= deadline { stop() }
    let count = max(0, min(wanted, issuedMax - issued))
    issued += count
    return count
  }

  /// How many of a connection's requests are due (open loop).
  func dueCount(place: Int) -> Int {
    issued <= place ? 0 : (issued - place - 1) / plan.connectionCount + 1
  }

  /// Records the latency of some replies.
  mutating func record(_ latency: UInt64, count: Int, at now: UInt64) {
    // What took longer than a histogram can tell counts as its longest.
    let latency = min(latency, latencies.highestTrackableValue)
    latencies.record(latency, count: UInt64(count))
    log?.record(latency, count: UInt64(count), at: now)
  }

  /// Closed loop: what clients would have met that send when they would usually have been answered, and do not wait for
  /// it. Nil in an open loop, whose latencies need no guess.
  var correctedLatencies: Histogram<UInt64>? {
    isOpenLoop ? nil : LatencyHistogram.corrected(latencies, interval: UInt64(max(latencies.mean, 1)))
  }

  /// Adds what another thread has measured of the same stream.
  mutating func add(_ other: Stream) {
    latencies.add(other.latencies)
    undisturbedLatencies.add(other.undisturbedLatencies)
    counts.replies += other.counts.replies
    counts.misses += other.counts.misses
    counts.errors += other.counts.errors
    issued += other.issued
    start = min(start, other.start)
    lastReply = max(lastReply, other.lastReply)
    lagMax = max(lagMax, other.lagMax)
    if let otherLog = other.log { log?.add(otherLog) }
  }
}
