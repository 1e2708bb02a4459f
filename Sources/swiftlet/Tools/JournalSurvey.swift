import Bytes
import Commands
import Journal

/// What a journal holds, seen from outside: how much, and of what time, but no keys.
struct JournalSurvey {
  /// Base and segments, and their bytes.
  var fileCount = 0
  var byteCount: UInt64 = 0
  /// Whole frames of changes, and records in them.
  var frames: UInt64 = 0
  var records: UInt64 = 0
  /// Of the segments: their first frame of changes, and the last; nil: there are none.
  var sequences: ClosedRange<UInt64>?
  /// When the first changes in the segments were made, and the last, in milliseconds since 1970; nil: there are none.
  var times: ClosedRange<Int64>?

  fileprivate init(_ files: [StoredJournal.File]) {
    for file in files {
      switch JournalFileName(file.name) {
      case .journal, .base:
        fileCount += 1
        byteCount += file.byteCount
      case .newBase, .torn, nil: break
      }
    }
  }

  fileprivate mutating func note(_ frame: FrameHeader, isOfSegment: Bool) {
    frames += 1
    records += UInt64(frame.recordCount)
    guard isOfSegment else { return }
    let first = sequences?.lowerBound ?? frame.sequence
    sequences = first...frame.sequence
    times = min(times?.lowerBound ?? frame.time, frame.time)...max(times?.upperBound ?? frame.time, frame.time)
  }
}

extension StoredJournal {
  /// Looks at the journal that `files` are, all of it, or up to where it is damaged.
  func survey(_ files: [File]) throws(ToolFailure) -> (survey: JournalSurvey, reading: Reading) {
    var survey = JournalSurvey(files)
    let reading = try read(files) { facts, header, records throws(ToolFailure) in
      guard MutationBlock.recordCount(of: records) == Int(facts.header.recordCount) else { return false }
      survey.note(facts.header, isOfSegment: header?.kind == .journal)
      return true
    }
    return (survey, reading)
  }
}
