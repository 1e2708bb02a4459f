// Reads a journal back, front to back, every byte of it, and gives out the frames of changes that are whole and in
// their place. It holds no file: it says which bytes it wants, and whoever can read files appends them to `buffer`.
//
//     files   base ──► segment ──► segment ──► … ──► last segment
//                                                    ├─ frame ─┬─ frame ─┬─ rest ─┤
//
// A base, and a segment that is not the last, consist of good frames to their end; behind those of a segment there may
// be zeros, space that was reserved and not used. Anything else is damage, and refused. The rest of the last segment is
// damage too if a frame in it says that the first bad one was on disk. If none says so, it is a torn tail: frames that
// were on their way when the power went, on which no reply has depended.
//
//     buffer  ├──── used ────┼── frame given out ──┼── read ahead ──┤
//                            position              next position
//
// What is used is dropped only when more has to be read, a megabyte at a time, so that bytes are moved seldom and few.

public import Bytes

/// The reading side of a journal: pulled step by step by whoever can read its files.
public struct Recovery: ~Copyable {
  /// What has to happen next.
  public enum Step: Equatable, Sendable {
    /// Append `count` bytes of a file, from `offset` on, to `buffer`; fewer only where the file ends.
    case read(name: String, offset: UInt64, count: Int)
    /// Apply the records that `payload` of the buffer holds.
    case frame(FrameFacts)
    /// Everything has been read; it is only said once more if asked again.
    indirect case finished(RecoveryResult)
  }

  /// Where what is asked for is appended, and where a frame's payload lies until the next step.
  public var buffer = ByteBuffer()

  let plan: RecoveryPlan
  var stage = Stage.opening
  /// The file that is being read, as an index of the plan's files.
  var index = 0
  var result = RecoveryResult()

  /// Bytes of the current file; fewer than planned if it ended early.
  var fileBytes: UInt64 = 0
  /// Where in the file the buffer begins.
  var bufferOffset: UInt64 = 0
  /// Where in the buffer the next thing stands.
  var position = 0
  /// Bytes in front of the next position that a frame which was given out still needs.
  var givenBytes = 0
  /// What was asked for last: how many bytes the buffer had, and how many were to be appended.
  var asked: (from: Int, count: Int)?

  /// The current file's header.
  var header: SegmentHeader?
  /// The next frame's sequence, and what it has to say of the frame before; nil before the first segment behind a base,
  /// whose predecessor is gone.
  var nextSequence: UInt64 = 1
  var lastCRC: UInt32? = 0
  /// Whole frames, of all kinds: in the current file, and altogether.
  var framesInFile: UInt64 = 0
  var framesSoFar: UInt64 = 0
  /// The kind of the current file's last whole frame.
  var lastKind: FrameKind?
  /// Bytes of the files before the current one, and of all.
  private var bytesBefore: UInt64 = 0
  /// Bytes of all files that are read: what `bytesDone` gets to.
  public let bytesTotal: UInt64

  enum Stage {
    case opening, header, frames
    case tail(Tail)
    case finished
  }

  /// Plans the recovery of a directory with these files; files that are not the journal's are passed over. Throws if
  /// one is missing.
  public init(files: [(name: String, byteCount: UInt64)]) throws(JournalFault) {
    plan = try RecoveryPlan(files)
    result.obsolete = plan.obsolete
    bytesTotal = plan.files.reduce(0) { $0.addingReportingOverflow($1.byteCount).partialValue }
  }

  /// The name of the file that is being read; nil before the first and after the last.
  public var currentFile: String? { index < plan.files.count ? plan.files[index].name : nil }
  /// That file's header; nil until it has been read.
  public var currentHeader: SegmentHeader? { header }
  /// Bytes that need not be looked at any more.
  public var bytesDone: UInt64 { bytesBefore &+ offset }
  /// Records in the frames that were given out so far.
  public var recordsDone: UInt64 { result.records }

  /// Goes on to the next step; throws where there is damage, for good.
  public mutating func next() throws(JournalFault) -> Step {
    takeRead()
    position += givenBytes
    givenBytes = 0
    while true {
      let step: Step? =
        switch stage {
        case .opening: open()
        case .header: try readHeader()
        case .frames: try readFrame()
        case .tail(let tail): try scan(tail)
        case .finished: .finished(result)
        }
      if let step { return step }
    }
  }

  /// The damage that a frame is whose records cannot be read after all: the one that was given out last.
  public func unreadableRecords(of facts: FrameFacts) -> JournalFault {
    fault(.records, at: facts.offset, through: facts.header.sequence, goodFrames: framesSoFar - 1)
  }

  // MARK: - From file to file

  private mutating func open() -> Step? {
    buffer.removeAll()
    (bufferOffset, position) = (0, 0)
    header = nil
    framesInFile = 0
    lastKind = nil
    guard index < plan.files.count else {
      finish()
      return nil
    }
    fileBytes = plan.files[index].byteCount
    stage = .header
    return nil
  }

  /// The file is good up to `end`; what is behind it is zero, or torn.
  mutating func close(end: UInt64) throws(JournalFault) {
    let file = plan.files[index]
    switch file.kind {
    case .base:
      guard lastKind == .endOfBase else { throw fault(.unfinished, at: end) }
      result.base = file.number
      result.baseBytes = end
      result.nextSegment = file.number
      nextSequence = header?.firstSequence ?? 1
      lastCRC = nil
    case .journal where framesInFile == 0 && isLast:
      result.emptySegment = file.name
      result.nextSegment = file.number
    case .journal:
      result.lastSegment = file.number
      result.lastSegmentBytes = end
      result.journalBytes += end
      result.nextSegment = file.number + 1
    }
    if isLast || file.kind == .base { result.endedCleanly = lastKind == .shutdown && result.tornTail == nil }
    bytesBefore &+= file.byteCount
    fileBytes = 0
    index += 1
    stage = .opening
  }

  private mutating func finish() {
    if plan.files.isEmpty { result.endedCleanly = true }
    result.nextSequence = nextSequence
    result.chainCRC = lastCRC ?? 0
    stage = .finished
  }

  /// Whether the current file is the last segment.
  var isLast: Bool { index == plan.files.count - 1 && plan.files[index].kind == .journal }

  // MARK: - What is wrong

  /// Damage to the current file, from an offset on; `last` is the last sequence known to be affected.
  func fault(
    _ reason: JournalFault.Reason, at offset: UInt64, through last: UInt64 = 0, goodFrames: UInt64? = nil
  ) -> JournalFault {
    let file = plan.files[index]
    // A base's frames are counted by themselves, and one without all of them is of no use.
    let isSegment = file.kind == .journal
    let first = reason == .records ? last : nextSequence
    return JournalFault(
      file: file.name, offset: offset, sequences: isSegment ? first...max(first, last) : nil, reason: reason,
      later: plan.files[(index + 1)...].map(\.name), isRepairable: isSegment && (goodFrames ?? framesSoFar) > 0)
  }

  // MARK: - Bytes

  /// Where in the file the next thing stands.
  var offset: UInt64 { bufferOffset + UInt64(position) }
  /// Bytes of the file from there on.
  var left: UInt64 { fileBytes - offset }

  /// The step that brings more bytes, or nil if at least `count` of what is left are in the buffer.
  mutating func ask(for count: UInt64) -> Step? {
    if UInt64(buffer.count - position) >= count { return nil }
    buffer.removePrefix(position)
    bufferOffset += UInt64(position)
    position = 0
    let from = bufferOffset + UInt64(buffer.count)
    let count = Int(min(fileBytes - from, UInt64(JournalLimits.readBytes)))
    asked = (buffer.count, count)
    return .read(name: plan.files[index].name, offset: from, count: count)
  }

  /// Looks at what came of the last step, if that was to read.
  private mutating func takeRead() {
    guard let asked else { return }
    self.asked = nil
    let got = buffer.count - asked.from
    precondition(got >= 0 && got <= asked.count, "what was asked for is appended, and nothing else")
    if got < asked.count { fileBytes = bufferOffset + UInt64(buffer.count) }
  }
}
