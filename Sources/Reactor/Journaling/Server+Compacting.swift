import Bytes
import Commands
import Journal
import LinuxIO

extension Server where P: ~Copyable {
  private var newBaseName: String { JournalFileName.newBase(compaction.number).description }

  /// Whether a compaction is under way.
  var isCompacting: Bool { compaction.stage != .idle }

  /// Whether the next slice waits for nothing.
  var hasCompactionWork: Bool { compaction.stage == .scanning && (!compaction.isWriting || !isBaseFrameFull) }

  /// Whether the frame of the base that is gathered is long enough to be written.
  private var isBaseFrameFull: Bool {
    compaction.records.buffer.count >= configuration.turn.baseFrameBytes || compaction.records.isComplete
  }

  /// Begins a compaction if none is under way; it goes on by itself.
  mutating func beginCompaction(_ cause: String) {
    guard journal.isOn, !isCompacting, stopDeadline == nil else { return }
    log.info("compaction begins", metadata: ["cause": "\(cause)"])
    compaction.stage = .wantsSegment
    compaction.began = clock.milliseconds
  }

  /// Does a slice of what compaction has to do in a turn.
  mutating func compact() {
    if compaction.stage == .idle { beginCompactionIfDue() }
    switch compaction.stage {
    case .wantsSegment:
      if journal.switching == .none, clock.milliseconds >= journal.nextRetryAt { makeNextSegment() }
      if isIdle { _ = switchSegmentIfFull(for: executor.log.buffer.count) }
    case .scanning: if stopDeadline != nil { abandonCompaction() } else { scanSlice() }
    case .finishing: nameBaseIfSafe()
    case .idle, .naming, .removing, .abandoning: break
    }
  }

  private mutating func beginCompactionIfDue() {
    guard journal.isOn, stopDeadline == nil else { return }
    if compaction.isScheduled {
      compaction.isScheduled = false
      beginCompaction("a client asked for it")
    } else if mayTryCompaction, isCompactionDue {
      beginCompaction("size")
    }
  }

  /// Whether so long has passed since the last failure, or so much was removed, that another compaction may succeed.
  private var mayTryCompaction: Bool {
    clock.milliseconds >= compaction.retryAt || liveBytes < compaction.failedLiveBytes / 2
  }

  /// When a compaction is tried again that failed, or the segment that one waits for, in the loop's milliseconds; nil:
  /// neither is waited for.
  var compactionDeadline: UInt64? {
    switch compaction.stage {
    case .idle: compaction.retryAt > clock.milliseconds ? compaction.retryAt : nil
    case .wantsSegment: journal.next == .none && journal.switching == .none ? journal.nextRetryAt : nil
    case .scanning, .finishing, .naming, .removing, .abandoning: nil
    }
  }

  /// Begins the base that stands for all segments before the current one.
  mutating func beginBaseIfDue() {
    guard compaction.stage == .wantsSegment else { return }
    compaction.stage = .scanning
    compaction.number = journal.segment.number
    compaction.replacedBytes = journal.oldSegmentBytes
    compaction.records = EntryRecords()
    compaction.liveBytes = liveBytes
    compaction.recordsAtStart = journal.records
    let header = SegmentHeader(
      kind: .base, number: compaction.number, salt: platform.randomWord(), firstSequence: journal.chain.nextSequence,
      identity: journal.identity, time: executor.now, previousCRC: 0)
    compaction.chain = FrameChain(header)
    compaction.position = UInt64(SegmentHeader.bytes)
    var bytes = ByteBuffer()
    header.append(to: &bytes)
    platform.submit(.create(newBaseName), ByteBuffer())
    compaction.isWriting = true
    platform.submit(.write(newBaseName, offset: 0, isSynced: false), bytes)
  }

  // MARK: - Writing the base

  private mutating func scanSlice() {
    guard !compaction.records.isComplete else { return finishScan() }
    guard !isBaseFrameFull else { return writeBaseFrame(.changes) }
    if compaction.records.buffer.isEmpty { compaction.makeRoomForHeader() }
    executor.append(
      to: &compaction.records, keys: configuration.turn.compactionKeysPerSlice,
      bytes: configuration.turn.compactionBytesPerSlice)
  }

  private mutating func writeBaseFrame(_ kind: FrameKind) {
    guard !compaction.isWriting else { return }
    compaction.chain.seal(
      &compaction.records.buffer, kind: kind, time: executor.now, recordCount: compaction.records.count,
      syncedThrough: 0)
    var frame = ByteBuffer()
    swap(&frame, &compaction.records.buffer)
    compaction.records.count = 0
    compaction.isWriting = true
    let position = compaction.position
    compaction.position += UInt64(frame.count)
    platform.submit(.write(newBaseName, offset: position, isSynced: true), frame)
  }

  /// Writes what is left, then the frame that says that the base is whole.
  private mutating func finishScan() {
    guard !compaction.isWriting else { return }
    if compaction.records.count > 0 { return writeBaseFrame(.changes) }
    compaction.records.buffer.removeAll()
    compaction.makeRoomForHeader()
    compaction.records.buffer.append(littleEndian: compaction.records.keyCount)
    compaction.lastSeen = executor.log.recordCount > 0 ? executor.frameAtHand : executor.frameAtHand - 1
    compaction.sealedAt = executor.now
    compaction.stage = .finishing
    writeBaseFrame(.endOfBase)
  }

  /// Has the base take its name once no power cut can take back what it may hold.
  private mutating func nameBaseIfSafe() {
    guard !compaction.isWriting else { return }
    guard journal.syncedThrough >= compaction.lastSeen else {
      let isWritten = journal.writtenThrough >= compaction.lastSeen
      if isWritten, syncMode != .always, journal.syncTarget == nil, journal.switching == .none { syncSegment() }
      return
    }
    compaction.stage = .naming
    let name = JournalFileName.base(compaction.number).description
    platform.submit(.rename(from: newBaseName, to: name), ByteBuffer())
    platform.submit(.close(name), ByteBuffer())
    syncDirectory(for: .base)
  }

  /// The base is in use: removes what it stands for.
  mutating func removeReplacedFiles() {
    compaction.stage = .removing
    if let old = compaction.base { platform.submit(.remove(JournalFileName.base(old).description), ByteBuffer()) }
    for number in compaction.firstSegment..<compaction.number {
      platform.submit(.remove(JournalFileName.journal(number).description), ByteBuffer())
    }
    syncDirectory(for: .leftovers)
  }

  mutating func endCompaction() {
    compaction.base = compaction.number
    compaction.baseBytes = compaction.position
    compaction.firstSegment = compaction.number
    journal.oldSegmentBytes -= compaction.replacedBytes
    compaction.completedAt = compaction.sealedAt
    compaction.completedCount += 1
    compaction.lastMilliseconds = clock.milliseconds - compaction.began
    compaction.recordsBefore = compaction.recordsAtStart
    compaction.failures = 0
    compaction.stage = .idle
    retryRoom()
    log.info(
      "compaction has ended",
      metadata: [
        "keys": "\(compaction.records.keyCount)", "bytes": "\(compaction.baseBytes)",
        "freed-bytes": "\(compaction.replacedBytes)",
        "milliseconds": "\(clock.milliseconds - compaction.began)",
      ])
  }

  // MARK: - Completions

  /// Goes on after one of the base's operations; returns whether the operation was one.
  mutating func continueCompaction(_ operation: StorageOperation, _ error: SystemCallError?) -> Bool {
    guard isCompacting else { return false }
    switch operation {
    case .create(newBaseName): if let error { giveUpCompaction(error) }
    case .write(newBaseName, _, _):
      compaction.isWriting = false
      if let error { giveUpCompaction(error) }
    case .remove(newBaseName):
      if let error { failJournal(error, "remove an unfinished base") }
      if compaction.stage == .abandoning { compaction.stage = .idle }
      retryRoom()
    default: return false
    }
    return true
  }

  /// The base cannot be written, or not even begun: the journal goes on without it.
  mutating func giveUpCompaction(_ error: SystemCallError) {
    let isBegun = compaction.stage == .scanning || compaction.stage == .finishing
    guard isBegun || compaction.stage == .wantsSegment else { return }
    log.error("compaction cannot go on: it is tried again later", metadata: ["cause": "\(error)"])
    let pause = JournalLimits.compactionRetryMilliseconds << min(compaction.failures, 10)
    compaction.retryAt = clock.milliseconds + min(pause, JournalLimits.compactionRetryMillisecondsMax)
    compaction.failures += 1
    compaction.failedLiveBytes = isBegun ? compaction.liveBytes : liveBytes
    if isBegun { abandonCompaction() } else { compaction.stage = .idle }
  }

  private mutating func abandonCompaction() {
    compaction.stage = .abandoning
    compaction.records = EntryRecords()
    platform.submit(.remove(newBaseName), ByteBuffer())
  }

  // MARK: - When, and how fast

  var policy: CompactionPolicy { CompactionPolicy(segmentBytes: configuration.segmentBytes) }

  /// What a base of the present keys would take.
  var liveBytes: UInt64 { executor.keyspace.memoryUse.entryBytes }

  /// Whether the journal has grown so long, measured by what is live, that it is to be compacted.
  private var isCompactionDue: Bool {
    let journalBytes = journal.oldSegmentBytes + journal.segment.position
    if policy.isDue(liveBytes: liveBytes, baseBytes: compaction.baseBytes, journalBytes: journalBytes) { return true }
    // What is reserved in this segment and not used is given back when the next one begins.
    return journal.room.isFull
      && policy.isDueOnFullDisk(
        liveBytes: liveBytes, baseBytes: compaction.baseBytes, journalBytes: journalBytes,
        freeBytes: journal.segment.reservedEnd - min(journal.segment.position, journal.segment.reservedEnd),
        marginBytes: removalBytes / 2)
  }

  /// Whether so much has changed since the base was begun that writes have to wait for it: otherwise the disk would
  /// hold more than it should.
  var isCompactionBehind: Bool {
    guard compaction.stage == .scanning else { return false }
    let since = journal.oldSegmentBytes - compaction.replacedBytes + journal.segment.position
    return compaction.position < policy.baseBytesDue(liveBytes: compaction.liveBytes, journalBytesSinceBegin: since)
  }
}
