import Bytes
import Testing

@Suite struct CRC32CTests {
  /// The check value of the catalogue of parametrised CRC algorithms, and the examples of RFC 3720, appendix B.4.
  static let published: [([UInt8], UInt32)] = [
    (Array("123456789".utf8), 0xE306_9283), ([], 0), (Array("a".utf8), 0xC1D0_4330),
    ([UInt8](repeating: 0, count: 32), 0x8A91_36AA), ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
    ((0..<32).map { UInt8($0) }, 0x46DD_794E), ((0..<32).map { UInt8(31 - $0) }, 0x113F_DB5C),
    (
      [
        0x01, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x18, 0x28, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
      ], 0xD996_3A56
    ),
  ]

  @Test(arguments: published)
  func `published checksums are found`(bytes: [UInt8], checksum: UInt32) {
    #expect(CRC32C.of(bytes.span) == checksum)
  }

  @Test func `bytes that come in parts have the checksum of the whole`() {
    let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 37 ^ $0 >> 2) }
    for count in 0...bytes.count {
      let whole = bytes.span.extracting(0..<count)
      let expected = Self.bitByBit(Array(bytes[0..<count]))
      #expect(CRC32C.of(whole) == expected)
      for cut in 0...count {
        var checksum = CRC32C()
        checksum.update(whole.extracting(0..<cut))
        checksum.update(whole.extracting(cut..<count))
        #expect(checksum.value == expected)
      }
    }
  }

  /// The definition, without tables.
  private static func bitByBit(_ bytes: [UInt8]) -> UInt32 {
    var crc = UInt32.max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0x82F6_3B78 }
    }
    return ~crc
  }
}
