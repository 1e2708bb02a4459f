// HdrHistogram's interval log, format 1.3, which HistogramLogProcessor, hdr-plot and HistogramLogAnalyzer read: a line
// for each second with its histogram.
//
//     start of the interval, its length (both in seconds), its maximum (here in ms), histogram
//
// The histogram is in base64 (RFC 4648) the compressed form of HdrHistogram's encoding V2:
//
//     compressed:  cookie 1C849314 │ length, 4 bytes │ zlib stream (RFC 1950) of
//     encoded:     cookie 1C849313 │ length of the counts │ 0 │ digits │ lowest │ highest │ ratio 1.0 │ counts
//
// all numbers with the highest byte first. Counts stand in the order of their index as ZigZag LEB128 numbers, n zeros
// in a row as −n. The zlib stream's blocks are stored and not deflated: runs of zeros are gone already.

import Histogram

/// Writes an interval log.
struct HistogramLog {
  /// Bytes of values below which each has an index of its own: three digits need 2000, and a power of two.
  private static let singleValues: UInt64 = 2048

  let startMilliseconds: Int64
  /// How long all intervals are together: the last is shorter than a second.
  let nanoseconds: UInt64
  let intervals: [IntervalLog.Interval]

  /// The whole log.
  var text: String {
    let seconds = "\(startMilliseconds / 1000).\(Self.threeDigits(startMilliseconds % 1000))"
    var text = "#[Histogram log format version 1.3]\n#[StartTime: \(seconds) (seconds since epoch)]\n"
    text += "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n"
    for (number, interval) in intervals.enumerated() {
      let highest = Double(interval.counts.last?.value ?? 0) / 1e6
      let length = min(1, max(0, Double(nanoseconds) / 1e9 - Double(number)))
      text +=
        "\(number).000,\(fixed(length, 3)),\(fixed(highest, 3)),\(Base64.text(Self.compressed(interval.counts)))\n"
    }
    return text
  }

  private static func threeDigits(_ number: Int64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: 3 - digits.count) + digits
  }

  // MARK: - Encoding V2

  /// A histogram, compressed.
  static func compressed(_ counts: [(value: UInt64, count: UInt64)]) -> [UInt8] {
    let stream = Zlib.stored(encoded(counts))
    return bytes(UInt32(0x1C84_9314)) + bytes(UInt32(stream.count)) + stream
  }

  /// A histogram of nanoseconds to two minutes with three digits.
  static func encoded(_ counts: [(value: UInt64, count: UInt64)]) -> [UInt8] {
    var payload: [UInt8] = []
    var next = 0
    for (value, count) in counts {
      let index = index(of: value)
      if index > next { append(zigZag: Int64(next - index), to: &payload) }
      append(zigZag: Int64(clamping: count), to: &payload)
      next = index + 1
    }
    let empty = LatencyHistogram.empty
    let head = [0x1C84_9313, UInt32(payload.count), 0, UInt32(empty.numberOfSignificantValueDigits.rawValue)]
    return head.flatMap(bytes) + bytes(empty.lowestDiscernibleValue) + bytes(empty.highestTrackableValue)
      + bytes(Double(1).bitPattern) + payload
  }

  /// Where a value is counted: below 2048 at itself, and then in 1024 steps from each power of two to the next.
  static func index(of value: UInt64) -> Int {
    let half = Int(singleValues / 2)
    let bucket = 53 - (value | (singleValues - 1)).leadingZeroBitCount
    return bucket * half + Int(value >> UInt64(bucket))
  }

  /// Appends a number as HdrHistogram's ZigZag LEB128: seven bits a byte, the lowest first, but eight in the ninth.
  private static func append(zigZag number: Int64, to bytes: inout [UInt8]) {
    var rest = UInt64(bitPattern: (number << 1) ^ (number >> 63))
    for _ in 0..<8 {
      guard rest > 0x7F else { return bytes.append(UInt8(rest)) }
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    stride(from: number.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
  }
}

/// The zlib format, without compression.
enum Zlib {
  private static let blockBytesMax = 65_535

  /// A stream of stored blocks (RFC 1951, 3.2.4) with the checksum behind it.
  static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    var start = 0
    repeat {
      let end = min(start + blockBytesMax, bytes.count)
      let length = UInt16(end - start)
      stream.append(end == bytes.count ? 1 : 0)
      for half in [length, ~length] { stream += [UInt8(half & 0xFF), UInt8(half >> 8)] }
      stream += bytes[start..<end]
      start = end
    } while start < bytes.count
    let sum = adler32(bytes)
    return stream + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) }
  }

  /// The checksum of RFC 1950.
  static func adler32(_ bytes: [UInt8]) -> UInt32 {
    var low: UInt32 = 1
    var high: UInt32 = 0
    for byte in bytes {
      low = (low + UInt32(byte)) % 65_521
      high = (high + low) % 65_521
    }
    return high << 16 | low
  }
}

/// Bytes as text.
enum Base64 {
  private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func text(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var word: UInt32 = 0
      for index in 0..<3 { word = word << 8 | (index < group.count ? UInt32(group[start + index]) : 0) }
      for index in 0..<4 {
        text.append(index <= group.count ? letters[Int(word >> (18 - 6 * UInt32(index)) & 63)] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
