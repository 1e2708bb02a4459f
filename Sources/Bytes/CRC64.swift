// The checksum at the end of what DUMP writes: CRC-64 with the polynomial of David T. Jones (An improved 64-bit cyclic
// redundancy check for protein sequences, University College London), bits reflected, from 0, without a final change;
// redis-server uses the same (its crc64.c).
//
// Eight bytes a step: eight tables say what each byte of a word, that many bytes before the end of the step, adds to
// the checksum (M. E. Kounavis and F. L. Berry, A systematic approach to building high performance software-based CRC
// generators, ISCC 2005).

/// A checksum over bytes that come in parts; 8 bytes.
public struct CRC64: Sendable {
  /// The checksum of the bytes so far.
  public private(set) var value: UInt64 = 0

  /// Creates the checksum of no bytes.
  public init() {}

  /// Takes in more bytes; O(length).
  public mutating func update(_ bytes: Span<UInt8>) {
    let start = value
    value = Self.tables.withUnsafeBufferPointer { tables in
      bytes.withUnsafeBytes { Self.extend(start, $0, tables) }
    }
  }

  private static func extend(
    _ start: UInt64, _ bytes: UnsafeRawBufferPointer, _ tables: UnsafeBufferPointer<UInt64>
  ) -> UInt64 {
    var crc = start
    var index = 0
    while bytes.count - index >= 8 {
      let word = crc ^ UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      crc = 0
      for byte in 0..<8 { crc ^= tables[(7 - byte) * 256 + Int((word >> UInt64(byte * 8)) & 0xFF)] }
      index += 8
    }
    while index < bytes.count {
      crc = tables[Int((crc ^ UInt64(bytes[index])) & 0xFF)] ^ (crc >> 8)
      index += 1
    }
    return crc
  }

  /// The polynomial 0xAD93D23594C935A9 with its bits in reverse order.
  private static let polynomial: UInt64 = 0x95AC_9329_AC4B_C9B5

  /// Eight tables of 256: what a byte adds that stands 0 to 7 bytes before the end.
  private static let tables: [UInt64] = {
    var tables = [UInt64](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var crc = UInt64(byte)
      for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ polynomial }
      tables[byte] = crc
    }
    for index in 256..<tables.count {
      let before = tables[index - 256]
      tables[index] = tables[Int(before & 0xFF)] ^ (before >> 8)
    }
    return tables
  }()
}
