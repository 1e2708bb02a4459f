import LinuxIO
import Synchronization

/// The threads of a run: each has connections of its own, and an event loop over them.
enum Crew {
  /// Carries a plan out on all its threads, of which the caller's is the first.
  static func run(_ plan: Plan, showsProgress: Bool) throws -> RunResult {
    let files = OpenFileLimit.raise(to: plan.connectionCount + 32 + 2 * plan.threadCount)
    guard files >= plan.connectionCount + 16 + 2 * plan.threadCount else {
      throw RunFailure(
        description: "\(plan.connectionCount) connections need more open files than the limit allows: \(files)")
    }
    let shared = SharedState(plan, showsProgress: showsProgress)
    let lead = try Lead(plan, shared: shared)
    let results = Results()
    var threads: [WorkerThread] = []
    for number in 1..<max(plan.threadCount, 1) {
      guard let thread = WorkerThread({ work(plan, number, shared, results, nil) }) else {
        shared.fail(RunFailure(description: "the system has no room for \(plan.threadCount) threads"))
        break
      }
      threads.append(thread)
    }
    work(plan, 0, shared, results, lead)
    for thread in threads { thread.join() }
    try shared.check()
    return lead.result(results.all(plan.threadCount))
  }

  private final class Results: Sendable {
    private let results = Mutex<[Int: ThreadResult]>([:])

    func set(_ thread: Int, _ result: ThreadResult) { results.withLock { $0[thread] = result } }

    func all(_ count: Int) -> [ThreadResult] { results.withLock { results in (0..<count).compactMap { results[$0] } } }
  }

  private static func work(
    _ plan: Plan, _ thread: Int, _ shared: SharedState, _ results: Results, _ lead: Lead?
  ) {
    do {
      var generator = try Generator(plan, thread: thread, shared: shared, lead: lead)
      results.set(thread, try generator.run())
    } catch let failure as RunFailure {
      shared.fail(failure)
    } catch {
      shared.fail(RunFailure(description: "\(error)"))
    }
  }
}
