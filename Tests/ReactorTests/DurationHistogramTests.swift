import TestSupport
import Testing

@testable import Reactor

@Suite struct DurationHistogramTests {
  @Test func `each duration is in the bucket whose bounds it is between`() {
    var numbers: [UInt64] = Array(0..<5_000)
    for power in 3..<64 {
      let number = UInt64(1) << UInt64(power)
      numbers += [number - 1, number, number + 1, number + number / 4, number + (number - 1)]
    }
    for number in numbers {
      let bucket = DurationHistogram.bucket(number)
      #expect(number <= DurationHistogram.end(bucket))
      if bucket > 0 { #expect(number > DurationHistogram.end(bucket - 1)) }
      #expect(DurationHistogram.end(bucket) - number <= number / 4, "a bucket is known to a quarter")
    }
    #expect(DurationHistogram.bucket(.max) < 256)
  }

  @Test func `of no durations nothing is long`() {
    let histogram = DurationHistogram()
    #expect(histogram.count == 0)
    #expect(histogram.atMost(perMille: 500) == 0)
    #expect(histogram.longest == 0)
  }

  @Test func `parts of the durations are at most as long as told`() {
    var histogram = DurationHistogram()
    for number in 1...1_000 { histogram.record(nanoseconds: UInt64(number) * 1_000) }
    #expect(histogram.count == 1_000)
    #expect(histogram.longest == 1_000_000)
    #expect((500_000...625_000).contains(histogram.atMost(perMille: 500)))
    #expect((990_000...1_000_000).contains(histogram.atMost(perMille: 990)))
    #expect(histogram.atMost(perMille: 1_000) == 1_000_000)
  }
}
