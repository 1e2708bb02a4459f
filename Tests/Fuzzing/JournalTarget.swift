// Recovery. An input is a program: it writes a journal, by the same types that the server writes one with, and then
// damages it, with the checksums made good again or not. Recovery has to come to the same as a second reader, which has
// whole files before it and knows nothing of slices; and what it leaves has to be a journal that can be gone on with.
//
// Flags: 0 no frame says that those before it were synced. 1 files are said to be longer than they are.

import Bytes
import Journal

enum JournalTarget {
  static func run(_ input: FuzzInput) {
    let journal = FuzzedJournal(input)
    let outcome = JournalOutcome(journal.files, toldTooMuch: input.has(1))
    let expected = JournalReader(journal.files)
    compare(outcome, expected)
    if input.has(1) { return }
    if let result = outcome.result { checkGoingOn(journal.files, outcome, result) }
    if let fault = outcome.fault { checkRepair(journal.files, outcome, fault) }
  }

  private static func compare(_ outcome: JournalOutcome, _ expected: JournalReader) {
    check(outcome.applied == expected.applied, "\(expected.applied.count) frames, not \(outcome.applied.count)")
    switch expected.verdict {
    case .clean: check(outcome.isClean, "the journal is whole: \(outcome)")
    case .torn(let offset): check(outcome.tornAt == UInt64(offset), "torn at \(offset): \(outcome)")
    case .refused(let file, let offset):
      check(outcome.fault?.file == file && outcome.fault?.offset == UInt64(offset), "\(file), \(offset): \(outcome)")
    }
  }

  /// After the tidying that recovery asks for, a next segment reads back.
  private static func checkGoingOn(_ files: [JournalFile], _ outcome: JournalOutcome, _ result: RecoveryResult) {
    var files = files.filter { $0.name != result.emptySegment && !result.obsolete.contains($0.name) }
    if let number = result.lastSegment,
      let index = files.firstIndex(where: { JournalFileName($0.name) == .journal(number) })
    {
      files[index].bytes.removeSubrange(Int(result.lastSegmentBytes)...)
    }
    // The greatest numbers are refused, and nobody gets there by writing.
    guard result.nextSegment < 1 << 62, result.nextSequence < 1 << 62 else { return }
    var next = FuzzedJournal(continuing: result)
    for payload in [[1, 2, 3], [], [4]] as [[UInt8]] { next.write(payload) }
    let again = JournalOutcome(files + next.files)
    check(again.isClean, "it can be gone on with: \(again)")
    check(again.applied == outcome.applied + [[1, 2, 3], [], [4]], "what is added is read, and what was there")
    check(again.result?.obsolete == [], "nothing is left to tidy up")
  }

  /// Cut where it is refused, a journal is whole.
  private static func checkRepair(_ files: [JournalFile], _ outcome: JournalOutcome, _ fault: JournalFault) {
    // Of the files before one that is missing, it is not known yet whether they are whole.
    guard fault.isRepairable, fault.reason != .missing else { return }
    var files = files.filter { !fault.later.contains($0.name) && !($0.name == fault.file && fault.offset == 0) }
    if let index = files.firstIndex(where: { $0.name == fault.file }) {
      files[index].bytes.removeSubrange(Int(fault.offset)...)
    }
    let repaired = JournalOutcome(files)
    check(repaired.isClean && repaired.applied == outcome.applied, "what is cut is whole: \(repaired)")
  }
}

/// A file of a journal.
struct JournalFile {
  var name: String
  var bytes: [UInt8]
}

/// What comes of a recovery.
struct JournalOutcome: CustomStringConvertible {
  var applied: [[UInt8]] = []
  var result: RecoveryResult?
  var fault: JournalFault?

  init(_ files: [JournalFile], toldTooMuch: Bool = false) {
    let total = files.reduce(0) { $0 + $1.bytes.count }
    var steps = 0
    do throws(JournalFault) {
      let told = files.map { ($0.name, UInt64($0.bytes.count) + (toldTooMuch ? 1_000 : 0)) }
      var recovery = try Recovery(files: told)
      while result == nil {
        steps += 1
        check(steps <= 100 + total / 16, "each step gets on")
        switch try recovery.next() {
        case .read(let name, let offset, let count):
          let bytes = files.first { $0.name == name }!.bytes
          check(count > 0 && count <= 1 << 20, "what is asked for is something, and not too much")
          let start = min(Int(offset), bytes.count)
          recovery.buffer.append(bytes.span.extracting(start..<min(start + count, bytes.count)))
        case .frame(let facts): applied.append(recovery.buffer.span.extracting(facts.payload).copied)
        case .finished(let result):
          self.result = result
          check(recovery.bytesDone <= recovery.bytesTotal, "progress ends at the end")
        }
        check(recovery.buffer.count <= total + 1, "no more is kept than was read")
      }
    } catch {
      fault = error
    }
  }

  var tornAt: UInt64? { result?.tornTail?.offset }
  var isClean: Bool { result != nil && tornAt == nil }

  var description: String { "\(applied.count) frames, \(result as Any), \(fault as Any)" }
}
