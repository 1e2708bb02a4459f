import Bytes
import Journal
import Testing

/// Each way to damage a small journal, at each of its bytes or frames, and what exactly comes of it.
@Suite struct DamageTests {
  /// The length of a tail without the zeros behind it, in whole words.
  private static func usedCount(_ file: [UInt8], from start: Int) -> UInt64 {
    let end = (file.lastIndex { $0 != 0 } ?? 0) + 1
    return UInt64(min((end + 7) / 8 * 8, file.count) - start)
  }

  /// Expects that the journal is refused at a place, with all frames before it given out.
  private static func expectRefused(
    _ damaged: TestJournal, like whole: TestJournal, file: Int, offset: Int, _ reason: JournalFault.Reason,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let outcome = Outcome(of: damaged)
    #expect(outcome.result == nil, sourceLocation: sourceLocation)
    #expect(outcome.applied == whole.payloads(before: file, offset), sourceLocation: sourceLocation)
    #expect(outcome.fault?.file == whole.files[file].name, sourceLocation: sourceLocation)
    #expect(outcome.fault?.offset == UInt64(offset), sourceLocation: sourceLocation)
    #expect(outcome.fault?.reason == reason, sourceLocation: sourceLocation)
    #expect(outcome.fault?.isRepairable == (file > 0), sourceLocation: sourceLocation)
    #expect(outcome.fault?.later == whole.files[(file + 1)...].map(\.name), sourceLocation: sourceLocation)
    let expected = whole.frames.first { $0.file >= file && ($0.file > file || $0.range.lowerBound >= offset) }
    #expect(
      outcome.fault?.sequences?.lowerBound == (file == 0 ? nil : expected?.header.sequence),
      sourceLocation: sourceLocation)
  }

  /// Expects that everything before an offset of the last segment is given out, the rest being a torn tail, or nothing.
  private static func expectCut(
    _ damaged: TestJournal, like whole: TestJournal, offset: Int, _ reason: FrameFault?,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let outcome = Outcome(of: damaged)
    let last = whole.files[whole.last]
    #expect(outcome.fault == nil, sourceLocation: sourceLocation)
    #expect(outcome.applied == whole.payloads(before: whole.last, offset), sourceLocation: sourceLocation)
    guard let result = outcome.result else { return }
    let isEmpty = offset <= SegmentHeader.bytes
    #expect(result.emptySegment == (isEmpty ? last.name : nil), sourceLocation: sourceLocation)
    #expect(result.lastSegment == last.header.number - (isEmpty ? 1 : 0), sourceLocation: sourceLocation)
    let kept = isEmpty ? whole.files[whole.last - 1].bytes.count : offset
    #expect(result.lastSegmentBytes == UInt64(kept), sourceLocation: sourceLocation)
    #expect(result.nextSegment == last.header.number + (isEmpty ? 0 : 1), sourceLocation: sourceLocation)
    let before = whole.frames.last { $0.file < whole.last || $0.range.upperBound <= offset }
    #expect(result.nextSequence == (before.map { $0.header.sequence + 1 }), sourceLocation: sourceLocation)
    #expect(result.chainCRC == before?.crc, sourceLocation: sourceLocation)
    #expect(result.tornTail?.reason == reason, sourceLocation: sourceLocation)
    guard let tail = result.tornTail else { return }
    #expect(tail.segment == last.header.number && tail.name == last.name, sourceLocation: sourceLocation)
    #expect(tail.offset == UInt64(offset), sourceLocation: sourceLocation)
    let used = usedCount(damaged.files[whole.last].bytes, from: offset)
    #expect(tail.byteCount == used, sourceLocation: sourceLocation)
    #expect(tail.keptName == "torn-\(last.name.dropFirst(8))-\(offset)", sourceLocation: sourceLocation)
  }

  // MARK: - Bytes

  @Test(arguments: [true, false], 0..<4)
  func `a file cut at any byte`(isAlways: Bool, file: Int) {
    let journal = TestJournal.small(isAlways: isAlways)
    for cut in 0..<journal.files[file].bytes.count {
      var damaged = journal
      damaged.files[file].bytes.removeSubrange(cut...)
      let start = cut < SegmentHeader.bytes ? 0 : journal.frames[journal.frame(in: file, at: cut)!].range.lowerBound
      let within: FrameFault = cut - start < FrameHeader.bytes ? .cut : .length(UInt64(payload(journal, file, cut)))
      switch file {
      case journal.last:
        Self.expectCut(damaged, like: journal, offset: start, cut < SegmentHeader.bytes || cut == start ? nil : within)
      case _ where cut < SegmentHeader.bytes:
        Self.expectRefused(damaged, like: journal, file: file, offset: 0, .header(.cut))
      case _ where cut > start:
        Self.expectRefused(damaged, like: journal, file: file, offset: start, .frame(within, isClaimed: false))
      case 0:
        Self.expectRefused(damaged, like: journal, file: file, offset: start, .unfinished)
      default:
        let outcome = Outcome(of: damaged)
        #expect(outcome.fault?.file == journal.files[file + 1].name && outcome.fault?.offset == 0)
        #expect(outcome.fault?.reason == .header(.sequence(journal.files[file + 1].header.firstSequence)))
        #expect(outcome.applied == journal.payloads(before: file, cut))
      }
    }
  }

  private func payload(_ journal: TestJournal, _ file: Int, _ offset: Int) -> Int {
    journal.frame(in: file, at: offset).map { journal.frames[$0].payload.count } ?? 0
  }

  @Test(arguments: [true, false], 0..<4)
  func `any byte of a file with a bit flipped`(isAlways: Bool, file: Int) {
    let journal = TestJournal.small(isAlways: isAlways)
    for index in journal.files[file].bytes.indices {
      // Every bit of the headers of the file and of its first frame, and one of each other byte.
      for bit in index < 128 ? 0..<8 : index % 8..<(index % 8 + 1) {
        var damaged = journal
        damaged.files[file].bytes[index] ^= 1 << UInt8(bit)
        guard let number = journal.frame(in: file, at: index) else {
          let fault: HeaderFault =
            switch index {
            case ..<8: .magic
            case 8..<12: .version(1 ^ 1 << UInt32(8 * (index - 8) + bit))
            default: .checksum
            }
          Self.expectRefused(damaged, like: journal, file: file, offset: 0, .header(fault))
          continue
        }
        let frame = journal.frames[number]
        let fault = frame.fault(at: index - frame.range.lowerBound)
        let isLastFrame = number == journal.frames(of: file).last
        let isClaimed = isAlways && !isLastFrame && file > 0
        if file == journal.last, !isClaimed {
          Self.expectCut(damaged, like: journal, offset: frame.range.lowerBound, fault)
        } else {
          Self.expectRefused(
            damaged, like: journal, file: file, offset: frame.range.lowerBound, .frame(fault, isClaimed: isClaimed))
        }
      }
    }
  }

  @Test func `a header that never reached the disk is no loss`() {
    let journal = TestJournal.small()
    for zeros in [0, 1, 8, 4096] {
      for index in 0..<SegmentHeader.bytes where !(8..<12).contains(index) {
        var damaged = journal
        damaged.files[3].bytes = Array(journal.files[3].bytes[..<64]) + [UInt8](repeating: 0, count: zeros)
        damaged.files[3].bytes[index] ^= 0x10
        Self.expectCut(damaged, like: journal, offset: 0, nil)
        damaged.files[3].bytes += [1]
        Self.expectRefused(
          damaged, like: journal, file: 3, offset: 0, .header(index < 8 ? .magic : .checksum))
      }
      var damaged = journal
      damaged.files[3].bytes = [UInt8](repeating: 0, count: 64 + zeros)
      Self.expectCut(damaged, like: journal, offset: 0, nil)
    }
  }

  // MARK: - Frames

  /// Expects what has to come of it if the frame at `number` is not where it belongs, and whether any later one says
  /// that it was on disk.
  private func expect(
    _ damaged: TestJournal, like journal: TestJournal, from number: Int, _ fault: FrameFault, isClaimed: Bool,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let frame = journal.frames[number]
    if frame.file == journal.last, !isClaimed {
      Self.expectCut(
        damaged, like: journal, offset: frame.range.lowerBound, fault, sourceLocation: sourceLocation)
    } else {
      Self.expectRefused(
        damaged, like: journal, file: frame.file, offset: frame.range.lowerBound,
        .frame(fault, isClaimed: isClaimed), sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: [true, false], 1..<4)
  func `frames swapped dropped or repeated`(isAlways: Bool, file: Int) {
    let journal = TestJournal.small(isAlways: isAlways)
    let numbers = journal.frames(of: file)
    let bytes = journal.files[file].bytes
    for (first, second) in zip(numbers, numbers.dropFirst()) {
      let (one, two) = (journal.frames[first].range, journal.frames[second].range)
      var swapped = journal
      swapped.files[file].bytes =
        Array(bytes[..<one.lowerBound]) + bytes[two] + bytes[one] + bytes[two.upperBound...]
      let fault = FrameFault.sequence(journal.frames[second].header.sequence)
      expect(swapped, like: journal, from: first, fault, isClaimed: isAlways)

      var dropped = journal
      dropped.files[file].bytes.removeSubrange(one)
      expect(dropped, like: journal, from: first, fault, isClaimed: isAlways)

      var repeated = journal
      repeated.files[file].bytes.insert(contentsOf: bytes[one], at: one.upperBound)
      // Behind the copy, the frame after next says that the next one was on disk, if there is one.
      let isFollowed = second != numbers.last
      expect(
        repeated, like: journal, from: second, .sequence(journal.frames[first].header.sequence),
        isClaimed: isAlways && isFollowed)
    }
  }

  @Test(arguments: [true, false])
  func `the last frame repeated`(isAlways: Bool) {
    let journal = TestJournal.small(isAlways: isAlways)
    var repeated = journal
    let frame = journal.frames[journal.frames.count - 1]
    repeated.files[3].bytes += journal.files[3].bytes[frame.range]
    Self.expectCut(
      repeated, like: journal, offset: frame.range.upperBound, .sequence(frame.header.sequence))
  }

  @Test(arguments: [true, false], 1..<4)
  func `a frame of an older file in the place of another`(isAlways: Bool, file: Int) {
    let journal = TestJournal.small(isAlways: isAlways)
    for number in journal.frames(of: file) {
      let frame = journal.frames[number]
      var header = frame.header
      header.salt ^= 0xFF
      var bytes = ByteBuffer()
      bytes.append(Array(journal.files[file].bytes[frame.range]).span)
      header.write(to: &bytes, at: 0)
      var stale = journal
      stale.files[file].bytes.replaceSubrange(frame.range, with: bytes.span.copied)
      let isClaimed = isAlways && number != journal.frames(of: file).last
      expect(stale, like: journal, from: number, .salt, isClaimed: isClaimed)
      // Behind the end it is what was in the blocks before; whatever it claims is of its own time.
      header.sequence = 1000
      header.syncedThrough = 999
      header.write(to: &bytes, at: 0)
      var behind = journal
      behind.files[3].bytes += bytes.span.copied
      Self.expectCut(behind, like: journal, offset: journal.files[3].bytes.count, .salt)
    }
  }

  @Test(arguments: [true, false], 1..<4)
  func `zeros in the place of a frame`(isAlways: Bool, file: Int) {
    let journal = TestJournal.small(isAlways: isAlways)
    for number in journal.frames(of: file) {
      let frame = journal.frames[number]
      var damaged = journal
      for index in frame.range { damaged.files[file].bytes[index] = 0 }
      if number != journal.frames(of: file).last {
        expect(damaged, like: journal, from: number, .magic, isClaimed: isAlways)
      } else if file == journal.last {
        // Nothing tells it from space that was not used.
        Self.expectCut(damaged, like: journal, offset: frame.range.lowerBound, nil)
      } else {
        let outcome = Outcome(of: damaged)
        #expect(outcome.fault?.file == journal.files[file + 1].name && outcome.fault?.offset == 0)
        #expect(outcome.applied == journal.payloads(before: file, frame.range.lowerBound))
      }
    }
  }
}
