import Bytes
import Journal
import Testing

@Suite struct FormatTests {
  private static let header = SegmentHeader(
    kind: .journal, number: 0x0102_0304_0506_0708, salt: 0x1112_1314_1516_1718, firstSequence: 0x2122_2324_2526_2728,
    identity: 0x3132_3334_3536_3738, time: 0x4142_4344_4546_4748, previousCRC: 0x5152_5354)

  private static func bytes(_ header: SegmentHeader) -> [UInt8] {
    var buffer = ByteBuffer()
    header.append(to: &buffer)
    return buffer.span.copied
  }

  private static func fault(_ bytes: [UInt8]) -> HeaderFault? {
    do throws(HeaderFault) {
      _ = try SegmentHeader.read(bytes.span)
      return nil
    } catch {
      return error
    }
  }

  private static func frameFault(_ bytes: [UInt8]) -> FrameFault? {
    do throws(FrameFault) {
      _ = try FrameHeader.read(bytes.span)
      return nil
    } catch {
      return error
    }
  }

  /// Writes the checksum that a header has to have after a change.
  private static func resealed(_ bytes: [UInt8], at place: Int, from start: Int) -> [UInt8] {
    let checksum = CRC32C.of(bytes.span.extracting(start..<64))
    return bytes[..<place] + (0..<4).map { UInt8(truncatingIfNeeded: checksum >> UInt32(8 * $0)) }
      + bytes[(place + 4)...]
  }

  @Test func `a file's header has each field in its place`() throws {
    let bytes = Self.bytes(Self.header)
    #expect(bytes.count == SegmentHeader.bytes)
    #expect(Array(bytes[0..<8]) == Array("SWIFTLET".utf8))
    #expect(Array(bytes[8..<12]) == [1, 0, 0, 0])
    #expect(bytes.span.littleEndian(UInt32.self, at: 12) == CRC32C.of(bytes.span.extracting(16..<64)))
    #expect(Array(bytes[16..<24]) == [8, 7, 6, 5, 4, 3, 2, 1])
    #expect(Array(bytes[24..<32]) == [0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11])
    #expect(Array(bytes[32..<40]) == [0x28, 0x27, 0x26, 0x25, 0x24, 0x23, 0x22, 0x21])
    #expect(Array(bytes[40..<48]) == [0x38, 0x37, 0x36, 0x35, 0x34, 0x33, 0x32, 0x31])
    #expect(Array(bytes[48..<56]) == [0x48, 0x47, 0x46, 0x45, 0x44, 0x43, 0x42, 0x41])
    #expect(Array(bytes[56...]) == [0x54, 0x53, 0x52, 0x51, 0, 0, 0, 0])
    #expect(try SegmentHeader.read(bytes.span) == Self.header)
    var base = Self.header
    base.kind = .base
    #expect(Self.bytes(base)[60] == 1)
    #expect(try SegmentHeader.read(Self.bytes(base).span) == base)
  }

  @Test func `a header with any bit flipped is refused`() {
    let bytes = Self.bytes(Self.header)
    for index in bytes.indices {
      for bit in 0..<8 {
        var flipped = bytes
        flipped[index] ^= 1 << UInt8(bit)
        let fault: HeaderFault =
          switch index {
          case ..<8: .magic
          case 8..<12: .version(1 ^ 1 << UInt32(8 * (index - 8) + bit))
          default: .checksum
          }
        #expect(Self.fault(flipped) == fault)
      }
    }
    #expect(Self.fault(Array(bytes[..<63])) == .cut)
  }

  @Test func `a header that says what it may not is refused though its checksum holds`() {
    let bytes = Self.bytes(Self.header)
    for index in 60..<64 {
      var other = bytes
      other[index] = 2
      #expect(Self.fault(Self.resealed(other, at: 12, from: 16)) == .kind)
    }
    for (index, number) in [(16, UInt64(0)), (16, UInt64.max), (32, 0), (32, UInt64.max)] {
      var other = bytes
      for byte in 0..<8 { other[index + byte] = UInt8(truncatingIfNeeded: number) }
      #expect(Self.fault(Self.resealed(other, at: 12, from: 16)) == (index == 16 ? .number(number) : .sequence(number)))
    }
  }

  @Test func `a frame's header has each field in its place and the next one names it`() throws {
    var chain = FrameChain(salt: 0x1112_1314_1516_1718, nextSequence: 0x0201, previousCRC: 0xA1A2_A3A4)
    var frame = ByteBuffer()
    for _ in 0..<FrameHeader.bytes { frame.append(0xEE) }
    frame.append("payload")
    chain.seal(&frame, kind: .changes, time: -2, recordCount: 0x0304, syncedThrough: 0x0102)
    let bytes = frame.span.copied
    #expect(bytes.count == 72)
    #expect(Array(bytes[0..<4]) == Array("FRAM".utf8))
    #expect(bytes.span.littleEndian(UInt32.self, at: 4) == CRC32C.of(bytes.span.extracting(8..<64)))
    #expect(Array(bytes[8..<16]) == [1, 2, 0, 0, 0, 0, 0, 0])
    #expect(Array(bytes[16..<24]) == [2, 1, 0, 0, 0, 0, 0, 0])
    #expect(Array(bytes[24..<32]) == [0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11])
    #expect(Array(bytes[32..<40]) == [0xFE] + [UInt8](repeating: 0xFF, count: 7))
    #expect(Array(bytes[40..<48]) == [7, 0, 0, 0, 0, 0, 0, 0])
    #expect(bytes.span.littleEndian(UInt32.self, at: 48) == CRC32C.of(Array("payload".utf8).span))
    #expect(Array(bytes[52..<56]) == [0xA4, 0xA3, 0xA2, 0xA1])
    #expect(Array(bytes[56..<64]) == [4, 3, 0, 0, 0, 0, 0, 0])
    #expect(Array(bytes[64...]) == Array("payload\0".utf8))
    let header = try FrameHeader.read(bytes.span)
    #expect(header.sequence == 0x0201 && header.time == -2 && header.payloadCount == 7 && header.kind == .changes)

    var next = ByteBuffer()
    for _ in 0..<FrameHeader.bytes { next.append(0) }
    chain.seal(&next, kind: .shutdown, time: 1, recordCount: 0, syncedThrough: 0x0201)
    let following = try FrameHeader.read(next.span)
    #expect(next.count == 64 && following.sequence == 0x0202 && following.kind == .shutdown)
    #expect(following.previousCRC == bytes.span.littleEndian(UInt32.self, at: 4))
    #expect(chain.nextSequence == 0x0203 && chain.lastCRC == next.span.littleEndian(UInt32.self, at: 4))
  }

  @Test func `a frame's header with any bit flipped is refused`() {
    var chain = FrameChain(Self.header)
    var frame = ByteBuffer()
    for _ in 0..<FrameHeader.bytes { frame.append(0) }
    chain.seal(&frame, kind: .changes, time: 5, recordCount: 0, syncedThrough: 3)
    let bytes = frame.span.copied
    for index in bytes.indices {
      for bit in 0..<8 {
        var flipped = bytes
        flipped[index] ^= 1 << UInt8(bit)
        #expect(Self.frameFault(flipped) == (index < 4 ? .magic : .checksum))
      }
    }
    #expect(Self.frameFault(Array(bytes[..<63])) == .cut)
    for index in 60..<64 {
      var other = bytes
      other[index] = 3
      #expect(Self.frameFault(Self.resealed(other, at: 4, from: 8)) == .kind)
    }
  }

  @Test(arguments: [
    ("journal-000000000000002a", JournalFileName.journal(42)), ("base-ffffffffffffffff", .base(.max)),
    ("base-0000000000000001.new", .newBase(1)), ("torn-0000000000000010-4096", .torn(16, offset: 4096)),
  ])
  func `a name has one spelling`(text: String, name: JournalFileName) {
    #expect(JournalFileName(text) == name)
    #expect(name.description == text)
  }

  @Test(arguments: [
    "", "LOCK", "journal", "journal-", "journal-2a", "journal-000000000000002A", "journal-0000000000000000",
    "journal-000000000000002a.new", "journal-000000000000002a-1", "base-000000000000002a.old",
    "journal-00000000000000002a",
    "journal-+00000000000002a", "torn-0000000000000010", "torn-0000000000000010-", "torn-0000000000000010-04",
    "torn-0000000000000010-+4", "torn-0000000000000010-1-2", "lost-0000000000000010-1", " journal-000000000000002a",
    "base-0000000000000001.new.new",
  ])
  func `other names are not the journal's`(text: String) {
    #expect(JournalFileName(text) == nil)
  }
}

extension Span<UInt8> {
  var copied: [UInt8] { withUnsafeBufferPointer { Array($0) } }
}
