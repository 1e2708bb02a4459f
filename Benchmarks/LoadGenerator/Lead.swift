// What the first thread does for all of them, between phases and while they run: it reads what the server and the
// generator have used, takes the terminal's Ctrl-C, and tells a person who waits how far the run is.

import Glibc
import LinuxIO

/// The first thread's part in a run.
final class Lead {
  /// What signals are registered under with epoll.
  static let token = UInt64.max
  private static let progressNanoseconds: UInt64 = 250_000_000

  private let plan: Plan
  private let shared: SharedState
  private let signals: SignalDescriptor
  private var phase = SharedState.Phase.connecting
  private var phaseStart: UInt64 = 0
  private var lastShown: UInt64 = 0

  private var unconnected: ProcessUsage?
  private var connected: ProcessUsage?
  private var before: ProcessUsage?
  private var after: ProcessUsage?
  private var ownBefore: ProcessUsage?
  private var ownAfter: ProcessUsage?
  private var connectingNanoseconds: UInt64 = 0
  private var startMilliseconds: Int64 = 0

  /// To be made before the process has a second thread.
  init(_ plan: Plan, shared: SharedState) throws {
    self.plan = plan
    self.shared = shared
    signals = try SignalDescriptor()
    // A server goes on when its terminal goes away; a measurement need not.
    signal(SIGHUP, SIG_DFL)
  }

  /// Becomes readable when a signal comes.
  var descriptor: Descriptor { signals.descriptor }

  /// Notes how things stand as a phase begins; all threads wait.
  func begin(_ next: SharedState.Phase) {
    let now = Clock.monotonicNanoseconds()
    switch next {
    case .connecting: unconnected = serverUsage
    case .prefilling:
      connectingNanoseconds = now - phaseStart
      connected = serverUsage
    case .warmingUp: break
    case .measuring:
      before = serverUsage
      ownBefore = ProcessUsage.own
      startMilliseconds = Clock.wallMilliseconds()
    }
    shared.replies.store(0, ordering: .relaxed)
    phase = next
    phaseStart = Clock.monotonicNanoseconds()
  }

  /// Notes how things stand after the measured phase.
  func end() {
    ownAfter = ProcessUsage.own
    after = serverUsage
    if lastShown > 0 { StandardError.write(Array("\r\u{1B}[K".utf8)) }
  }

  private var serverUsage: ProcessUsage? { plan.serverPID.flatMap { ProcessUsage(pid: $0) } }

  /// What the threads have measured, together.
  func result(_ threads: [ThreadResult]) -> RunResult {
    var streams = threads[0].streams
    for thread in threads.dropFirst() {
      for (index, stream) in thread.streams.enumerated() { streams[index].add(stream) }
    }
    return RunResult(
      streams: streams, nanoseconds: threads.map(\.nanoseconds).max() ?? 0,
      firstError: threads.compactMap(\.firstError).first, server: UsageDifference(before, after),
      own: UsageDifference(ownBefore, ownAfter),
      busiestShare: threads.map { Double($0.processorNanoseconds) / Double(max($0.nanoseconds, 1)) }.max() ?? 0,
      knowsDisturbances: plan.main.requestsPerSecond != nil && before != nil,
      residentBytes: [unconnected, connected, after].compactMap { $0?.residentBytes },
      connectingNanoseconds: connectingNanoseconds, startMilliseconds: startMilliseconds,
      isInterrupted: shared.isInterrupted.load(ordering: .relaxed))
  }

  /// Takes signals: one while the run is measured ends it early, with its figures; any other ends the program.
  func takeSignals() throws {
    while signals.next() != nil {
      guard phase == .measuring, !shared.isInterrupted.load(ordering: .relaxed) else {
        throw RunFailure(description: "interrupted")
      }
      shared.isInterrupted.store(true, ordering: .relaxed)
    }
  }

  // MARK: - Progress

  /// Writes how far the run is, over what was written last, if a person can see it.
  func showProgress(_ now: UInt64) {
    guard shared.showsProgress, now > lastShown + Self.progressNanoseconds else { return }
    lastShown = now
    StandardError.write(Array("\r\(progress(now))\u{1B}[K".utf8))
  }

  private func progress(_ now: UInt64) -> String {
    let seconds = Double(now - min(phaseStart, now)) / 1e9
    let replies = shared.replies.load(ordering: .relaxed)
    let rate = "\(fixed(Double(replies) / max(seconds, 0.001), 0)) a second"
    switch phase {
    case .connecting: return "connected \(shared.connected.load(ordering: .relaxed)) of \(plan.connectionCount)"
    case .prefilling: return "put \(replies) of \(plan.shape.keyCount) keys, \(rate)"
    case .warmingUp: return "warming up: \(fixed(seconds, 1)) of \(fixed(Double(plan.warmUpNanoseconds) / 1e9, 1)) s"
    case .measuring:
      switch plan.main.end {
      case .requests(let count): return "\(replies) of \(count) requests, \(rate)"
      case .nanoseconds(let length):
        return "\(fixed(seconds, 1)) of \(fixed(Double(length) / 1e9, 1)) s: \(replies) requests, \(rate)"
      case .withOther: return "\(fixed(seconds, 1)) s: \(replies) requests, \(rate)"
      }
    }
  }
}
