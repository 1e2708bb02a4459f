// A journal written, and then damaged, by a program that an input spells: an operation's byte, then its operands.

import Bytes
import Journal

/// Files of a journal that an input makes.
struct FuzzedJournal {
  private(set) var files: [JournalFile] = []
  /// Where frames begin: file and offset.
  private var frames: [(file: Int, offset: Int)] = []
  private var chain = FrameChain(salt: 0, nextSequence: 1, previousCRC: 0)
  private var synced: UInt64 = 0
  private var salt: UInt64 = 0x5A17
  private var number: UInt64 = 1
  private var isAlways = true

  private static let filesMax = 8

  init(_ input: FuzzInput) {
    isAlways = !input.has(0)
    var reader = OperandReader(input.body)
    while !reader.isAtEnd { perform(&reader) }
  }

  /// Goes on where a recovery has ended, with a new segment.
  init(continuing result: RecoveryResult) {
    salt = 0xFE57
    number = result.nextSegment
    synced = result.nextSequence - 1
    chain = FrameChain(salt: 0, nextSequence: result.nextSequence, previousCRC: result.chainCRC)
    begin(.journal, identity: result.identity ?? 1)
  }

  private mutating func perform(_ reader: inout OperandReader) {
    let operation = reader.byte() % 16
    switch operation {
    case 0:
      if reader.byte() == 7 { number += 1 }
      begin(.journal)
    case 1, 2, 3, 4: write(reader.bytes(Int(reader.byte()) % 100))
    case 5: if files.isEmpty { addBase(&reader) }
    case 6: write([], kind: .shutdown)
    case 7: write(reader.bytes(3), kind: FrameKind(rawValue: reader.byte() % 3)!)
    case 8, 9, 10: pokeFrame(&reader)
    case 11: pokeHeader(&reader)
    default: damage(operation, &reader)
    }
  }

  // MARK: - Writing

  private mutating func begin(_ kind: SegmentKind, identity: UInt64 = 0xD1CE) {
    guard files.count < Self.filesMax else { return }
    salt += 1
    let isBase = kind == .base
    let header = SegmentHeader(
      kind: kind, number: number, salt: salt, firstSequence: chain.nextSequence, identity: identity, time: 1,
      previousCRC: isBase ? 0 : chain.lastCRC)
    var buffer = ByteBuffer()
    header.append(to: &buffer)
    let name = isBase ? JournalFileName.base(number) : .journal(number)
    files.append(JournalFile(name: name.description, bytes: buffer.span.copied))
    if !isBase { number += 1 }
    chain = FrameChain(header)
  }

  mutating func write(_ payload: [UInt8], kind: FrameKind = .changes) {
    if files.isEmpty { begin(.journal) }
    let isBase = files[files.count - 1].name.hasPrefix("base")
    var buffer = ByteBuffer()
    for _ in 0..<FrameHeader.bytes { buffer.append(0) }
    buffer.append(payload.span)
    let known = isBase ? 0 : min(synced, chain.nextSequence - 1)
    chain.seal(&buffer, kind: kind, time: 100, recordCount: payload.count / 3, syncedThrough: known)
    if isAlways, !isBase { synced = chain.nextSequence - 1 }
    frames.append((files.count - 1, files[files.count - 1].bytes.count))
    files[files.count - 1].bytes += buffer.span.copied
  }

  /// A base, and the segment that follows it.
  private mutating func addBase(_ reader: inout OperandReader) {
    number = UInt64(reader.byte()) + 1
    let first = UInt64(reader.number()) + 1
    chain = FrameChain(salt: 0, nextSequence: first, previousCRC: 0)
    begin(.base)
    for _ in 0..<reader.byte() % 4 { write(reader.bytes(Int(reader.byte()) % 40)) }
    write([1, 0, 0, 0, 0, 0, 0, 0], kind: .endOfBase)
    chain = FrameChain(salt: 0, nextSequence: first, previousCRC: 0xC0FFEE)
    synced = isAlways ? first - 1 : 0
    begin(.journal)
  }

  // MARK: - Damage

  /// Overwrites a field of a frame's header, and makes its checksums good, or not.
  private mutating func pokeFrame(_ reader: inout OperandReader) {
    guard !frames.isEmpty else { return }
    let (file, offset) = frames[Int(reader.byte()) % frames.count]
    let field = 8 + Int(reader.byte()) % 14 * 4
    let fixes = reader.byte()
    let isWide = fixes & 4 != 0 && field <= 56
    let value = fixes & 8 == 0 ? UInt64(reader.byte()) : reader.word()
    put(value, isWide ? 8 : 4, at: offset + field, file)
    if fixes & 1 != 0 { repairPayload(file, offset) }
    if fixes & 2 != 0 { put(UInt64(crc(file, offset + 8..<offset + 64)), 4, at: offset + 4, file) }
  }

  private mutating func repairPayload(_ file: Int, _ offset: Int) {
    let bytes = files[file].bytes
    guard offset + 64 <= bytes.count else { return }
    let count = (0..<4).reduce(0) { $0 | Int(bytes[offset + 40 + $1]) << (8 * $1) }
    guard count <= bytes.count - offset - 64 else { return }
    put(UInt64(crc(file, offset + 64..<offset + 64 + count)), 4, at: offset + 48, file)
  }

  private mutating func pokeHeader(_ reader: inout OperandReader) {
    guard !files.isEmpty else { return }
    let file = Int(reader.byte()) % files.count
    let field = Int(reader.byte()) % 16 * 4
    put(reader.word(), field <= 56 ? 8 : 4, at: field, file)
    put(UInt64(crc(file, 16..<64)), 4, at: 12, file)
  }

  private mutating func damage(_ operation: UInt8, _ reader: inout OperandReader) {
    guard !files.isEmpty else { return }
    let file = Int(reader.byte()) % files.count
    let count = files[file].bytes.count
    let start = min(reader.number() & 0xFFF, count)
    switch operation {
    case 12: if start < count { files[file].bytes[start] ^= 1 << (reader.byte() & 7) }
    case 13: files[file].bytes.removeSubrange(start...)
    case 14:
      let end = min(count, start + reader.number() & 0xFFF)
      let source = Int(reader.byte()) % (files.count + 1)
      for index in start..<max(start, end) {
        let other = source < files.count ? files[source].bytes : []
        files[file].bytes[index] = index < other.count ? other[index] : 0
      }
    default:
      if reader.byte() & 3 == 0 {
        files.remove(at: file)
        frames = frames.filter { $0.file != file }.map { ($0.file > file ? $0.file - 1 : $0.file, $0.offset) }
      } else {
        files[file].bytes += reader.bytes(Int(reader.byte())) + Array(repeating: 0, count: Int(reader.byte()))
      }
    }
  }

  private mutating func put(_ value: UInt64, _ width: Int, at offset: Int, _ file: Int) {
    for index in 0..<width where offset + index < files[file].bytes.count {
      files[file].bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
    }
  }

  private func crc(_ file: Int, _ range: Range<Int>) -> UInt32 {
    let bytes = files[file].bytes
    return range.upperBound <= bytes.count ? JournalReader.checksum(bytes[range]) : 0
  }
}
