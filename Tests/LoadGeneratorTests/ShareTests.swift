import Glibc
import LinuxIO
import Synchronization
import Testing

@testable import LoadGenerator

@Suite("A run divided among threads")
struct ShareTests {
  @Test(arguments: [1, 2, 3, 7], [0, 1, 5, 100, 1_000_003])
  func `parts lie end to end and differ by one at most`(_ count: Int, _ total: Int) {
    let parts = (0..<count).map { Share(index: $0, count: count).part(of: total) }
    #expect(parts.first?.lowerBound == 0)
    #expect(parts.last?.upperBound == total)
    for (one, next) in zip(parts, parts.dropFirst()) { #expect(one.upperBound == next.lowerBound) }
    let sizes = parts.map(\.count)
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
  }

  static func plan(background: Int) -> Plan {
    let main = StreamPlan(
      mix: RequestMix(.get), distribution: .sequential, connectionCount: 10, pipeline: 1, requestsPerSecond: 1000,
      end: .requests(101))
    var behind = main
    behind.connectionCount = background
    behind.requestsPerSecond = nil
    return Plan(
      target: .tcp(host: "127.0.0.1", port: 1), dialect: .line, shape: DataShape(), main: main,
      background: background > 0 ? behind : nil, prefills: true, warmUpNanoseconds: 0, threadCount: 3,
      connectionsPerSecond: 30, sourceCount: 1, serverPID: nil, seed: 1, keepsIntervals: false)
  }

  @Test(arguments: [0, 2, 5])
  func `connections, requests and rates add up`(_ background: Int) {
    let whole = Self.plan(background: background)
    let parts = (0..<3).map(whole.part)
    #expect(parts.map(\.main.connectionCount) == [4, 3, 3])
    #expect(parts.compactMap(\.background?.connectionCount).reduce(0, +) == background)
    #expect(parts.filter { $0.background != nil }.count == min(3, background))
    #expect(parts.compactMap(\.connectionsPerSecond).reduce(0, +) == 30)
    #expect(parts.compactMap(\.main.requestsPerSecond) == [400, 300, 300])
    for streams in [parts.map(\.main)] + (background > 0 ? [parts.compactMap(\.background)] : []) {
      var requests = 0
      for stream in streams { if case .requests(let count) = stream.end { requests += count } }
      #expect(requests == 101)
    }
    #expect(parts.map(\.main.firstKey) == [0, 33_334, 66_667])
  }

  @Test func `connections become due at their rate, the first at once`() {
    #expect(connectionsDue(after: 0, perSecond: 100, of: 1000) == 1)
    #expect(connectionsDue(after: 9_999_999, perSecond: 100, of: 1000) == 1)
    #expect(connectionsDue(after: 10_000_000, perSecond: 100, of: 1000) == 2)
    #expect(connectionsDue(after: 500_000_000, perSecond: 100, of: 1000) == 51)
    #expect(connectionsDue(after: .max, perSecond: 1e9, of: 1000) == 1000)
    #expect(connectionsDue(after: 0, perSecond: nil, of: 1000) == 1000)
  }

  @Test func `a stream without an end of its own ends when the other has on all threads`() {
    let shared = SharedState(Self.plan(background: 2), showsProgress: false)
    shared.finish(stream: 1)
    #expect(!shared.isFinished(stream: 1))
    shared.finish(stream: 1)
    #expect(shared.isFinished(stream: 1))
    #expect(!shared.isFinished(stream: 0))
  }

  @Test func `threads meet, and a failure of one is all the others'`() throws {
    let shared = SharedState(Self.plan(background: 0), showsProgress: false)
    let others = (0..<2).compactMap { number in
      WorkerThread {
        try? shared.meet()
        shared.replies.wrappingAdd(1, ordering: .relaxed)
        try? shared.meet()
        guard number == 1 else { return }
        while !shared.isInterrupted.load(ordering: .acquiring) { usleep(100) }
        shared.fail(RunFailure(description: "no more"))
      }
    }
    try shared.meet()
    try shared.meet()
    #expect(shared.replies.load(ordering: .relaxed) == 2)
    shared.isInterrupted.store(true, ordering: .releasing)
    #expect(throws: RunFailure.self) { try shared.meet() }
    for thread in others { thread.join() }
  }
}
