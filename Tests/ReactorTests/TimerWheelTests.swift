import TestSupport
import Testing

@testable import Reactor

@Suite struct TimerWheelTests {
  @Test func `timers come up in order and never early`() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    var wheel = TimerWheel(count: 500)
    var deadlines: [Int: UInt64] = [:]
    for timer in 0..<500 {
      let deadline = random.next() % 60_000
      deadlines[timer] = deadline
      wheel.schedule(timer, at: deadline)
    }
    for timer in stride(from: 0, to: 500, by: 7) {
      wheel.cancel(timer)
      deadlines[timer] = nil
    }
    var now: UInt64 = 0
    while now < 61_000 {
      now += random.next() % 500
      while let timer = wheel.next(by: now) {
        guard let deadline = deadlines.removeValue(forKey: timer) else {
          Issue.record("timer \(timer) comes up uncalled, seed \(seed)")
          return
        }
        #expect(deadline <= now, "seed \(seed)")
      }
      #expect(deadlines.values.allSatisfy { $0 + TimerWheel.tickMilliseconds >= now }, "seed \(seed)")
    }
    #expect(deadlines.isEmpty)
    #expect(wheel.nextDeadline() == nil)
  }

  @Test func `a deadline beyond a turn of the wheel is looked at in time`() {
    var wheel = TimerWheel(count: 1)
    wheel.schedule(0, at: 10_000_000)
    let first = wheel.nextDeadline() ?? 0
    #expect(first <= 70_000)
    #expect(wheel.next(by: first) == 0, "it comes up early, for its owner to look at the real deadline")
  }

  @Test func `a sooner deadline replaces a later one and a later one changes nothing`() {
    var wheel = TimerWheel(count: 1)
    wheel.schedule(0, at: 5_000)
    wheel.schedule(0, at: 1_000)
    wheel.schedule(0, at: 9_000)
    #expect(wheel.next(by: 999) == nil)
    #expect(wheel.next(by: 1_000 + TimerWheel.tickMilliseconds) == 0)
    #expect(wheel.next(by: 20_000) == nil)
  }
}
