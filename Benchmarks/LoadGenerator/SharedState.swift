// What the threads of a run know of each other: nothing but a few counters and flags. Each thread has connections,
// histograms and buffers of its own, and meets the others only between phases.

import Glibc
import LinuxIO
import Synchronization

/// Why a run cannot go on, in one line.
struct RunFailure: Error, CustomStringConvertible {
  let description: String
}

/// Counters and flags that all threads of a run see.
final class SharedState: Sendable {
  /// What a run is doing.
  enum Phase: Int {
    case connecting
    case prefilling
    case warmingUp
    case measuring
  }

  private let threadCount: Int
  private let arrivals = Atomic<Int>(0)
  private let failure = Mutex<RunFailure?>(nil)
  private let hasFailure = Atomic<Bool>(false)
  /// Threads on which the main stream, and the one in the background, have an end of their own still to come.
  private let unfinishedMain: Atomic<Int>
  private let unfinishedBackground: Atomic<Int>
  /// Replies of the phase so far, and connections made.
  let replies = Atomic<Int>(0)
  let connected = Atomic<Int>(0)
  /// Whether somebody has asked to measure no longer.
  let isInterrupted = Atomic<Bool>(false)
  /// Whether `replies` and `connected` are looked at.
  let showsProgress: Bool

  init(_ plan: Plan, showsProgress: Bool) {
    threadCount = plan.threadCount
    self.showsProgress = showsProgress
    unfinishedMain = Atomic(plan.threadCount)
    unfinishedBackground = Atomic(min(plan.threadCount, plan.background?.connectionCount ?? 0))
  }

  // MARK: - Meeting

  /// Waits until all threads have called this as often; `meanwhile` is called every millisecond.
  ///
  /// It sleeps in between rather than being woken: it ends a phase, where a millisecond is nothing.
  func meet(meanwhile: () throws -> Void = {}) throws {
    let number = arrivals.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue
    let wanted = (number + threadCount - 1) / threadCount * threadCount
    while arrivals.load(ordering: .acquiring) < wanted {
      try check()
      try meanwhile()
      usleep(1000)
    }
    try check()
  }

  // MARK: - Failing

  /// Ends the run on all threads; the first reason is the one that is told.
  func fail(_ reason: RunFailure) {
    failure.withLock { failure in
      if failure == nil { failure = reason }
    }
    hasFailure.store(true, ordering: .releasing)
  }

  /// Throws if any thread has failed.
  func check() throws {
    guard hasFailure.load(ordering: .relaxed) else { return }
    throw failure.withLock { $0 } ?? RunFailure(description: "another thread has failed")
  }

  // MARK: - Streams that end with others

  /// Tells that a stream has come to its own end on one thread: 0 is the main one, 1 the one in the background.
  func finish(stream: Int) {
    if stream == 0 {
      unfinishedMain.wrappingSubtract(1, ordering: .relaxed)
    } else {
      unfinishedBackground.wrappingSubtract(1, ordering: .relaxed)
    }
  }

  /// Whether a stream has come to its own end on every thread.
  func isFinished(stream: Int) -> Bool {
    stream == 0
      ? unfinishedMain.load(ordering: .relaxed) <= 0 : unfinishedBackground.load(ordering: .relaxed) <= 0
  }
}
