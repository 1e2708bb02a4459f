import Histogram
import Testing

@testable import LoadGenerator

@Suite("Latencies by the second, and HdrHistogram's log of them")
struct HistogramLogTests {
  @Test func `a log reads as HdrHistogram's own reader shows it`() {
    let log = HistogramLog(
      startMilliseconds: 1_500_000_000_007, nanoseconds: 1_250_000_000,
      intervals: [.init(counts: [(5, 2), (3000, 1), (1_000_001, 300)]), .init(counts: [])])
    // The histograms were decoded with hdrhistogram 0.10 for Python, to the same counts.
    #expect(
      log.text == """
        #[Histogram log format version 1.3]
        #[StartTime: 1500000000.007 (seconds since epoch)]
        "StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"
        0.000,1.000,1.000,\(Self.first)
        1.000,0.250,0.000,\(Self.second)

        """)
  }

  static let first =
    "HISTFAAAAD14AQEyAM3/HISTEwAAAAoAAAAAAAAAAwAAAAAAAAABAAAAG/COsAA/8AAAAAAAAAkEqycCh4cB2ASSZweZ"
  static let second = "HISTFAAAADN4AQEoANf/HISTEwAAAAAAAAAAAAAAAwAAAAAAAAABAAAAG/COsAA/8AAAAAAAAFOyBMM="

  @Test(arguments: [0, 1, 2047, 2048, 2049, 4095, 4096, 123_456, 119_999_999_999] as [UInt64])
  func `values with one index are those that the histogram takes for one`(_ value: UInt64) {
    let histogram = LatencyHistogram.empty
    let lowest = histogram.lowestEquivalentForValue(value)
    let index = HistogramLog.index(of: value)
    #expect(HistogramLog.index(of: lowest) == index)
    #expect(HistogramLog.index(of: histogram.highestEquivalentForValue(value)) == index)
    #expect(HistogramLog.index(of: histogram.nextNonEquivalentForValue(value)) == index + 1)
    if lowest > 0 { #expect(HistogramLog.index(of: lowest - 1) == index - 1) }
  }

  @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
  func `base64 is as RFC 4648 shows it`(_ text: String, _ expected: String) {
    #expect(Base64.text(Array(text.utf8)) == expected)
  }

  @Test func `a zlib stream is cut into blocks and checked`() {
    #expect(Zlib.adler32(Array("Wikipedia".utf8)) == 0x11E6_0398)
    let bytes = [UInt8](repeating: 7, count: 65_536)
    let stream = Zlib.stored(bytes)
    #expect(Array(stream[..<7]) == [0x78, 0x01, 0, 0xFF, 0xFF, 0, 0])
    #expect(Array(stream[(7 + 65_535)..<(7 + 65_535 + 6)]) == [1, 1, 0, 0xFE, 0xFF, 7])
    #expect(stream.count == 2 + 5 + 65_535 + 5 + 1 + 4)
  }

  @Test func `latencies count in the second in which their replies came`() {
    var log = IntervalLog(start: 5_000_000_000)
    log.record(10, count: 2, at: 5_999_999_999)
    log.record(20, count: 1, at: 8_000_000_000)
    log.endInterval()
    #expect(log.intervals.map { $0.counts.map(\.count) } == [[2], [], [], [1]])
    var other = IntervalLog(start: 5_500_000_000)
    other.record(10, count: 3, at: 5_500_000_001)
    for second in 0..<5 { other.record(30, count: 1, at: 5_600_000_000 + UInt64(second) * 1_000_000_000) }
    other.endInterval()
    log.add(other)
    #expect(log.intervals.map { $0.counts.map(\.count) } == [[5, 1], [1], [1], [1, 1], [1]])
  }

  @Test func `a long latency stands also for those that were not begun meanwhile`() {
    var latencies = LatencyHistogram.empty
    latencies.record(100, count: 9)
    latencies.record(1000, count: 1)
    let corrected = LatencyHistogram.corrected(latencies, interval: 100)
    #expect(corrected.totalCount == 19)
    #expect(corrected.valueAtPercentile(50) == 100)
    #expect(corrected.valueAtPercentile(75) >= 500)
    #expect(corrected.valueAtPercentile(100) == latencies.valueAtPercentile(100))
  }
}
