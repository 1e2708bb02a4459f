// Latencies by the second, for a log that tells when they were what they were. The second under way has a histogram;
// of each one before it only the counts that are not zero are kept, a few kilobytes.

import Histogram

/// Counts of latencies, second by second.
struct IntervalLog: Sendable {
  /// A second's latencies: how often each was met, ascending.
  struct Interval: Sendable {
    var counts: [(value: UInt64, count: UInt64)]
  }

  static let nanoseconds: UInt64 = 1_000_000_000

  /// The whole seconds so far; where there was no reply, empty.
  private(set) var intervals: [Interval] = []
  private var current = LatencyHistogram.empty
  private let start: UInt64

  init(start: UInt64) { self.start = start }

  /// Records a latency that ended at `moment`; moments do not go back.
  mutating func record(_ latency: UInt64, count: UInt64, at moment: UInt64) {
    let number = Int((moment - min(start, moment)) / Self.nanoseconds)
    while intervals.count < number { endInterval() }
    current.record(latency, count: count)
  }

  /// Ends the second under way.
  mutating func endInterval() {
    let counts = current.totalCount == 0 ? [] : current.recordedValues().map { ($0.value, $0.count) }
    intervals.append(Interval(counts: counts))
    if current.totalCount > 0 { current.reset() }
  }

  /// Adds what another thread has met in the same seconds.
  mutating func add(_ other: IntervalLog) {
    for (number, interval) in other.intervals.enumerated() {
      if number == intervals.count { intervals.append(Interval(counts: [])) }
      var merged = LatencyHistogram.empty
      for (value, count) in intervals[number].counts + interval.counts { merged.record(value, count: count) }
      intervals[number] = Interval(counts: merged.recordedValues().map { ($0.value, $0.count) })
    }
  }
}

/// The one make of histogram: nanoseconds to two minutes, three digits of each.
enum LatencyHistogram {
  static var empty: Histogram<UInt64> {
    Histogram<UInt64>(highestTrackableValue: 120_000_000_000, numberOfSignificantValueDigits: .three)
  }

  /// What clients would have met that ask at `interval` whatever happens, as HdrHistogram guesses it from a closed
  /// loop's latencies: one that is longer stands also for those that would have begun meanwhile, and been shorter.
  static func corrected(_ latencies: Histogram<UInt64>, interval: UInt64) -> Histogram<UInt64> {
    var corrected = empty
    for each in latencies.recordedValues() {
      corrected.recordCorrectedValue(each.value, count: each.count, expectedInterval: max(interval, 1))
    }
    return corrected
  }
}
