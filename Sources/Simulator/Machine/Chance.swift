// All chance of a run comes from here, and follows from the run's seed.

/// Random numbers whose whole sequence follows from a seed: SplitMix64 (Steele, Lea and Flood, Fast splittable
/// pseudorandom number generators, OOPSLA 2014).
struct Chance: BitwiseCopyable {
  private var state: UInt64

  /// A sequence of its own for each purpose, so that a fault that is left out changes nothing else of a run.
  init(seed: UInt64, purpose: UInt64) {
    state = seed &* 0xD6E8_FEB8_6659_FD93 &+ purpose &* 0xA5A3_5625_1A3B_94B3
    _ = next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// A number from 0 to `count` − 1; 0 if there is none.
  mutating func below(_ count: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(max(count, 1))).high)
  }

  mutating func within(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

  /// True once in so many times.
  mutating func once(in count: Int) -> Bool { below(count) == 0 }

  /// Mostly small numbers, from 1 to `most`: each power of two is as likely as the next.
  mutating func size(most: Int) -> Int {
    let bits = below(Int.bitWidth - most.leadingZeroBitCount)
    return min(most, (1 << bits) + below(1 << bits))
  }
}
