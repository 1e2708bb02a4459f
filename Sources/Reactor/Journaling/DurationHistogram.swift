// Durations by their size, in buckets of a quarter of a power of two of nanoseconds each:
//
//     bucket   0 1 2 3   4 5 6 7   8  9  10  11   12  13  14  15   …
//     from     0 1 2 3   4 5 6 7   8 10  12  14   16  20  24  28   …
//
// So a bucket is known to a quarter, and a note of a duration is one addition.

import Bytes

/// How long something has taken, each time.
struct DurationHistogram: ~Copyable {
  private static let bucketCount = 4 * 64
  private var buckets = ZeroedArray<UInt64>(count: bucketCount)
  /// How many durations there are.
  private(set) var count: UInt64 = 0
  /// The longest, in nanoseconds.
  private(set) var longest: UInt64 = 0

  mutating func record(nanoseconds: UInt64) {
    buckets[Self.bucket(nanoseconds)] += 1
    count += 1
    longest = max(longest, nanoseconds)
  }

  /// The nanoseconds that so many of a thousand durations took at most, to a quarter; 0 if there are none.
  func atMost(perMille: UInt64) -> UInt64 {
    var rest = (count * perMille + 999) / 1_000
    guard rest > 0 else { return 0 }
    for bucket in 0..<Self.bucketCount {
      guard buckets[bucket] < rest else { return min(longest, Self.end(bucket)) }
      rest -= buckets[bucket]
    }
    return longest
  }

  static func bucket(_ nanoseconds: UInt64) -> Int {
    guard nanoseconds >= 8 else { return Int(nanoseconds) }
    let power = 63 - nanoseconds.leadingZeroBitCount
    let quarter = Int(nanoseconds >> UInt64(power - 2)) & 3
    return 4 * (power - 1) + quarter
  }

  /// The greatest number of a bucket.
  static func end(_ bucket: Int) -> UInt64 {
    guard bucket >= 8 else { return UInt64(bucket) }
    let power = UInt64(bucket / 4 + 1)
    let width = UInt64(1) << (power - 2)
    return (UInt64(4 + bucket % 4) &* width) &+ (width - 1)
  }
}
