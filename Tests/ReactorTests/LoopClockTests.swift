import Testing

@testable import Reactor

@Suite struct LoopClockTests {
  @Test func `milliseconds add up from nanoseconds`() {
    var clock = LoopClock(nanoseconds: 5)
    var time: UInt64 = 5
    for _ in 0..<1_000 {
      time += 400_000
      clock.advance(to: time, planned: 0)
    }
    #expect(clock.milliseconds == 400)
  }

  @Test func `a pause of the process is left out with its wait`() {
    var clock = LoopClock(nanoseconds: 0)
    clock.advance(to: 2_000_000_000, planned: 2_000)
    #expect(clock.milliseconds == 2_000)
    clock.advance(to: 60_000_000_000, planned: 3_000)
    #expect(clock.milliseconds == 2_000)
    clock.advance(to: 60_100_000_000, planned: 100)
    #expect(clock.milliseconds == 2_100)
  }

  @Test func `a machine that is slow turn after turn does not stop the clock`() {
    var clock = LoopClock(nanoseconds: 0)
    for turn in 1...10 { clock.advance(to: UInt64(turn) * 5_000_000_000, planned: 0) }
    #expect(clock.milliseconds == 45_000)
  }

  @Test func `a wait without an end is no pause`() {
    var clock = LoopClock(nanoseconds: 0)
    clock.advance(to: 100_000_000_000, planned: nil)
    #expect(clock.milliseconds == 100_000)
  }
}
