import Bytes
import Journal
import TestSupport
import Testing

/// What recovery has to say of a damaged journal, worked out from the whole one and without its format: files are held
/// against what they were.
private struct Expectation: Equatable {
  enum Kind: Equatable { case clean, torn, refused }

  var kind: Kind
  /// The place from which on nothing can be used.
  var file: Int
  var offset: Int
  /// The payloads of the frames before it.
  var applied: [[UInt8]] = []

  init(of damaged: TestJournal, like whole: TestJournal) {
    (kind, file, offset) = (.clean, whole.last, 0)
    for file in 0..<whole.last {
      let (now, then) = (damaged.files[file].bytes, whole.files[file].bytes)
      let isBase = whole.files[file].header.kind == .base
      if isBase ? now == then : now.starts(with: then) && now[then.count...].allSatisfy({ $0 == 0 }) { continue }
      let good = Self.goodEnd(now, whole, file)
      // Frames that are missing without a trace are missed by the next file, unless that is the last and was just
      // being created.
      let isShort = !isBase && good > 0 && now[good...].allSatisfy { $0 == 0 }
      (kind, self.file, offset) = isShort ? (.refused, file + 1, 0) : (.refused, file, good)
      if isShort, file + 1 == whole.last {
        let last = damaged.files[whole.last].bytes
        kind = Self.goodEnd(last, whole, whole.last) == 0 && !Self.isWritten(last, whole) ? .clean : .refused
      }
      applied = whole.payloads(before: file, good)
      return
    }
    judgeLast(damaged.files[whole.last].bytes, whole)
    applied = whole.payloads(before: whole.last, offset)
  }

  private mutating func judgeLast(_ now: [UInt8], _ whole: TestJournal) {
    offset = Self.goodEnd(now, whole, whole.last)
    let rest = now[min(offset, now.count)...]
    let bytes = whole.files[whole.last].bytes
    if offset == 0 {
      kind = Self.isWritten(now, whole) ? .refused : .clean
    } else if rest.contains(where: { $0 != 0 }) {
      let own = whole.frames.filter { $0.file == whole.last }
      // Behind a journal that is whole stands nothing of it that could claim more.
      let next = own.first { $0.range.lowerBound >= offset }?.header.sequence ?? .max
      let isClaimed = own.contains { frame in
        let header = Array(bytes[frame.range.prefix(FrameHeader.bytes)])
        return frame.header.sequence >= next && frame.header.syncedThrough >= next
          && stride(from: offset, through: now.count - header.count, by: 8).contains {
            now[$0..<$0 + header.count].elementsEqual(header)
          }
      }
      kind = isClaimed ? .refused : .torn
    }
  }

  /// Whether a last segment whose header is not what it was shows that this had been written: by what is behind it, or
  /// as another version's.
  private static func isWritten(_ now: [UInt8], _ whole: TestJournal) -> Bool {
    let (header, bytes) = (SegmentHeader.bytes, whole.files[whole.last].bytes)
    let isOtherVersion = now.count >= header && now[..<8] == bytes[..<8] && now[12..<64] == bytes[12..<64]
    return isOtherVersion || now.dropFirst(header).contains { $0 != 0 }
  }

  /// Where what a file still has of its first frames ends; 0 if its header is not what it was.
  private static func goodEnd(_ now: [UInt8], _ whole: TestJournal, _ file: Int) -> Int {
    let then = whole.files[file].bytes
    guard now.count >= SegmentHeader.bytes, now[..<SegmentHeader.bytes] == then[..<SegmentHeader.bytes] else {
      return 0
    }
    let bad = whole.frames.first {
      $0.file == file && (now.count < $0.range.upperBound || now[$0.range] != then[$0.range])
    }
    return bad?.range.lowerBound ?? then.count
  }
}

/// Random journals with random damage.
@Suite struct RandomDamageTests {
  @Test func `whatever is damaged, what comes of it is what has to`() {
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    var counts: [Int] = [0, 0, 0]
    for round in 0..<3_000 {
      let whole = Self.journal(&random)
      var damaged = whole
      for _ in 0..<Int.random(in: 0...2, using: &random) { Self.damage(&damaged, &random) }
      let outcome = Outcome(of: damaged)
      let expected = Expectation(of: damaged, like: whole)
      let context: Comment = "seed \(seed), round \(round)"
      #expect(outcome.applied == expected.applied, context)
      switch expected.kind {
      case .refused:
        #expect(outcome.fault?.file == whole.files[expected.file].name, context)
        #expect(outcome.fault?.offset == UInt64(expected.offset), context)
      case .torn: #expect(outcome.result?.tornTail?.offset == UInt64(expected.offset), context)
      case .clean: #expect(outcome.result != nil && outcome.result?.tornTail == nil, context)
      }
      counts[expected.kind == .clean ? 0 : expected.kind == .torn ? 1 : 2] += 1
      goOn(damaged, outcome, context)
    }
    #expect(counts.allSatisfy { $0 > 300 }, "\(counts)")
  }

  /// What is found can be built upon: after the tidying that recovery asks for, a next segment reads back; a journal
  /// that was cut where it was refused is whole.
  private func goOn(_ damaged: TestJournal, _ outcome: Outcome, _ context: Comment) {
    var files = damaged.files.map { ($0.name, $0.bytes) }
    if let fault = outcome.fault {
      guard fault.isRepairable else { return }
      files.removeAll { fault.later.contains($0.0) || $0.0 == fault.file && fault.offset == 0 }
      if let index = files.firstIndex(where: { $0.0 == fault.file }) {
        files[index].1.removeSubrange(Int(fault.offset)...)
      }
      let repaired = Outcome(of: files)
      #expect(repaired.fault == nil && repaired.applied == outcome.applied, context)
      #expect(repaired.result?.tornTail == nil, context)
      return
    }
    guard let result = outcome.result else { return }
    files.removeAll { $0.0 == result.emptySegment }
    if let number = result.lastSegment,
      let index = files.firstIndex(where: { .journal(number) == JournalFileName($0.0) })
    {
      files[index].1.removeSubrange(Int(result.lastSegmentBytes)...)
    }
    var next = TestJournal(continuing: result, salt: 0xFE57)
    next.begin(result.nextSegment)
    for payload in [[1, 2, 3], [], [4]] as [[UInt8]] { next.write(payload) }
    files += next.files.map { ($0.name, $0.bytes) }
    let again = Outcome(of: files)
    #expect(again.fault == nil && again.applied == outcome.applied + [[1, 2, 3], [], [4]], context)
    #expect(again.result?.nextSequence == result.nextSequence + 3, context)
    #expect(again.result?.obsolete == [] && again.result?.lastSegment == result.nextSegment, context)
  }

  /// One to four segments, before them a base or none.
  private static func journal(_ random: inout SeededGenerator) -> TestJournal {
    var journal = TestJournal(salt: random.next())
    journal.isAlways = Bool.random(using: &random)
    var number: UInt64 = 1
    if Bool.random(using: &random) {
      number = .random(in: 1...20, using: &random)
      let payloads = (0..<Int.random(in: 0...3, using: &random)).map { _ in payload(&random) }
      journal.addBase(number, firstSequence: .random(in: 1...1000, using: &random), payloads: payloads)
    }
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      journal.begin(number)
      for _ in 0..<Int.random(in: 0...6, using: &random) { journal.write(payload(&random)) }
      number += 1
    }
    if Int.random(in: 0..<4, using: &random) == 0 { journal.write([], kind: .shutdown) }
    return journal
  }

  private static func payload(_ random: inout SeededGenerator) -> [UInt8] {
    let isSparse = Int.random(in: 0..<4, using: &random) == 0
    return (0..<Int.random(in: 0...90, using: &random)).map { _ in
      isSparse && Bool.random(using: &random) ? 0 : UInt8.random(in: 0...255, using: &random)
    }
  }

  private static func damage(_ journal: inout TestJournal, _ random: inout SeededGenerator) {
    // The last segment is where most depends on what is damaged.
    let file = Bool.random(using: &random) ? journal.last : Int.random(in: 0...journal.last, using: &random)
    var bytes = journal.files[file].bytes
    guard !bytes.isEmpty else { return }
    let start = Int.random(in: 0..<bytes.count, using: &random)
    let end = Bool.random(using: &random) ? min(bytes.count, start + .random(in: 1...100, using: &random)) : bytes.count
    switch Int.random(in: 0..<8, using: &random) {
    case 0: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes.removeSubrange(start...)
    case 2: for index in start..<end { bytes[index] = .random(in: 0...255, using: &random) }
    case 3: for index in start..<end { bytes[index] = 0 }
    case 4: bytes += (0..<Int.random(in: 1...200, using: &random)).map { _ in .random(in: 0...255, using: &random) }
    case 5: bytes += [UInt8](repeating: 0, count: .random(in: 1...200, using: &random))
    case 6: bytes.removeSubrange(start / 8 * 8..<end / 8 * 8)
    default: bytes.insert(contentsOf: bytes[start / 8 * 8..<end / 8 * 8], at: end / 8 * 8)
    }
    journal.files[file].bytes = bytes
  }
}
