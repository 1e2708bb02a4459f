import Testing

@testable import Simulator

@Suite struct SimulatorTests {
  @Test func `a seed gives the same run to the last byte`() {
    for seed in [1, 4, 13] as [UInt64] {
      let first = Run.carryOut(Plan(seed: seed, turns: 300, allowed: nil))
      let second = Run.carryOut(Plan(seed: seed, turns: 300, allowed: nil))
      #expect(first.failure == nil)
      #expect(first.hash == second.hash)
      #expect(first.counts.requests == second.counts.requests)
    }
  }

  @Test func `seeds give different runs`() {
    let hashes = (1...4).map { Run.carryOut(Plan(seed: $0, turns: 100, allowed: nil)).hash }
    #expect(Set(hashes).count == 4)
  }

  @Test func `some dozen seeds with all faults find nothing`() {
    for seed in 1...30 as ClosedRange<UInt64> {
      let result = Run.carryOut(Plan(seed: seed, turns: 150, allowed: nil))
      #expect(result.failure == nil, "simulator --seed \(seed) --ticks 150")
      #expect(result.counts.requests > 0)
    }
  }

  // What the simulator has found; each has been seen to fail before it was mended.

  @Test func `a stopping server answers what had to wait for the end of a pause`() {
    #expect(Run.carryOut(Scene.pausedAtTheStop.plan).failure == nil)
  }

  @Test func `a listing waits for what it will show`() { #expect(Run.carryOut(Scene.listings.plan).failure == nil) }

  @Test func `a transaction's reply waits as a whole`() {
    #expect(Run.carryOut(Scene.transactions.plan).failure == nil)
  }

  @Test func `a stopping server that answers a client twice in a turn sends both answers`() {
    #expect(Run.carryOut(Scene.answeredTwice.plan).failure == nil)
  }
}

/// Runs that show what was once wrong.
enum Scene {
  case pausedAtTheStop, listings, transactions, answeredTwice

  var plan: Plan {
    switch self {
    case .pausedAtTheStop: Plan(seed: 876, turns: 1_000, allowed: nil)
    case .listings: Plan(seed: 43, turns: 1_000, allowed: nil)
    case .transactions: Plan(seed: 13, turns: 1_000, allowed: nil)
    case .answeredTwice: Plan(seed: 1436, turns: 1_500, allowed: nil)
    }
  }
}
