import Bytes
import Journal
import Testing

/// Whole journals, and directories in which files are missing or too many.
@Suite struct RecoveryTests {
  @Test(arguments: [true, false])
  func `a whole journal is given out frame by frame`(isAlways: Bool) throws {
    let journal = TestJournal.small(isAlways: isAlways)
    let outcome = Outcome(of: journal)
    let result = try #require(outcome.result)
    #expect(outcome.applied == journal.payloads(before: .max, 0) && outcome.applied.count == 12)
    #expect(result.identity == TestJournal.identity && result.base == 2 && result.nextSegment == 5)
    #expect(result.lastSegment == 4 && result.lastSegmentBytes == UInt64(journal.files[3].bytes.count))
    #expect(result.nextSequence == 20 && result.lastTime == 100)
    #expect(result.chainCRC == journal.frames.last?.crc)
    #expect(result.tornTail == nil && result.emptySegment == nil && result.obsolete.isEmpty && !result.endedCleanly)
    #expect(result.frames == 12 && result.bytes == UInt64(outcome.applied.reduce(0) { $0 + $1.count }))
    #expect(result.records == UInt64(outcome.applied.reduce(0) { $0 + $1.count / 3 }))
    #expect(result.baseBytes == UInt64(journal.files[0].bytes.count))
    #expect(result.journalBytes == UInt64(journal.files[1...].reduce(0) { $0 + $1.bytes.count }))
  }

  @Test func `an empty directory is a new one`() throws {
    for files in [[], [("LOCK", [UInt8]())], [("torn-0000000000000001-64", [1, 2]), ("journal-1", [9])]] {
      let result = try #require(Outcome(of: files).result)
      #expect(result.identity == nil && result.nextSegment == 1 && result.nextSequence == 1 && result.chainCRC == 0)
      #expect(result.lastSegment == nil && result.endedCleanly && result.obsolete.isEmpty)
    }
  }

  @Test func `the time is that of the last frame, whatever the clock was before`() throws {
    var journal = TestJournal.small()
    journal.write([5], time: 9_000)
    #expect(Outcome(of: journal).result?.lastTime == 9_000)
    journal.write([5], time: 200)
    #expect(Outcome(of: journal).result?.lastTime == 200)
  }

  @Test func `a clean shutdown is told and nothing of it given out`() throws {
    var journal = TestJournal.small()
    journal.write([], kind: .shutdown)
    let outcome = Outcome(of: journal)
    #expect(outcome.result?.endedCleanly == true && outcome.applied.count == 12)
    #expect(outcome.result?.nextSequence == 21 && outcome.result?.frames == 12)
    var begun = journal
    begun.begin(5)
    let result = try #require(Outcome(of: begun).result)
    #expect(!result.endedCleanly && result.emptySegment == begun.files[4].name && result.nextSegment == 5)
    #expect(result.lastSegment == 4 && result.chainCRC == begun.files[4].header.previousCRC)
  }

  @Test func `zeros behind a segment are space that was not used`() {
    for file in 1...3 {
      for count in [1, 7, 8, 64, 4096, 2_500_000] {
        var journal = TestJournal.small()
        let whole = Outcome(of: journal)
        journal.files[file].bytes += [UInt8](repeating: 0, count: count)
        let outcome = Outcome(of: journal)
        #expect(outcome.applied == whole.applied && outcome.result == whole.result)
      }
    }
  }

  @Test func `leftovers of a compaction are named and not read`() throws {
    let journal = TestJournal.small()
    let leftovers = [
      "base-0000000000000001", "base-0000000000000002.new", "base-0000000000000005.new", "journal-0000000000000001",
    ]
    let files = journal.files.map { ($0.name, $0.bytes) } + leftovers.map { ($0, [1, 2, 3]) }
    let outcome = Outcome(of: files.reversed())
    #expect(outcome.result?.obsolete == leftovers)
    #expect(outcome.applied.count == 12 && outcome.reads.allSatisfy { !leftovers.contains($0) })
  }

  @Test func `a base alone is enough`() throws {
    let journal = TestJournal.small()
    let outcome = Outcome(of: [(journal.files[0].name, journal.files[0].bytes)])
    let result = try #require(outcome.result)
    #expect(outcome.applied.count == 2 && result.base == 2 && result.lastSegment == nil)
    #expect(result.nextSegment == 2 && result.nextSequence == 10 && result.chainCRC == 0 && !result.endedCleanly)
  }

  @Test(arguments: [0, 1, 2])
  func `a missing file is refused before anything is read`(file: Int) {
    var journal = TestJournal.small()
    journal.files.remove(at: file)
    let outcome = Outcome(of: journal)
    let missing = ["journal-0000000000000001", "journal-0000000000000002", "journal-0000000000000003"][file]
    #expect(outcome.fault?.file == missing && outcome.fault?.reason == .missing && outcome.reads.isEmpty)
    #expect(outcome.fault?.later == journal.files[file...].map(\.name))
    #expect(outcome.fault?.isRepairable == (file > 0))
  }

  @Test(arguments: 0..<4)
  func `a file of another directory is refused`(file: Int) throws {
    var journal = TestJournal.small()
    var header = journal.files[file].header
    header.identity += 1
    Self.replace(&journal.files[file], header)
    let outcome = Outcome(of: journal)
    // Which of the first two is the foreign one cannot be said.
    let refused = max(file, 1)
    #expect(outcome.fault?.file == journal.files[refused].name && outcome.fault?.reason == .header(.identity))
    #expect(outcome.applied == journal.payloads(before: refused, 0))
  }

  @Test func `a file whose header belongs elsewhere is refused`() {
    let journal = TestJournal.small()
    let changes: [((inout SegmentHeader) -> Void, HeaderFault)] = [
      ({ $0.kind = .base }, .kind), ({ $0.number += 1 }, .number(4)), ({ $0.firstSequence -= 1 }, .sequence(12)),
      ({ $0.previousCRC ^= 1 }, .previous),
    ]
    for (change, fault) in changes {
      var changed = journal
      var header = changed.files[2].header
      change(&header)
      Self.replace(&changed.files[2], header)
      let outcome = Outcome(of: changed)
      #expect(outcome.fault?.file == journal.files[2].name && outcome.fault?.offset == 0)
      #expect(outcome.fault?.reason == .header(fault) && outcome.fault?.sequences == 13...13)
      #expect(outcome.applied == journal.payloads(before: 2, 0))
    }
    var changed = journal
    changed.files[3].bytes[8] = 2
    #expect(Outcome(of: changed).fault?.reason == .header(.version(2)))
  }

  @Test func `frames that are larger than a read come whole`() {
    var journal = TestJournal()
    journal.begin(1)
    for count in [2_200_003, 10, 1 << 20, (1 << 20) - 64, 0, 700_000, 700_001, 1_500_002] {
      journal.write([UInt8](repeating: UInt8(truncatingIfNeeded: count | 1), count: count))
    }
    for _ in 0..<9_000 { journal.write([1, 2, 3]) }
    let outcome = Outcome(of: journal)
    #expect(outcome.applied == journal.payloads(before: .max, 0))
    #expect(outcome.capacityMax < 8 << 20)
  }

  @Test func `a file that ends before it was said to is as if it were cut there`() {
    let journal = TestJournal.small()
    for cut in [0, 30, 64, 100, journal.files[3].bytes.count - 1] {
      var short = journal
      short.files[3].bytes = Array(short.files[3].bytes[..<cut])
      let files = short.files.map { ($0.name, $0.bytes) }
      let told = Outcome(of: files, told: [short.files[3].name: 1 << 40])
      let plain = Outcome(of: files)
      #expect(told.result == plain.result && told.applied == plain.applied && told.result != nil)
    }
  }

  /// Writes a header with a right checksum over a file's own.
  static func replace(_ file: inout TestJournal.File, _ header: SegmentHeader) {
    var buffer = ByteBuffer()
    header.append(to: &buffer)
    file.bytes.replaceSubrange(0..<SegmentHeader.bytes, with: buffer.span.copied)
  }
}
