import Glibc
import TestSupport
import Testing

extension InteropTests {
  /// Random streams of requests to Redis and to Swiftlet. SWIFTLET_SEED repeats one, SWIFTLET_STREAMS sets how many
  /// there are.
  @Suite struct DifferentialTests {
    private static let stepCount = 250
    private static let toldMax = 40
    private static let repetitionsMax = 30

    @Test(.enabled(if: mayUse("redis-server"), "redis-server is not installed"))
    func `random streams get the same replies from Redis and Swiftlet`() throws {
      let redis = try RedisServerProcess(["--databases", "1"])
      let swiftlet = try InteropTests.swiftlet()
      try compare(ServerPair(redis: redis.port, swiftlet: swiftlet.port), streams: 200)
    }

    @Test(.enabled(if: mayUse("redis-server"), "redis-server is not installed"))
    func `random streams get the same replies from Redis and Redis`() throws {
      let redis = try RedisServerProcess(["--databases", "1"])
      let other = try RedisServerProcess(["--databases", "1"])
      try compare(ServerPair(redis: redis.port, swiftlet: other.port), streams: 10)
    }

    @Test func `each command is in the streams or left out by name`() throws {
      let swiftlet = try InteropTests.swiftlet()
      let commands = try RESPClient(port: swiftlet.port).ask("COMMAND LIST").elements ?? []
      let names = Set(commands.compactMap { $0.text?.uppercased() }.filter { !$0.contains("|") })
      let known = Set(Vocabulary.all.map(\.verb)).subtracting(["NOSUCH"]).union(Vocabulary.leftOut)
      #expect(names.subtracting(known).isEmpty, "not compared with Redis")
      #expect(known.subtracting(names).isEmpty, "not there")
    }

    private func compare(_ pair: ServerPair, streams: Int) throws {
      let seed = InteropTests.environment("SWIFTLET_SEED").flatMap { UInt64($0) } ?? .random(in: 0 ... .max)
      let count = InteropTests.environment("SWIFTLET_STREAMS").flatMap { Int($0) } ?? streams
      let generator = StreamGenerator(isOffered: pair.isOffered)
      var told: Set<String> = []
      for number in 0..<count {
        let seed = seed &+ UInt64(number)
        do {
          try compare(pair, generator.stream(seed: seed, count: Self.stepCount), seed, &told)
        } catch {
          throw TestFailure("SWIFTLET_SEED=\(seed) SWIFTLET_STREAMS=1: \(error)")
        }
      }
      print("\(pair.requestCount) requests compared, beginning with seed \(seed)")
    }

    private func compare(_ pair: ServerPair, _ stream: [Step], _ seed: UInt64, _ told: inout Set<String>) throws {
      var steps = stream
      // What follows a disagreement may be its consequence: the stream is run again without the step.
      for _ in 0..<Self.repetitionsMax {
        guard let disagreement = try pair.run(steps, isShort: true).first else { return }
        if told.count < Self.toldMax, told.insert(disagreement.kind).inserted {
          Issue.record(Self.story(seed, disagreement, try pair.shrink(steps, to: disagreement)))
        }
        guard disagreement.index < steps.count else { return }
        steps.remove(at: disagreement.index)
      }
    }

    private static func story(_ seed: UInt64, _ disagreement: Disagreement, _ part: [Step]) -> Comment {
      var text =
        "SWIFTLET_SEED=\(seed) SWIFTLET_STREAMS=1, step \(disagreement.index): \(shown(disagreement.request))\n"
      text += "  redis:    \(shown(disagreement.redis))\n  swiftlet: \(shown(disagreement.swiftlet))"
      for step in part.suffix(12) { text += "\n    \(step.connection): \(shown(step.request))" }
      return Comment(rawValue: text)
    }
  }
}
