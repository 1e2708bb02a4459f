// What INFO tells that no counter holds by itself: how fast counters grow, and how high memory has stood. Sampled once
// a turn, so that it costs a comparison where nothing is due.

import Bytes

/// Measures that are sampled while the server runs.
struct Gauges {
  /// Forty hexadecimal digits that name this run of the server.
  let runID: [UInt8]
  /// The most that keys, values and table have taken.
  private(set) var usedBytesPeak: UInt64 = 0
  private var older = Mark()
  private var newer = Mark()

  /// Counters at one moment.
  private struct Mark {
    var time: Int64 = 0
    var commands: UInt64 = 0
    var receivedBytes: UInt64 = 0
    var sentBytes: UInt64 = 0
  }

  /// What happens a second.
  struct Rates: Equatable {
    var commands: UInt64 = 0
    var receivedBytes: UInt64 = 0
    var sentBytes: UInt64 = 0
  }

  init(randomSeed: UInt64) {
    var source = SplitMix(state: ~randomSeed)
    var word: UInt64 = 0
    runID = (0..<40).map { digit in
      if digit.isMultiple(of: 16) { word = source.next() }
      defer { word >>= 4 }
      return ASCII.hexDigits.byte(Int(word & 15))
    }
  }

  /// Looks at the counters; marks them if the last mark is a second old.
  mutating func sample(_ statistics: borrowing Statistics, usedBytes: UInt64, now: Int64) {
    usedBytesPeak = max(usedBytesPeak, usedBytes)
    guard now - newer.time >= 1_000 || now < newer.time else { return }
    older = newer.time == 0 || now < newer.time ? Self.mark(statistics, now) : newer
    newer = Self.mark(statistics, now)
  }

  /// What happened a second over the last one to two seconds, or since the last turn if that was longer ago.
  func rates(_ statistics: borrowing Statistics, now: Int64) -> Rates {
    let elapsed = UInt64(max(0, now - older.time))
    guard older.time > 0, elapsed > 0 else { return Rates() }
    func rate(_ count: UInt64, since before: UInt64) -> UInt64 {
      count < before ? 0 : (count - before) &* 1_000 / elapsed
    }
    return Rates(
      commands: rate(statistics.commands, since: older.commands),
      receivedBytes: rate(statistics.receivedBytes, since: older.receivedBytes),
      sentBytes: rate(statistics.sentBytes, since: older.sentBytes))
  }

  private static func mark(_ statistics: borrowing Statistics, _ now: Int64) -> Mark {
    Mark(
      time: now, commands: statistics.commands, receivedBytes: statistics.receivedBytes,
      sentBytes: statistics.sentBytes)
  }
}
