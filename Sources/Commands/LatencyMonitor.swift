// The latency monitor: for each kind of event, its last moments that lasted at least as long as a threshold. Commands
// are the one source; `record` tells of them.

import Bytes

/// A moment that lasted long.
struct LatencySample: Equatable {
  /// In seconds since 1970.
  let time: Int64
  var milliseconds: Int64
}

/// The last slow moments of one kind, oldest first.
struct LatencySeries {
  let name: StaticString
  private(set) var samples: [LatencySample] = []
  /// The worst one since the series began.
  private(set) var worst: Int64 = 0

  init(name: StaticString) { self.name = name }

  mutating func append(_ sample: LatencySample) {
    worst = max(worst, sample.milliseconds)
    if let last = samples.last, last.time == sample.time {
      samples[samples.count - 1].milliseconds = max(last.milliseconds, sample.milliseconds)
      return
    }
    samples.append(sample)
    if samples.count > CommandLimits.latencySamplesMax { samples.removeFirst() }
  }
}

/// The slow moments of all kinds.
struct LatencyMonitor {
  private(set) var series: [LatencySeries] = []

  /// Notes an event; of those within a second, the worst is kept.
  mutating func record(_ name: StaticString, time: Int64, milliseconds: Int64) {
    let index = series.firstIndex { FoldedWord($0.name) == FoldedWord(name) }
    if index == nil { series.append(LatencySeries(name: name)) }
    series[index ?? series.count - 1].append(LatencySample(time: time, milliseconds: milliseconds))
  }

  /// The series of a name in whatever case, or nil.
  func series(of name: Span<UInt8>) -> LatencySeries? {
    series.first { FoldedWord(name) == FoldedWord($0.name) }
  }

  /// Forgets the series of a name; returns whether there was one.
  mutating func remove(_ name: Span<UInt8>) -> Bool {
    guard let index = series.firstIndex(where: { FoldedWord(name) == FoldedWord($0.name) }) else { return false }
    series.remove(at: index)
    return true
  }

  /// Forgets all series; returns how many there were.
  mutating func removeAll() -> Int {
    defer { series.removeAll() }
    return series.count
  }
}
