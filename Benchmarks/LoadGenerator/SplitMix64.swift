/// Random numbers that follow from a seed: SplitMix64 (Steele, Lea, Flood, Fast Splittable Pseudorandom Number
/// Generators, OOPSLA 2014).
struct SplitMix64: Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 up to `count`, each as likely as the others but for one part in 2⁶⁴ / count.
  mutating func next(below count: UInt64) -> UInt64 { next().multipliedFullWidth(by: count).high }

  /// A number of a range, each as likely as the others.
  mutating func next(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next(below: UInt64(range.upperBound - range.lowerBound) + 1))
  }
}
