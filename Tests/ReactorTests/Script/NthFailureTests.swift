// Every call of the server's to its machine that can fail fails: at its n-th use, once and from then on, with each
// error that it can have. The server goes on, or it stops and says why; and what it has answered is on the disk.
//
// A part of the uses is tried each time; SWIFTLET_EVERY_FAILURE=1 tries them all.

import Commands
import Glibc
import LinuxIO
import TestSupport
import Testing

@testable import Reactor

@Suite struct NthFailureTests {
  private static let triesAll = getenv("SWIFTLET_EVERY_FAILURE") != nil

  /// Uses that are tried: the first, and some of the others.
  private static func uses(_ count: Int, _ call: Call) -> [Int] {
    guard count > 0 else { return [] }
    let step = triesAll ? 1 : max(1, count / 3)
    return (1...count).filter { $0 == 1 || ($0 + call.errors.count).isMultiple(of: step) }
  }

  @Test(arguments: Call.allCases, SyncMode.allCases.filter { $0 != .no })
  func `a call that fails ends nothing that it need not, and loses nothing`(_ call: Call, _ sync: SyncMode) throws {
    let usual = StandardRun(sync, plan: nil)
    try #require(usual.end == .exited(.finished) && usual.isServedAtLast && usual.errors.isEmpty, "\(usual.errors)")
    #expect(usual.wrong(with: usual.machine.disk) == nil)
    let count = usual.machine.failures.counts[call] ?? 0
    // Where each write is synced, nothing is synced by time.
    try #require(count > 0 || call == .sync && sync == .always, "the run gets there")
    var ends: [String: Int] = [:]
    for number in Self.uses(count, call) {
      for error in call.errors {
        for isLasting in [false, true] {
          let plan = CallFailures.Plan(call: call, number: number, error: error, isLasting: isLasting)
          let run = StandardRun(sync, plan: plan)
          #expect(run.machine.failures.hasFailed, "\(plan)")
          check(run, plan, sync)
          ends[Self.kind(run.end), default: 0] += 1
        }
      }
    }
    print("\(call), \(sync): \(count) uses, \(ends.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" })")
  }

  private func check(_ run: StandardRun, _ plan: CallFailures.Plan, _ sync: SyncMode) {
    let reason = plan.call == .allocate ? "no memory" : String(cString: strerror(plan.error))
    switch run.end {
    case .notStarted(let why): #expect(why.contains(reason), "\(plan): \(why)")
    case .exited(.failed): #expect(run.errors.contains { $0.contains(reason) }, "\(plan): \(run.errors)")
    case .exited(.finished): #expect(run.isServedAtLast || plan.isLasting, "\(plan): nobody is served")
    case .exited(.interrupted), .running: Issue.record("\(plan): it does not end")
    }
    if let wrong = run.wrong(with: run.machine.disk) { Issue.record("\(plan), killed: \(wrong)") }
    guard sync == .always else { return }
    var random = SeededGenerator(seed: UInt64(plan.number))
    if let wrong = run.wrong(with: run.machine.disk.afterPowerCut(&random)) {
      Issue.record("\(plan), power cut: \(wrong)")
    }
  }

  private static func kind(_ end: StandardRun.End) -> String {
    switch end {
    case .notStarted: "not started"
    case .exited(.finished): "went on"
    case .exited: "stopped"
    case .running: "running"
    }
  }
}
