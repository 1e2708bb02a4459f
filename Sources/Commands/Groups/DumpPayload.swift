// What DUMP writes and RESTORE reads: a string as Redis's RDB files hold it, with a footer.
//
//     ┌──────┬──────────────────────────────────┬─────────┬──────────┐
//     │ type │ string                           │ version │  CRC-64  │      version and checksum: lowest byte first
//     │ 0    │                                  │   2 B   │   8 B    │
//     └──────┴──────────────────────────────────┴─────────┴──────────┘
//
//     string    length  bytes                     as it is
//               C0 n, C1 nn, C2 nnnn              a number in 1, 2 or 4 bytes, lowest first
//               C3  length  length  LZF           compressed: to how much, from how much
//
//     length    00nnnnnn                          6 bits
//               01nnnnnn n                        14 bits, highest first
//               80 nnnn, 81 nnnnnnnn              32 or 64 bits, highest first

import Bytes

/// The serialized form of a value.
enum DumpPayload {
  /// The version that Redis 7.0 writes.
  private static let versionWritten: UInt16 = 10
  /// The last one in which strings are known to look like this: Redis 7.2's.
  private static let versionMax: UInt16 = 11
  static let footerBytes = 10
  private static let stringType: UInt8 = 0
  /// Longer text is no number that fits 32 bits.
  private static let numberBytesMax = 11
  /// Redis compresses what is longer, if that saves four bytes.
  private static let uncompressedBytesMax = 20

  /// Why a payload is refused.
  enum Fault: Error, Equatable {
    /// The footer is missing, of a later version, or its checksum is another.
    case footer
    /// It is no string, or not all of one.
    case format
    /// The string is longer than values may be.
    case tooLong
  }

  // MARK: - Writing

  /// Appends a value's payload; O(length).
  static func append(_ value: Span<UInt8>, to payload: inout ByteBuffer) {
    let start = payload.count
    if value.count <= numberBytesMax, let number = value.integer, let narrow = Int32(exactly: number) {
      payload.append(stringType)
      append(narrow, to: &payload)
    } else if value.count <= uncompressedBytesMax || !appendCompressed(value, to: &payload) {
      appendHead(valueCount: value.count, compressedCount: nil, to: &payload)
      payload.append(value)
    }
    var checksum = CRC64()
    checksum.update(payload.span.extracting(start...))
    appendFooter(behind: checksum, to: &payload)
  }

  /// What compresses a value that is to stand in a payload, if that makes it shorter.
  static func compressor(of valueCount: Int) -> LZFCompressor { LZFCompressor(outputMax: valueCount - 4) }

  /// Appends what stands in front of a string's bytes, or of what they were compressed to.
  static func appendHead(valueCount: Int, compressedCount: Int?, to payload: inout ByteBuffer) {
    payload.append(stringType)
    if let compressedCount {
      payload.append(0xC3)
      append(length: compressedCount, to: &payload)
    }
    append(length: valueCount, to: &payload)
  }

  /// Appends what stands behind the string; `checksum` is that of all in front of it.
  static func appendFooter(behind checksum: CRC64, to payload: inout ByteBuffer) {
    let start = payload.count
    payload.append(littleEndian: UInt64(versionWritten), bytes: 2)
    var checksum = checksum
    checksum.update(payload.span.extracting(start...))
    payload.append(littleEndian: checksum.value, bytes: 8)
  }

  private static func append(_ number: Int32, to payload: inout ByteBuffer) {
    let (code, bytes): (UInt8, Int) =
      if Int8(exactly: number) != nil { (0, 1) } else if Int16(exactly: number) != nil { (1, 2) } else { (2, 4) }
    payload.append(0xC0 | code)
    payload.append(littleEndian: UInt64(truncatingIfNeeded: number), bytes: bytes)
  }

  /// Appends a value compressed; false, and nothing, if that does not make it shorter.
  private static func appendCompressed(_ value: Span<UInt8>, to payload: inout ByteBuffer) -> Bool {
    var compressor = compressor(of: value.count)
    guard compressor.step(value) == .done else { return false }
    appendHead(valueCount: value.count, compressedCount: compressor.output.count, to: &payload)
    payload.append(compressor.output.span)
    return true
  }

  private static func append(length: Int, to payload: inout ByteBuffer) {
    if length < 1 << 6 {
      payload.append(UInt8(length))
    } else if length < 1 << 14 {
      payload.append(0x40 | UInt8(length >> 8))
      payload.append(UInt8(truncatingIfNeeded: length))
    } else if let narrow = UInt32(exactly: length) {
      payload.append(0x80)
      payload.append(littleEndian: UInt64(narrow.byteSwapped), bytes: 4)
    } else {
      payload.append(0x81)
      payload.append(littleEndian: UInt64(length).byteSwapped, bytes: 8)
    }
  }

  // MARK: - Reading

  /// A string found in a payload: a part of it, or, if that is nil, what it was decoded to.
  struct Content: ~Copyable {
    var part: Range<Int>?
    var decoded = ByteBuffer()
  }

  /// Reads a payload, which may be anything; O(length of the string). Nothing is allocated for what is only promised.
  static func read(_ payload: Span<UInt8>, valueBytesMax: Int) throws(Fault) -> Content {
    let end = payload.count - footerBytes
    guard end >= 0, payload.littleEndian(at: end, bytes: 2) <= UInt64(versionMax) else { throw .footer }
    var checksum = CRC64()
    checksum.update(payload.extracting(..<(end + 2)))
    guard payload.littleEndian(at: end + 2, bytes: 8) == checksum.value else { throw .footer }
    let body = payload.extracting(..<end)
    guard end > 1, body[0] == stringType else { throw .format }
    var position = 1
    if body[1] >> 6 == 3 { return try readEncoded(body, valueBytesMax) }
    let part = try readPart(body, &position)
    guard part.count <= valueBytesMax else { throw .tooLong }
    return Content(part: part)
  }

  /// Reads a number or a compressed string.
  private static func readEncoded(_ body: Span<UInt8>, _ valueBytesMax: Int) throws(Fault) -> Content {
    var content = Content()
    var position = 2
    switch body[1] & 0x3F {
    case 0: content.decoded.append(decimal: try readNumber(body, bytes: 1))
    case 1: content.decoded.append(decimal: try readNumber(body, bytes: 2))
    case 2: content.decoded.append(decimal: try readNumber(body, bytes: 4))
    case 3:
      let compressedCount = try readLength(body, &position)
      let count = try readLength(body, &position)
      guard compressedCount <= body.count - position else { throw .format }
      guard count <= valueBytesMax else { throw .tooLong }
      var decompressor = LZFDecompressor(outputCount: count)
      let compressed = body.extracting(position..<position + compressedCount)
      guard decompressor.step(compressed, into: &content.decoded) == .done else { throw .format }
    default: throw .format
    }
    return content
  }

  /// How long the value of a payload is at most; O(1).
  static func valueBytesMax(of payload: Span<UInt8>) -> Int {
    guard payload.count > 1, payload[1] == 0xC3 else { return payload.count }
    var position = 2
    do throws(Fault) {
      let compressedCount = try readLength(payload, &position)
      return min(try readLength(payload, &position), min(compressedCount, payload.count) * decompressionMax)
    } catch {
      return 0
    }
  }

  /// LZF says 264 bytes in three, no more.
  private static let decompressionMax = 88

  private static func readNumber(_ body: Span<UInt8>, bytes: Int) throws(Fault) -> Int64 {
    guard body.count >= 2 + bytes else { throw .format }
    let unused = UInt64(64 - 8 * bytes)
    return Int64(truncatingIfNeeded: body.littleEndian(at: 2, bytes: bytes) << unused) >> Int64(unused)
  }

  /// Reads a length and finds so many bytes behind it.
  private static func readPart(_ body: Span<UInt8>, _ position: inout Int) throws(Fault) -> Range<Int> {
    let count = try readLength(body, &position)
    guard count <= body.count - position else { throw .format }
    return position..<position + count
  }

  private static func readLength(_ body: Span<UInt8>, _ position: inout Int) throws(Fault) -> Int {
    guard position < body.count else { throw .format }
    let first = body[position]
    let bytes: Int
    switch first {
    case 0..<0x40:
      position += 1
      return Int(first)
    case 0x40..<0x80: bytes = 1
    case 0x80: bytes = 4
    case 0x81: bytes = 8
    default: throw .format
    }
    guard bytes < body.count - position else { throw .format }
    let rest = body.littleEndian(at: position + 1, bytes: bytes).byteSwapped >> UInt64(64 - 8 * bytes)
    position += 1 + bytes
    if bytes == 1 { return Int(first & 0x3F) << 8 | Int(rest) }
    guard let length = Int(exactly: rest) else { throw .format }
    return length
  }
}

extension ByteBuffer {
  /// Appends the lowest bytes of a word, the lowest one first.
  fileprivate mutating func append(littleEndian word: UInt64, bytes: Int) {
    for index in 0..<bytes { append(UInt8(truncatingIfNeeded: word >> UInt64(8 * index))) }
  }
}

extension Span<UInt8> {
  /// The word that these bytes are the lowest of, the lowest one first.
  fileprivate func littleEndian(at index: Int, bytes: Int) -> UInt64 {
    var word: UInt64 = 0
    for offset in 0..<bytes { word |= UInt64(self[index + offset]) << UInt64(8 * offset) }
    return word
  }
}
