// A second reader of journals, which has whole files before it: plain arrays, loops and a checksum a bit at a time.
// What is good, torn or damaged is decided here by the format as it is written down, not by how recovery goes about it.

import Journal

/// What has to come of a journal's recovery.
struct JournalReader {
  enum Verdict: Equatable {
    case clean
    case torn(offset: Int)
    case refused(file: String, offset: Int)
  }

  private(set) var verdict = Verdict.clean
  private(set) var applied: [[UInt8]] = []
  private var next: UInt64 = 1
  private var previous: UInt32? = 0
  private var identity: UInt64?
  private var hasEnd = false

  init(_ files: [JournalFile]) {
    guard let plan = Self.plan(files, &verdict) else { return }
    for (index, file) in plan.enumerated() {
      let isLast = index == plan.count - 1 && !file.isBase
      guard let end = read(file, isLast) else { return }
      if file.isBase {
        if !hasEnd {
          verdict = .refused(file: file.name, offset: end)
          return
        }
        next = Self.number(file.bytes, 32, 8)
        previous = nil
      }
    }
  }

  private struct Planned {
    let name: String
    let number: UInt64
    let isBase: Bool
    let bytes: [UInt8]
  }

  /// The files that are read, in order; nil if one is missing.
  private static func plan(_ files: [JournalFile], _ verdict: inout Verdict) -> [Planned]? {
    var bases: [Planned] = []
    var segments: [Planned] = []
    for file in files {
      switch JournalFileName(file.name) {
      case .base(let number): bases.append(Planned(name: file.name, number: number, isBase: true, bytes: file.bytes))
      case .journal(let number):
        segments.append(Planned(name: file.name, number: number, isBase: false, bytes: file.bytes))
      default: break
      }
    }
    let base = bases.max { $0.number < $1.number }
    segments = segments.filter { $0.number >= base?.number ?? 1 }.sorted { $0.number < $1.number }
    for (index, segment) in segments.enumerated() {
      let wanted = (base?.number ?? 1) + UInt64(index)
      guard segment.number == wanted else {
        verdict = .refused(file: JournalFileName.journal(wanted).description, offset: 0)
        return nil
      }
    }
    return (base.map { [$0] } ?? []) + segments
  }

  /// Reads a file; returns where its good part ends, or nil if there is nothing behind it to be read.
  private mutating func read(_ file: Planned, _ isLast: Bool) -> Int? {
    hasEnd = false
    switch header(file) {
    case .good: break
    case .unwritten where isLast && file.bytes.dropFirst(64).allSatisfy { $0 == 0 }: return 0
    case .unwritten, .bad:
      verdict = .refused(file: file.name, offset: 0)
      return nil
    }
    var offset = 64
    while offset < file.bytes.count {
      guard let end = frame(file, offset) else {
        let isZero = file.bytes[offset...].allSatisfy { $0 == 0 }
        if isZero, !file.isBase { return offset }
        let isTorn = isLast && !isClaimed(file, offset)
        verdict = isTorn ? .torn(offset: offset) : .refused(file: file.name, offset: offset)
        return nil
      }
      offset = end
    }
    return offset
  }

  private enum Header { case good, unwritten, bad }

  private mutating func header(_ file: Planned) -> Header {
    let bytes = file.bytes
    guard bytes.count >= 64, Array(bytes[..<8]) == Array("SWIFTLET".utf8),
      UInt64(Self.checksum(bytes[16..<64])) == Self.number(bytes, 12, 4)
    else { return .unwritten }
    let kind = Self.number(bytes, 60, 4)
    let first = Self.number(bytes, 32, 8)
    guard Self.number(bytes, 8, 4) == 1, kind == (file.isBase ? 1 : 0), Self.number(bytes, 16, 8) == file.number,
      (1...(1 << 63)).contains(file.number), (1...(1 << 63)).contains(first)
    else { return .bad }
    let identity = Self.number(bytes, 40, 8)
    let crc = UInt32(Self.number(bytes, 56, 4))
    guard self.identity == nil || self.identity == identity else { return .bad }
    guard file.isBase ? crc == 0 : first == next && (previous == nil || previous == crc) else { return .bad }
    self.identity = identity
    next = file.isBase ? 1 : first
    previous = crc
    return .good
  }

  /// Reads a frame; returns where it ends, or nil if it is not the one that belongs there.
  private mutating func frame(_ file: Planned, _ offset: Int) -> Int? {
    let bytes = file.bytes
    guard Self.isHeader(bytes, offset) else { return nil }
    let kind = Self.number(bytes, offset + 60, 4)
    let count = Self.number(bytes, offset + 40, 8)
    guard Self.number(bytes, offset + 24, 8) == Self.number(bytes, 24, 8), Self.number(bytes, offset + 8, 8) == next,
      UInt32(Self.number(bytes, offset + 52, 4)) == previous
    else { return nil }
    switch kind {
    case 0: if file.isBase && hasEnd { return nil }
    case 1: if !file.isBase || hasEnd { return nil }
    default: if file.isBase || count != 0 || Self.number(bytes, offset + 56, 4) != 0 { return nil }
    }
    guard count <= UInt64(bytes.count - offset - 64) else { return nil }
    let payload = bytes[(offset + 64)..<(offset + 64 + Int(count))]
    let end = (offset + 64 + Int(count) + 7) / 8 * 8
    guard end <= bytes.count, UInt64(Self.checksum(payload)) == Self.number(bytes, offset + 48, 4),
      bytes[payload.endIndex..<end].allSatisfy({ $0 == 0 })
    else { return nil }
    next += 1
    previous = UInt32(Self.number(bytes, offset + 4, 4))
    if kind == 1 { hasEnd = true }
    if kind == 0 { applied.append(Array(payload)) }
    return end
  }

  /// Whether a later header of the file says that the frame which should stand at `offset` was on disk.
  private func isClaimed(_ file: Planned, _ offset: Int) -> Bool {
    stride(from: offset, to: file.bytes.count, by: 8).contains {
      Self.isHeader(file.bytes, $0) && Self.number(file.bytes, $0 + 24, 8) == Self.number(file.bytes, 24, 8)
        && Self.number(file.bytes, $0 + 8, 8) >= next && Self.number(file.bytes, $0 + 16, 8) >= next
    }
  }

  private static func isHeader(_ bytes: [UInt8], _ offset: Int) -> Bool {
    bytes.count - offset >= 64 && Array(bytes[offset..<offset + 4]) == Array("FRAM".utf8)
      && UInt64(checksum(bytes[(offset + 8)..<(offset + 64)])) == number(bytes, offset + 4, 4)
      && number(bytes, offset + 60, 4) <= 2
  }

  private static func number(_ bytes: [UInt8], _ offset: Int, _ width: Int) -> UInt64 {
    (0..<width).reduce(0) { $0 | UInt64(bytes[offset + $1]) << (8 * $1) }
  }

  /// CRC32C (the polynomial of Castagnoli, reflected), a bit at a time.
  static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var sum: UInt32 = .max
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
    }
    return ~sum
  }
}
