// One thread's loop: level-triggered epoll, one receive an event. While a phase runs it allocates nothing (but for a
// log by the second, if one is wanted): requests are copied from templates into one buffer, replies are counted in
// another, connections are plain numbers.
//
//     connect ─► prefill ─► warm up ─► measure        each phase ends when all it sent is answered
//
// A closed-loop connection sends a batch as deep as its pipeline, and the next when the last is answered whole. In an
// open loop it sends what is due, and holds back what would exceed its pipeline: that waits, and its latency grows.

import Bytes
import LinuxIO

/// What one thread has measured.
struct ThreadResult: Sendable {
  let streams: [Stream]
  let firstError: String?
  /// The thread's time on a processor, and the length, of the measured phase.
  let processorNanoseconds: UInt64
  let nanoseconds: UInt64
}

/// Carries out one thread's part of a plan.
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
  let shared: SharedState
  /// What the first thread alone does for all, if this is it.
  let lead: Lead?
  let share: Share
  let epoll: Epoll
  let address: RemoteAddress
  var links: ZeroedArray<Link>
  var streams: [Stream] = []
  var writer: RequestWriter
  var reader: ReplyReader
  var input = ByteBuffer(capacity: receiveBytes)
  var output = ByteBuffer()
  var pool = BufferPool()
  /// What the machine's other work does to an open loop's latencies; nil if nobody can tell.
  var disturbances: Disturbances?
  /// When a reply last came.
  var lastProgress: UInt64 = 0

  /// `plan` is the whole plan.
  init(_ plan: Plan, thread: Int, shared: SharedState, lead: Lead?) throws {
    let epoll = try Epoll(batchCount: 256)
    let address = try RemoteAddress(plan.target)
    let part = plan.part(thread)
    if let lead { try epoll.add(lead.descriptor, token: Lead.token, interest: .readable) }
    self.plan = part
    self.shared = shared
    self.lead = lead
    self.epoll = epoll
    self.address = address
    share = Share(index: thread, count: plan.threadCount)
    links = ZeroedArray(count: part.connectionCount)
    writer = RequestWriter(dialect: part.dialect, shape: part.shape, seed: part.seed &+ UInt64(thread))
    reader = ReplyReader(dialect: part.dialect, shape: part.shape)
    if part.main.requestsPerSecond != nil, let pid = part.serverPID { disturbances = Disturbances(serverPID: pid) }
  }

  /// Carries the plan out and returns what was measured.
  mutating func run() throws -> ThreadResult {
    try enter(.connecting)
    try connect()
    try enter(.prefilling)
    if plan.prefills { try runPhase(main: prefill, background: nil) }
    try enter(.warmingUp)
    if plan.warmUpNanoseconds > 0 {
      var warmUp = plan.main
      warmUp.end = .nanoseconds(plan.warmUpNanoseconds)
      try runPhase(main: warmUp, background: nil)
    }
    try enter(.measuring)
    let ownBefore = Clock.threadNanoseconds()
    let start = Clock.monotonicNanoseconds()
    try runPhase(main: plan.main, background: plan.background, isMeasured: true)
    let end = Clock.monotonicNanoseconds()
    let ownAfter = Clock.threadNanoseconds()
    try meet()
    lead?.end()
    for index in streams.indices { streams[index].log?.endInterval() }
    return ThreadResult(
      streams: streams, firstError: reader.firstError, processorNanoseconds: ownAfter - ownBefore,
      nanoseconds: end - start)
  }

  /// Begins a phase together with the other threads, once the first has noted how the last one ended.
  private mutating func enter(_ phase: SharedState.Phase) throws {
    try meet()
    lead?.begin(phase)
    try meet()
  }

  /// Waits for the other threads.
  private func meet() throws {
    let lead = lead
    try shared.meet { try lead?.takeSignals() }
  }

  private var prefill: StreamPlan {
    var plan = plan.main
    plan.mix = RequestMix(.put)
    plan.distribution = .sequential
    // Deep enough to be fast, but no batch of large values is larger than a megabyte for that.
    plan.pipeline = max(plan.pipeline, min(64, 1 << 20 / self.plan.shape.valueBytes.upperBound))
    plan.requestsPerSecond = nil
    plan.end = .requests(share.part(of: self.plan.shape.keyCount).count)
    return plan
  }

  // MARK: - A phase

  private mutating func runPhase(main: StreamPlan, background: StreamPlan?, isMeasured: Bool = false) throws {
    // Each thread, and each stream of one, draws other numbers.
    let seed = plan.seed &+ UInt64(share.index) &* 0x1_0000_0000
    streams = [Stream(plan: main, firstLink: 0, shape: plan.shape, seed: seed)]
    if let background {
      streams.append(Stream(plan: background, firstLink: main.connectionCount, shape: plan.shape, seed: seed &+ 1))
    }
    for number in 0..<links.count {
      links[number].sent = 0
      links[number].answered = 0
      links[number].nextRequest = 0
      links[number].nextReply = 0
    }
    lastProgress = Clock.monotonicNanoseconds()
    for index in streams.indices {
      streams[index].begin(at: lastProgress, keepsIntervals: isMeasured && plan.keepsIntervals)
      guard !streams[index].isOpenLoop else { continue }
      for number in streams[index].links { try sendBatch(number) }
    }
    while !streams.allSatisfy(\.isFinished) { try turn(isMeasured) }
  }

  private mutating func turn(_ isMeasured: Bool) throws {
    let now = Clock.monotonicNanoseconds()
    disturbances?.update()
    let count = epoll.wait(milliseconds: try sendDue(now))
    for index in 0..<count { try handle(epoll.event(index)) }
    if isMeasured { endStreams() }
    try shared.check()
    lead?.showProgress(now)
    if count == 0, now > lastProgress + Self.silenceNanosecondsMax, streams.contains(where: { $0.isWaiting }) {
      throw RunFailure(description: "the server has not answered for \(Self.silenceNanosecondsMax / 1_000_000_000) s")
    }
  }

  /// A stream with an end of its own takes one without along, on all threads; and everything ends when somebody asks.
  private mutating func endStreams() {
    for index in streams.indices where !streams[index].isReported {
      if shared.isInterrupted.load(ordering: .relaxed) { streams[index].stop() }
      if streams[index].plan.end == .withOther {
        if shared.isFinished(stream: 1 - index) { streams[index].stop() }
      } else if streams[index].isFinished {
        streams[index].isReported = true
        shared.finish(stream: index)
      }
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
    if event.token == Lead.token {
      try lead?.takeSignals()
      return
    }
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

  mutating func receive(from socket: Descriptor) -> ReceiveResult {
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
    if shared.showsProgress { shared.replies.wrappingAdd(counts.replies, ordering: .relaxed) }
    streams[stream].counts.replies += counts.replies
    streams[stream].counts.misses += counts.misses
    streams[stream].counts.errors += counts.errors
    if streams[stream].isOpenLoop {
      disturbances?.update()
      for request in links[number].answered..<links[number].answered + counts.replies {
        let intended = min(now, streams[stream].intendedTime(place: links[number].place, number: request))
        let disturbed = min(now - intended, disturbances?.nanoseconds(since: intended) ?? 0)
        streams[stream].record(now - intended, count: 1, at: now)
        streams[stream].undisturbedLatencies.record(now - intended - disturbed, count: 1)
      }
    } else {
      streams[stream].record(now - links[number].batchSentAt, count: counts.replies, at: now)
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
