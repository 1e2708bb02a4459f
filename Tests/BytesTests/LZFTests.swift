import Bytes
import TestSupport
import Testing

@Suite struct LZFTests {
  private static func compressed(_ value: [UInt8], outputMax: Int? = nil, budget: Int = .max) -> [UInt8]? {
    var compressor = LZFCompressor(outputMax: outputMax ?? max(value.count - 4, 0))
    while true {
      switch compressor.step(value.span, budget: budget) {
      case .more: continue
      case .done: return compressor.output.span.copied
      case .tooLong: return nil
      }
    }
  }

  private static func decompressed(_ bytes: [UInt8], count: Int, budget: Int = .max) -> [UInt8]? {
    var decompressor = LZFDecompressor(outputCount: count)
    var output = ByteBuffer()
    while true {
      switch decompressor.step(bytes.span, into: &output, budget: budget) {
      case .more: continue
      case .done: return output.span.copied
      case .damaged: return nil
      }
    }
  }

  private static func hex(_ text: String) -> [UInt8] {
    let digits = text.utf8.compactMap { ASCII.hexDigit($0) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  /// What stands between the lengths and the version in redis-server 7.0.15's DUMP of each.
  private static let dumps: [(value: String, compressed: String)] = [
    (String(repeating: "a", count: 30), "016161e01100016161"), (String(repeating: "a", count: 21), "016161e00a00"),
    (String(repeating: "abc", count: 20), "0361626361e02d02016263"),
    ("hello hello hello hello hello", "0668656c6c6f2068e00b05016c6f"),
    (
      "the quick brown fox jumps over the lazy dog; the lazy dog sleeps",
      "1f74686520717569636b2062726f776e20666f78206a756d7073206f7665722074201e086c617a7920646f673be0040d0620736c65657073"
    ),
    (String(repeating: "0123456789", count: 30), "0a3031323334353637383930e0ff09e10e0d013839"),
    (
      String(repeating: "ab", count: 14) + "xyz" + String(repeating: "ab", count: 14),
      "02616261e010010278797ae0111c016162"
    ),
    (
      (0..<12).map { "user:\($0);" }.joined(),
      "07757365723a303b7540060031800600328006003380060034800600358006003680060037800600388006003980060031c04601313b"
    ),
    (String(repeating: "a", count: 263) + "b", "016161e0fb00016162"),
    (String(repeating: "a", count: 270), "016161e0ff0020000061"),
    (
      "x" + String(repeating: "y", count: 300) + "x" + String(repeating: "y", count: 5),
      "017879e0ff00e01a0000782023017979"
    ),
  ]

  @Test(arguments: dumps)
  func `strings are compressed to the bytes of redis-server`(value: String, compressed: String) {
    let bytes = Array(value.utf8)
    for budget in [1, 10, .max] {
      #expect(Self.compressed(bytes, budget: budget) == Self.hex(compressed))
      #expect(Self.decompressed(Self.hex(compressed), count: bytes.count, budget: budget) == bytes)
    }
  }

  /// The checksum of redis-server's whole DUMP of a long value stands for its bytes.
  @Test(arguments: [(1_000, 4_443, UInt64(0x5dab_dd56_23b7_b3f8)), (9_000, 43_109, 0xd8e8_9315_2a21_2b26)])
  func `long strings are compressed to the bytes of redis-server`(count: Int, length: Int, checksum: UInt64) throws {
    let value = (0..<count).flatMap { Array("\($0 * $0),".utf8) }
    let bytes = try #require(Self.compressed(value, budget: 1_000))
    #expect(bytes.count == length)
    var dump = ByteBuffer()
    dump.append(0)
    dump.append(0xC3)
    for number in [bytes.count, value.count] {
      if number >= 1 << 14 {
        dump.append(0x80)
        dump.append(word: UInt64(UInt32(number).byteSwapped), length: 4)
      } else {
        dump.append(UInt8(0x40 | number >> 8))
        dump.append(UInt8(number & 0xFF))
      }
    }
    dump.append(bytes.span)
    dump.append(word: 10, length: 2)
    var crc = CRC64()
    crc.update(dump.span)
    #expect(crc.value == checksum)
    #expect(Self.decompressed(bytes, count: value.count) == value)
  }

  @Test func `random strings come back as they were`() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<400 {
      let letters = 1 + random.next() % 40
      let value = (0..<Int(random.next() % 3_000)).map { _ in UInt8(truncatingIfNeeded: random.next() % letters) }
      let budget = 1 + Int(random.next() % 500)
      guard let bytes = Self.compressed(value, outputMax: value.count + 200, budget: budget) else {
        #expect(value.isEmpty, "seed \(seed)")
        continue
      }
      #expect(Self.decompressed(bytes, count: value.count, budget: budget) == value, "seed \(seed)")
      // It fits just so, with the few bytes that the algorithm wants to be free.
      #expect(Self.compressed(value, outputMax: bytes.count + 4) == bytes, "seed \(seed)")
      #expect(Self.compressed(value, outputMax: bytes.count - 1) == nil, "seed \(seed)")
    }
  }

  @Test func `damaged bytes are never more than damaged`() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let good = Self.hex(Self.dumps[4].compressed)
    for _ in 0..<5_000 {
      var bytes = good
      for _ in 0..<1 + random.next() % 3 {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      bytes.removeLast(Int(random.next() % 5))
      let result = Self.decompressed(bytes, count: 64)
      #expect(result == nil || result?.count == 64, "seed \(seed)")
    }
    #expect(Self.decompressed(good, count: 63) == nil)
    #expect(Self.decompressed(good, count: 65) == nil)
    #expect(Self.decompressed([], count: 0) == [])
  }
}

@Suite struct CRC64Tests {
  @Test(arguments: [
    ("", UInt64(0)), ("123456789", 0xe9c6_d914_c4b8_d9ca), ("\0\u{5}hello\n\0", 0x0a20_3465_76df_7263),
  ])
  func `the checksum of known bytes is known`(text: String, checksum: UInt64) {
    var crc = CRC64()
    crc.update(Array(text.utf8).span)
    #expect(crc.value == checksum)
  }

  @Test func `bytes in parts give the same as at once`() {
    let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    var whole = CRC64()
    whole.update(bytes.span)
    for cut in 0...bytes.count {
      var parts = CRC64()
      parts.update(bytes.span.extracting(..<cut))
      parts.update(bytes.span.extracting(cut...))
      #expect(parts.value == whole.value)
    }
  }
}
