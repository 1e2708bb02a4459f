// Which files of a data directory are read at start, and in which order: the newest base, if there is one, and the
// segments that follow it without a gap. What the base stands for, and a base that never became whole, are leftovers of
// a compaction that was interrupted before its last step; they are removed when the rest has been read.

/// A file that recovery reads.
struct PlannedFile: Equatable, Sendable {
  let name: String
  let kind: SegmentKind
  let number: UInt64
  let byteCount: UInt64
}

/// What recovery reads, in order.
struct RecoveryPlan: Equatable, Sendable {
  /// The base, if there is one, then the segments.
  let files: [PlannedFile]
  /// Names of leftovers.
  let obsolete: [String]

  /// Makes a plan; other files than the journal's are passed over.
  init(_ stored: [(name: String, byteCount: UInt64)]) throws(JournalFault) {
    var bases: [PlannedFile] = []
    var segments: [PlannedFile] = []
    var obsolete: [String] = []
    for (name, byteCount) in stored {
      switch JournalFileName(name) {
      case .journal(let number):
        segments.append(PlannedFile(name: name, kind: .journal, number: number, byteCount: byteCount))
      case .base(let number):
        bases.append(PlannedFile(name: name, kind: .base, number: number, byteCount: byteCount))
      case .newBase: obsolete.append(name)
      case .torn, nil: break
      }
    }
    let base = bases.max { $0.number < $1.number }
    let first = base?.number ?? 1
    obsolete += bases.filter { $0.number < first }.map(\.name)
    obsolete += segments.filter { $0.number < first }.map(\.name)
    segments = segments.filter { $0.number >= first }.sorted { $0.number < $1.number }
    var next = first
    for (index, segment) in segments.enumerated() {
      guard segment.number == next else {
        throw JournalFault(
          missing: JournalFileName.journal(next).description, later: segments[index...].map(\.name),
          isRepairable: base != nil || index > 0)
      }
      next &+= 1
    }
    self.files = (base.map { [$0] } ?? []) + segments
    self.obsolete = obsolete.sorted()
  }
}
