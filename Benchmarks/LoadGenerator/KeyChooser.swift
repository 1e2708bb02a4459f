// Which key comes next. Zipf's distribution is drawn by rejection-inversion (Hörmann and Derflinger,
// Rejection-inversion to generate variates from monotone discrete distributions, ACM TOMACS 6(3), 1996): constant time
// and no table, for any exponent. Ranks are scattered over the keys, so that popular keys are not neighbours.

import Glibc

/// Draws key numbers from 0 up to a count.
struct KeyChooser: Sendable {
  private let distribution: KeyDistribution
  private let count: UInt64
  private var words: SplitMix64
  private var nextInSequence: UInt64
  private let zipf: ZipfRanks

  /// A sequence begins at key number `first`, and goes round.
  init(_ distribution: KeyDistribution, count: Int, first: Int = 0, seed: UInt64) {
    self.distribution = distribution
    self.count = UInt64(count)
    words = SplitMix64(seed: seed)
    nextInSequence = UInt64(first)
    if case .zipf(let exponent) = distribution {
      zipf = ZipfRanks(count: Double(count), exponent: exponent)
    } else {
      zipf = ZipfRanks(count: 1, exponent: 1)
    }
  }

  /// The next key's number.
  mutating func next() -> UInt64 {
    switch distribution {
    case .uniform:
      return words.next(below: count)
    case .sequential:
      defer { nextInSequence = nextInSequence + 1 == count ? 0 : nextInSequence + 1 }
      return nextInSequence
    case .zipf:
      while true {
        // 53 bits, as many as a Double's fraction tells apart.
        if let rank = zipf.rank(Double(words.next() >> 11) * 0x1p-53) { return scattered(UInt64(rank) - 1) }
      }
    }
  }

  /// Another key for each rank: multiplying by a prime above any count is one-to-one modulo the count.
  private func scattered(_ rank: UInt64) -> UInt64 {
    let (high, low) = rank.multipliedFullWidth(by: 18_446_744_073_709_551_557)
    return count.dividingFullWidth((high % count, low)).remainder
  }
}

/// Ranks from 1 on with probability proportional to 1 / rankᵉ.
private struct ZipfRanks: Sendable {
  private let exponent: Double
  private let count: Double
  private let lowest: Double
  private let highest: Double
  private let surelyAccepted: Double

  init(count: Double, exponent: Double) {
    self.count = count
    self.exponent = exponent
    lowest = Self.integral(1.5, exponent) - 1
    highest = Self.integral(count + 0.5, exponent)
    surelyAccepted = 2 - Self.inverse(Self.integral(2.5, exponent) - pow(2, -exponent), exponent)
  }

  /// The rank for a number drawn evenly from 0 up to 1, or nil if it is to be drawn again.
  func rank(_ uniform: Double) -> Double? {
    let area = highest + uniform * (lowest - highest)
    let x = Self.inverse(area, exponent)
    let rank = min(max((x + 0.5).rounded(.down), 1), count)
    let isAccepted = rank - x <= surelyAccepted || area >= Self.integral(rank + 0.5, exponent) - pow(rank, -exponent)
    return isAccepted ? rank : nil
  }

  /// The area under x⁻ᵉ from 1 to x.
  private static func integral(_ x: Double, _ exponent: Double) -> Double {
    let power = 1 - exponent
    return abs(power) < 1e-9 ? log(x) : expm1(power * log(x)) / power
  }

  private static func inverse(_ area: Double, _ exponent: Double) -> Double {
    let power = 1 - exponent
    return abs(power) < 1e-9 ? exp(area) : exp(log1p(max(area * power, -1)) / power)
  }
}
