// The generator's loop: one thread, level-triggered epoll, one receive an event. While a phase runs it allocates
// nothing: requests are copied from templates into one buffer, replies are counted in another, connections are plain
// numbers.
//
//     connect ─► prefill ─► warm up ─► measure        each phase ends when all it sent is answered
//
// A closed-loop connection sends a batch as deep as its pipeline, and the next when the last is answered whole. In an
// open loop it sends what is due, and holds back what would exceed its pipeline: that waits, and its latency grows.

import Bytes
import LinuxIO

/// Why a run cannot go on, in one line.
struct RunFailure: Error, CustomStringConvertible {
  let description: String
}

/// Carries out a plan.
struct Generator: ~Copyable {
  /// Bytes received at once: few enough that one connection's flood delays the others by some ten microseconds only.
  static let receiveBytes = 64 * 1024
  /// Connections that are being made at once; the kernel's queue for them may be as short as 128.
  static let connectingMax = 100
  /// A server that answers nothing for so long is given up.
  static let silenceNanosecondsMax: UInt64 = 30_000_000_000
  /// Requests that may be due before the loop looks at replies again (open loop).
  private static let dueAtOnceMax = 256

  let plan: Plan
  let epoll: Epoll
  let address: RemoteAddress
  var links: ZeroedArray<Link>
  var streams: [Stream] = []
  let writer: RequestWriter
  var reader: ReplyReader
  var input = ByteBuffer(capacity: receiveBytes)
  var output = ByteBuffer()
  var pool = BufferPool()
  /// What the machine's other work does to an open loop's latencies; nil if nobody can tell.
  var disturbances: Disturbances?
  /// When a reply last came.
  var lastProgress: UInt64 = 0

  init(_ plan: Plan) throws {
    let epoll = try Epoll(batchCount: 256)
    let address = try RemoteAddress(plan.target)
    let count = plan.main.connectionCount + (plan.background?.connectionCount ?? 0)
    let files = OpenFileLimit.raise(to: count + 32)
    guard files >= count + 16 else {
      throw RunFailure(description: "\(count) connections need more open files than the limit allows: \(files)")
    }
    self.plan = plan
    self.epoll = epoll
    self.address = address
    links = ZeroedArray(count: count)
    writer = RequestWriter(dialect: plan.dialect, shape: plan.shape)
    reader = ReplyReader(dialect: plan.dialect, shape: plan.shape)
    if plan.main.requestsPerSecond != nil, let pid = plan.serverPID { disturbances = Disturbances(serverPID: pid) }
  }

  /// Carries the plan out and returns what was measured.
  mutating func run() throws -> RunResult {
    let unconnected = plan.serverPID.flatMap { ProcessUsage(pid: $0) }
    try connect()
    let connected = plan.serverPID.flatMap { ProcessUsage(pid: $0) }
    if plan.prefills { try runPhase(main: prefill, background: nil) }
    if plan.warmUpNanoseconds > 0 {
      var warmUp = plan.main
      warmUp.end = .nanoseconds(plan.warmUpNanoseconds)
      try runPhase(main: warmUp, background: nil)
    }
    let before = plan.serverPID.flatMap { ProcessUsage(pid: $0) }
    let ownBefore = ProcessUsage.own
    let start = Clock.monotonicNanoseconds()
    try runPhase(main: plan.main, background: plan.background)
    let end = Clock.monotonicNanoseconds()
    let ownAfter = ProcessUsage.own
    let after = plan.serverPID.flatMap { ProcessUsage(pid: $0) }
    return RunResult(
      streams: streams, nanoseconds: end - start, firstError: reader.firstError,
      server: UsageDifference(before, after), own: UsageDifference(ownBefore, ownAfter),
      knowsDisturbances: disturbances != nil,
      residentBytes: [unconnected, connected, after].compactMap { $0?.residentBytes })
  }

  private var prefill: StreamPlan {
    var plan = plan.main
    plan.mix = RequestMix(.put)
    plan.distribution = .sequential
    plan.pipeline = max(plan.pipeline, 64)
    plan.requestsPerSecond = nil
    plan.end = .requests(self.plan.shape.keyCount)
    return plan
  }

  // MARK: - A phase

  private mutating func runPhase(main: StreamPlan, background: StreamPlan?) throws {
    streams = [Stream(plan: main, firstLink: 0, shape: plan.shape, seed: plan.seed)]
    if let background {
      streams.append(
        Stream(plan: background, firstLink: main.connectionCount, shape: plan.shape, seed: plan.seed &+ 1))
    }
    for number in 0..<links.count {
      links[number].sent = 0
      links[number].answered = 0
      links[number].nextRequest = 0
      links[number].nextReply = 0
    }
    lastProgress = Clock.monotonicNanoseconds()
    for index in streams.indices {
      streams[index].begin(at: lastProgress)
      guard !streams[index].isOpenLoop else { continue }
      for number in streams[index].links { try sendBatch(number) }
    }
    while !streams.allSatisfy(\.isFinished) { try turn() }
  }

  private mutating func turn() throws {
    let now = Clock.monotonicNanoseconds()
    disturbances?.update()
    let count = epoll.wait(milliseconds: try sendDue(now))
    for index in 0..<count { try handle(epoll.event(index)) }
    // A stream with an end of its own takes one without along.
    for index in streams.indices where streams.contains(where: { $0.plan.end != .withOther && $0.isFinished }) {
      if streams[index].plan.end == .withOther { streams[index].stop() }
    }
    if count == 0, now > lastProgress + Self.silenceNanosecondsMax, streams.contains(where: { $0.isWaiting }) {
      throw RunFailure(description: "the server has not answered for \(Self.silenceNanosecondsMax / 1_000_000_000) s")
    }
  }

  /// Sends what has become due in open loops; returns how many milliseconds the loop may sleep.
  private mutating func sendDue(_ now: UInt64) throws -> Int32 {
    var sleep: Int32 = 100
    for index in streams.indices {
      let stream = streams[index]
      if stream.deadline > now, stream.deadline < .max {
        sleep = min(sleep, Int32(clamping: (stream.deadline - now) / 1_000_000 + 1))
      } else if stream.deadline <= now, !stream.isOpenLoop {
        streams[index].stop()
      }
      guard stream.isOpenLoop else { continue }
      let passed = Int(Double(now - stream.start) / stream.interval) + 1
      let due = min(passed, stream.issuedMax, stream.issued + Self.dueAtOnceMax)
      for number in stream.issued..<max(due, stream.issued) {
        let intended = stream.start + UInt64(Double(number) * stream.interval)
        streams[index].lagMax = max(streams[index].lagMax, now - min(intended, now))
        streams[index].issued += 1
        try sendBatch(stream.firstLink + number % stream.plan.connectionCount)
      }
      guard due < stream.issuedMax else { continue }
      // The kernel's sleep is good to a millisecond, so the last two are waited for awake.
      let next = stream.start + UInt64(Double(due) * stream.interval)
      sleep = min(sleep, next > now + 2_000_000 ? Int32(clamping: (next - now) / 1_000_000 - 1) : 0)
    }
    return sleep
  }

  private mutating func handle(_ event: Event) throws {
    let number = Int(event.token)
    if event.isWritable { try sendUnsent(number) }
    guard event.isReadable || event.isBroken else { return }
    switch receive(from: links[number].socket) {
    case .bytes(let count): input.commit(count)
    case .wouldBlock: return
    case .endOfStream: throw lost(number, "the server closed it")
    case .broken(let error): throw lost(number, "\(error)")
    }
    count(repliesOf: number, at: Clock.monotonicNanoseconds())
    try sendBatch(number)
  }

  private mutating func receive(from socket: Descriptor) -> ReceiveResult {
    input.removeAll()
    var space = input.freeSpace(Self.receiveBytes)
    return Socket.receive(from: socket, into: &space)
  }

  /// Counts the replies in `input`.
  private mutating func count(repliesOf number: Int, at now: UInt64) {
    let stream = links[number].stream
    var progress = links[number].progress
    var turn = links[number].nextReply
    let counts = reader.read(input, &progress, kinds: streams[stream].plan.mix.kinds, turn: &turn)
    links[number].progress = progress
    links[number].nextReply = turn
    lastProgress = now
    guard counts.replies > 0 else { return }
    streams[stream].lastReply = now
    streams[stream].counts.replies += counts.replies
    streams[stream].counts.misses += counts.misses
    streams[stream].counts.errors += counts.errors
    if streams[stream].isOpenLoop {
      disturbances?.update()
      for request in links[number].answered..<links[number].answered + counts.replies {
        let intended = min(now, streams[stream].intendedTime(place: links[number].place, number: request))
        let disturbed = min(now - intended, disturbances?.nanoseconds(since: intended) ?? 0)
        streams[stream].latencies.record(now - intended, count: 1)
        streams[stream].undisturbedLatencies.record(now - intended - disturbed, count: 1)
      }
    } else {
      streams[stream].latencies.record(now - links[number].batchSentAt, count: UInt64(counts.replies))
    }
    links[number].answered += counts.replies
  }

  func lost(_ number: Int, _ reason: String) -> RunFailure {
    let said = reader.firstError.map { "; it had said: \($0)" } ?? ""
    return RunFailure(
      description: "connection \(number) is lost with \(links[number].outstanding) requests under way: \(reason)\(said)"
    )
  }
}
