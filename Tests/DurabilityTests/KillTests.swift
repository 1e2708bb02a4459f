// Servers that are killed while clients write, again and again over the same data.

import Glibc
import TestSupport
import Testing

@Suite(.serialized) struct KillTests {
  /// Rounds of each mode; hundreds by hand.
  private static let rounds = count("SWIFTLET_CRASH_ROUNDS", default: 20)

  @Test(arguments: ["always", "everysec"])
  func `a server that is killed at any moment has lost nothing that it acknowledged`(_ sync: String) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let crowd = try Crowd(seed: seed)
    for round in 0..<Self.rounds {
      // Sometimes it is killed before it is ready.
      for _ in 0..<random.next() % 3 {
        _ = try? crowd.start(sync, patience: Double(random.next() % 100) / 1000)
      }
      let server = try crowd.start(sync)
      guard try crowd.verify(on: server, "round \(round) of \(sync)") else { return }
      try crowd.work(on: server, seconds: Double(random.next() % 400) / 1000)
      crowd.kill(server)
    }
    #expect(try crowd.verify(on: crowd.start(sync), "the end of \(sync)"))
    print("\(sync): \(Self.rounds) kills, \(crowd.acknowledgedCount) steps acknowledged, seed \(seed)")
  }
}
