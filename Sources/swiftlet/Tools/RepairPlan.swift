// What a repair would do, found out without changing anything. A fault says where the damage begins, and that all in
// front of it is whole: what is behind is left out, and the rest read again, until a reading finds no fault.
//
//     journal-1   journal-2   journal-3   journal-4
//     whole       whole ╳…… ┃ ………………………… ┃ …………………………
//                 cut here     set aside     set aside
//
// A base cannot be cut. It holds each key once, in no order of time, and the journal before it is gone: without a part
// of it the keyspace would be one that never was. Only if a compaction was interrupted so that all that the base stands
// for is still there is the base itself what can be done without.

import Journal

/// The steps of a repair, in the order in which they are taken: from the end of the journal to its front.
struct RepairPlan {
  enum Step {
    /// A file is set aside whole.
    case setAside(name: String, byteCount: UInt64)
    /// A file is cut; what is behind the cut is copied first.
    case cut(name: String, offset: UInt64, byteCount: UInt64)
  }

  private(set) var steps: [Step] = []
  /// What is damaged, in the order in which it was found.
  private(set) var faults: [JournalFault] = []
  /// What is kept.
  private(set) var kept: JournalSurvey
  /// When the base that is kept was complete, in milliseconds since 1970; nil if there is none.
  private(set) var baseTime: Int64?
  private var files: [StoredJournal.File]

  /// Plans the repair of a journal; one that is whole needs no steps. Throws if it cannot be repaired.
  init(_ journal: borrowing StoredJournal) throws(ToolFailure) {
    files = try journal.files()
    var reading: StoredJournal.Reading
    (kept, reading) = try journal.survey(files)
    while case .damaged(let fault) = reading {
      faults.append(fault)
      if fault.isRepairable {
        leaveOut(fault)
        (kept, reading) = try journal.survey(files)
      } else {
        (kept, reading) = try leaveOutBase(fault, journal)
      }
    }
    if case .whole(let result) = reading { baseTime = result.baseTime }
  }

  /// Whether the base may hold changes of frames that are lost: those were written while it was, and it is of no one
  /// moment without them.
  var mixesMoments: Bool {
    guard let baseTime, !faults.isEmpty else { return false }
    return (kept.times?.upperBound ?? .min) <= baseTime
  }

  private mutating func leaveOut(_ fault: JournalFault) {
    for name in fault.later.reversed() { setAside(name) }
    guard fault.reason != .missing, let index = files.firstIndex(where: { $0.name == fault.file }) else { return }
    guard fault.offset > 0 else { return setAside(fault.file) }
    let (name, byteCount) = files[index]
    steps.append(.cut(name: name, offset: fault.offset, byteCount: byteCount - fault.offset))
    files[index].byteCount = fault.offset
  }

  private mutating func setAside(_ name: String) {
    guard let index = files.firstIndex(where: { $0.name == name }) else { return }
    steps.append(.setAside(name: name, byteCount: files[index].byteCount))
    files.remove(at: index)
  }

  /// Goes on without a damaged base, if everything that it stands for is there.
  private mutating func leaveOutBase(
    _ fault: JournalFault, _ journal: borrowing StoredJournal
  ) throws(ToolFailure) -> (JournalSurvey, StoredJournal.Reading) {
    if case .base = JournalFileName(fault.file) {
      setAside(fault.file)
      let (survey, reading) = try journal.survey(files)
      if case .whole = reading { return (survey, reading) }
    }
    throw ToolFailure(Self.refusal(fault, journal.path))
  }

  private static func refusal(_ fault: JournalFault, _ path: String) -> String {
    let place = fault.reason == .missing ? fault.file : "\(fault.file), byte \(fault.offset)"
    let isBase = if case .base = JournalFileName(fault.file) { true } else { false }
    let why =
      isBase
      ? "a base holds each key once, and what it was made from is gone, so that no part of it is a state that ever was"
      : "there is nothing in front of it that could be kept"
    return
      "\(path) cannot be repaired, and nothing was changed: \(place): \(fault.reason); \(why); restore it from a copy"
  }
}
