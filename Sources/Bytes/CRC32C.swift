// The checksum of everything that the journal writes: CRC-32 with Castagnoli's polynomial, bits reflected, from
// all ones, complemented in the end (RFC 3720, section 12.1 and appendix B.4). It finds every error of up to five bits,
// and every burst of up to 32, in frames of ordinary size (G. Castagnoli et al., IEEE Transactions on Communications,
// 1993).
//
// Sixteen bytes a step: sixteen tables say what each byte of a step, that many bytes before its end, adds to the
// checksum (M. E. Kounavis and F. L. Berry, A systematic approach to building high performance software-based CRC
// generators, ISCC 2005).

/// A checksum over bytes that come in parts; 4 bytes.
public struct CRC32C: Sendable {
  /// What the polynomial division has left so far, not yet complemented.
  private var state: UInt32 = 0xFFFF_FFFF

  /// Creates the checksum of no bytes, which is 0.
  public init() {}

  /// The checksum of `bytes`; O(length).
  public static func of(_ bytes: Span<UInt8>) -> UInt32 {
    var checksum = CRC32C()
    checksum.update(bytes)
    return checksum.value
  }

  /// The checksum of the bytes so far.
  public var value: UInt32 { ~state }

  /// Takes in more bytes; O(length).
  public mutating func update(_ bytes: Span<UInt8>) {
    let start = state
    state = Self.tables.withUnsafeBufferPointer { tables in
      bytes.withUnsafeBytes { Self.extend(start, $0, tables) }
    }
  }

  /// Both pointers are read within their counts: a step only while 16 bytes are left, and each table by a byte.
  private static func extend(
    _ start: UInt32, _ bytes: UnsafeRawBufferPointer, _ tables: UnsafeBufferPointer<UInt32>
  ) -> UInt32 {
    guard let first = bytes.baseAddress, let table = tables.baseAddress else { return start }
    var crc = start
    var index = 0
    if bytes.count >= 16 {
      var rest = twelve(first, 4, table)
      while true {
        let word = UInt32(littleEndian: first.loadUnaligned(fromByteOffset: index, as: UInt32.self))
        crc = four(word ^ crc, table + 12 * 256) ^ rest
        index &+= 16
        guard bytes.count &- index >= 16 else { break }
        rest = twelve(first, index &+ 4, table)
      }
    }
    while index < bytes.count {
      crc = table[Int((crc ^ UInt32(first.load(fromByteOffset: index, as: UInt8.self))) & 0xFF)] ^ (crc >> 8)
      index &+= 1
    }
    return crc
  }

  /// What the last twelve bytes of a step add.
  ///
  /// They wait for nothing in front of them: looked up a step ahead, they leave only four lookups in the chain from
  /// each step to the next.
  @inline(__always)
  private static func twelve(
    _ first: UnsafeRawPointer, _ offset: Int, _ table: UnsafePointer<UInt32>
  ) -> UInt32 {
    let low = UInt32(littleEndian: first.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    let word = UInt64(littleEndian: first.loadUnaligned(fromByteOffset: offset &+ 4, as: UInt64.self))
    return four(low, table + 8 * 256) ^ four(UInt32(truncatingIfNeeded: word), table + 4 * 256)
      ^ four(UInt32(truncatingIfNeeded: word >> 32), table)
  }

  /// What four bytes add, the last of which looks itself up in the first of the four tables from `table` on.
  @inline(__always)
  private static func four(_ word: UInt32, _ table: UnsafePointer<UInt32>) -> UInt32 {
    table[3 * 256 &+ Int(word & 0xFF)] ^ table[2 * 256 &+ Int(word >> 8 & 0xFF)]
      ^ table[256 &+ Int(word >> 16 & 0xFF)] ^ table[Int(word >> 24)]
  }

  /// The polynomial 0x1EDC6F41 with its bits in reverse order.
  private static let polynomial: UInt32 = 0x82F6_3B78

  /// Sixteen tables of 256: what a byte adds that stands 0 to 15 bytes before the end.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 16 * 256)
    for byte in 0..<256 {
      var crc = UInt32(byte)
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
