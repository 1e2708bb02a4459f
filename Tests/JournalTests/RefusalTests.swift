import Bytes
import Journal
import Testing

/// What frames announce and do not keep, and what the person who starts the server is told.
@Suite struct RefusalTests {
  /// Writes a frame's header over another, with a right checksum, and with a right chain to it in what follows.
  private static func forge(_ journal: inout TestJournal, _ number: Int, _ change: (inout FrameHeader) -> Void) {
    let frame = journal.frames[number]
    var header = frame.header
    change(&header)
    var bytes = ByteBuffer()
    for _ in 0..<FrameHeader.bytes { bytes.append(0) }
    header.write(to: &bytes, at: 0)
    journal.files[frame.file].bytes.replaceSubrange(frame.range.prefix(FrameHeader.bytes), with: bytes.span.copied)
  }

  private static let excesses: [UInt64] = [
    0, 1, 0x10_0000, 0x8000_0000, 0x100_0000_0000, UInt64.max / 2, UInt64.max - 71, UInt64.max - 70, UInt64.max,
  ]

  @Test(arguments: excesses)
  func `a length that the file does not have costs nothing`(excess: UInt64) {
    let journal = TestJournal.small(isAlways: false)
    for number in [1, 4, journal.frames.count - 2, journal.frames.count - 1] {
      let frame = journal.frames[number]
      let rest: Int = journal.files[frame.file].bytes.count - frame.range.lowerBound - FrameHeader.bytes
      let (sum, overflows) = UInt64(rest + 1).addingReportingOverflow(excess)
      let announced = overflows ? excess : sum
      var forged = journal
      Self.forge(&forged, number) { $0.payloadCount = announced }
      let outcome = Outcome(of: forged)
      #expect(outcome.applied == journal.payloads(before: frame.file, frame.range.lowerBound))
      #expect(outcome.capacityMax < 4096)
      if frame.file == journal.last {
        #expect(outcome.result?.tornTail?.reason == .length(announced))
      } else {
        #expect(outcome.fault?.reason == .frame(.length(announced), isClaimed: false))
      }
    }
  }

  @Test(arguments: [
    (FrameKind.endOfBase, 3), (.shutdown, 3), (.shutdown, 1), (.endOfBase, 0),
  ])
  func `a frame of a kind that does not belong there is refused`(kind: FrameKind, number: Int) {
    let journal = TestJournal.small()
    var forged = journal
    Self.forge(&forged, number) { $0.kind = kind }
    let outcome = Outcome(of: forged)
    let frame = journal.frames[number]
    // A base that seems to end early is refused for what follows its end.
    let (place, reason): (Int, JournalFault.Reason) =
      number == 0
      ? (1, .afterEnd) : (number, .frame(.kind, isClaimed: frame.file > 0))
    #expect(outcome.fault?.offset == UInt64(journal.frames[place].range.lowerBound))
    #expect(outcome.fault?.reason == reason)
  }

  @Test(arguments: [true, false])
  func `a frame that was replaced by another whole one is found by the next`(isAlways: Bool) {
    let journal = TestJournal.small(isAlways: isAlways)
    for (number, next) in zip(journal.frames.indices, journal.frames.indices.dropFirst()) {
      var forged = journal
      Self.forge(&forged, number) { $0.time += 1 }
      let outcome = Outcome(of: forged)
      let (frame, following) = (journal.frames[number], journal.frames[next])
      if following.file == frame.file {
        let isFollowed = journal.frames.indices.contains(next + 1) && journal.frames[next + 1].file == frame.file
        let isClaimed = isAlways && frame.file > 0 && isFollowed
        let offset = UInt64(following.range.lowerBound)
        #expect(outcome.applied == journal.payloads(before: frame.file, following.range.lowerBound))
        if frame.file == journal.last, !isClaimed {
          #expect(outcome.result?.tornTail?.reason == .previous && outcome.result?.tornTail?.offset == offset)
        } else {
          #expect(outcome.fault?.reason == .frame(.previous, isClaimed: isClaimed) && outcome.fault?.offset == offset)
        }
      } else if frame.file > 0 {
        #expect(
          outcome.fault?.reason == .header(.previous) && outcome.fault?.file == journal.files[following.file].name)
      }
    }
  }

  @Test func `a shutdown that holds something is not one`() {
    var journal = TestJournal.small()
    journal.write([1, 2, 3], kind: .shutdown)
    let outcome = Outcome(of: journal)
    #expect(outcome.result?.tornTail?.reason == .kind && outcome.result?.endedCleanly == false)
  }

  @Test func `bytes behind a base's end are refused even if they are zero`() {
    for byte in [0, 1] as [UInt8] {
      var journal = TestJournal.small()
      let end = journal.files[0].bytes.count
      journal.files[0].bytes.append(byte)
      let fault = Outcome(of: journal).fault
      #expect(fault?.reason == .afterEnd && fault?.offset == UInt64(end) && fault?.isRepairable == false)
    }
  }

  @Test func `a refusal says what where and what to do in one line`() throws {
    var journal = TestJournal.small()
    let frame = journal.frames[7]
    journal.files[2].bytes[frame.range.lowerBound + 70] ^= 1
    let fault = try #require(Outcome(of: journal).fault)
    #expect(
      fault.sentence(directory: "/data")
        == "journal-0000000000000003, byte 136: the frame's payload does not match its checksum, though later frames "
        + "say that it was safe on disk; frames 14 to 15 cannot be used; run `swiftlet check /data` to see what is "
        + "whole, `swiftlet repair /data` to go on with it and keep the rest aside")
    journal.files.remove(at: 0)
    #expect(
      Outcome(of: journal).fault?.description
        == "journal-0000000000000001: the segment is missing, but later ones are there; run `swiftlet check DIR` to "
        + "see what is whole, and restore the directory from a copy: there is nothing before that could be kept")
  }

  @Test func `records that cannot be read are damage where their frame begins`() throws {
    let journal = TestJournal.small()
    var recovery = try Recovery(files: journal.files.map { ($0.name, UInt64($0.bytes.count)) })
    var faults: [JournalFault] = []
    reading: while true {
      switch try recovery.next() {
      case .read(let name, let offset, let count):
        let bytes = journal.files.first { $0.name == name }!.bytes[Int(offset)..<Int(offset) + count]
        recovery.buffer.append(Array(bytes).span)
      case .frame(let facts): faults.append(recovery.unreadableRecords(of: facts))
      case .finished: break reading
      }
    }
    let frames = journal.frames.filter { $0.header.kind == .changes }
    #expect(faults.map(\.file) == frames.map { journal.files[$0.file].name })
    #expect(faults.map(\.offset) == frames.map { UInt64($0.range.lowerBound) })
    #expect(faults.map(\.isRepairable) == frames.map { $0.file > 0 })
    #expect(faults[5].sequences == 13...13 && faults[5].reason == .records && faults[0].sequences == nil)
  }

  @Test func `damage is told again to whoever asks again`() throws {
    var journal = TestJournal.small()
    journal.files[3].bytes[80] ^= 1
    var recovery = try Recovery(files: journal.files.map { ($0.name, UInt64($0.bytes.count)) })
    var faults: [JournalFault] = []
    for _ in 0..<50 where faults.count < 3 {
      do throws(JournalFault) {
        guard case .read(let name, let offset, let count) = try recovery.next() else { continue }
        let bytes = journal.files.first { $0.name == name }!.bytes[Int(offset)..<Int(offset) + count]
        recovery.buffer.append(Array(bytes).span)
      } catch {
        faults.append(error)
      }
    }
    #expect(faults.count == 3 && faults.allSatisfy { $0 == faults[0] } && faults.first?.sequences == 16...19)
  }
}
