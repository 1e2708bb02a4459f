import Bytes
import Commands
import Journal
import LinuxIO

// The one commit point: at the end of a turn, what has changed since the last frame becomes the next one and is given
// to the thread that owns the files, unless a frame is under way; then the turns go on and fill the next.

extension Server where P: ~Copyable {
  /// How safe a change is before anybody is told of it; clients can change it while the server runs.
  var syncMode: SyncMode { executor.settings.sync }

  /// All frames through this one are as safe as replies wait for. In the mode in which none waits, some still may that
  /// were made before it was set.
  var safeThrough: UInt64 { syncMode == .always ? journal.syncedThrough : journal.writtenThrough }

  /// Sends what has changed on its way to the disk, if nothing else is.
  mutating func commit() {
    guard journal.isOn else { return }
    noteIdleRecords()
    let isDue = isIdle && isFrameDue && (journal.progress == .open || journal.progress == .closing)
    let isSwitching = (isDue || isIdle && wantsNextSegment) && switchSegmentIfFull(for: executor.log.buffer.count)
    // In front of the frame, so that there is room for the next one before this one's sync has returned.
    askForRoomAhead()
    if isDue, !isSwitching, hasRoom(for: executor.log.buffer.count) { beginFrame(.changes) }
    syncIfDue()
    holdWrites()
    if stopDeadline != nil { closeJournalIfDrained() }
  }

  /// Whether a frame can be written at once.
  var isIdle: Bool { journal.frameStage == .none && journal.switching == .none }

  /// Whether the records at hand should be written now: any change at once, removals of expired keys when there are
  /// many or have waited for a second, or a base waits for them.
  private var isFrameDue: Bool {
    executor.log.isUrgent || executor.log.bytes >= JournalLimits.idleRecordBytesMax
      || compaction.stage == .finishing && executor.log.recordCount > 0
      || journal.idleRecordsDue.map { $0 <= clock.milliseconds } ?? false
  }

  /// Notes until when removals of expired keys may wait: so long may a key that expired come back if the server crashes
  /// and the wall clock is set back.
  private mutating func noteIdleRecords() {
    if executor.log.recordCount == 0 {
      journal.idleRecordsDue = nil
    } else if journal.idleRecordsDue == nil {
      journal.idleRecordsDue = clock.milliseconds + JournalLimits.idleRecordMilliseconds
    }
  }

  /// Seals the records at hand as a frame, and has it written.
  mutating func beginFrame(_ kind: FrameKind) {
    let recordCount = executor.log.recordCount
    journal.records += UInt64(recordCount)
    journal.idleRecordsDue = nil
    let time = min(executor.log.earliestTime, executor.now)
    journal.isFrameSynced = syncMode == .always || executor.log.mustSync
    var spare = ByteBuffer()
    swap(&spare, &journal.spare)
    journal.frame = executor.log.take(replacement: spare)
    if recordCount == 0 {
      for _ in 0..<FrameHeader.bytes { journal.frame.append(0) }
    }
    journal.chain.seal(
      &journal.frame, kind: kind, time: time, recordCount: recordCount, syncedThrough: journal.syncedThrough)
    journal.frameBytes = UInt64(journal.frame.count)
    executor.beginFrame()
    swap(&journal.heldForFilling, &journal.heldForFrame)
    writeFrame()
  }

  /// Has the sealed frame written where the last one ended, or asks for room first.
  mutating func writeFrame() {
    let end = journal.segment.position + UInt64(journal.frame.count)
    guard end <= journal.segment.reservedEnd else {
      journal.frameStage = .waitingForRoom
      if journal.room.retryAt == nil { journal.room.retryAt = clock.milliseconds }
      return
    }
    journal.frameStage = .writing
    var frame = ByteBuffer()
    swap(&frame, &journal.frame)
    let position = journal.segment.position
    platform.submit(
      .write(journal.segment.name, offset: position, isSynced: journal.isFrameSynced), frame)
  }

  /// The frame is where the mode wants it.
  mutating func endFrame(_ bytes: consuming ByteBuffer, isSynced: Bool) {
    journal.segment.position += UInt64(bytes.count)
    journal.writtenThrough = journal.chain.nextSequence - 1
    journal.writtenBytes += UInt64(bytes.count)
    if isSynced {
      journal.syncedThrough = journal.writtenThrough
      journal.syncedBytes = journal.writtenBytes
    }
    journal.frameStage = .none
    bytes.removeAll(keepingCapacity: JournalLimits.keptFrameBytesMax)
    journal.spare = bytes
    executor.endFrame()
    releaseHeld(for: executor.frameAtHand - 1)
    // Nothing has changed since: what was held for the frame at hand waits for nothing.
    if executor.log.recordCount == 0, !executor.log.isUrgent {
      swap(&journal.heldForFilling, &journal.heldForFrame)
      releaseHeld(for: executor.frameAtHand)
    }
  }

  // MARK: - By time

  private mutating func syncIfDue() {
    guard syncMode == .everysec, journal.syncTarget == nil, journal.switching == .none,
      journal.writtenThrough > journal.syncedThrough,
      clock.milliseconds >= journal.nextSync
    else { return }
    syncSegment()
  }

  /// Has all that was written made durable.
  mutating func syncSegment() {
    journal.syncTarget = journal.writtenThrough
    journal.syncTargetBytes = journal.writtenBytes
    journal.nextSync = clock.milliseconds + JournalLimits.syncMilliseconds
    platform.submit(.sync(journal.segment.name), ByteBuffer())
  }

  /// When the journal wants a turn, in the loop's milliseconds; nil: not before something happens.
  var journalDeadline: UInt64? {
    guard journal.isOn else { return nil }
    var next = UInt64.max
    if syncMode == .everysec, journal.writtenThrough > journal.syncedThrough, journal.syncTarget == nil {
      next = journal.nextSync
    }
    if let roomDeadline { next = min(next, roomDeadline) }
    if let due = journal.idleRecordsDue, isIdle { next = min(next, due) }
    if let compactionDeadline { next = min(next, compactionDeadline) }
    return next == .max ? nil : next
  }

  private mutating func holdWrites() {
    let isBacklog =
      journal.frameStage != .none && executor.log.bytes >= configuration.turn.backlogBytesMax || isCompactionBehind
    setRoom()
    let hold: WriteHold =
      journal.room.isFull ? .diskFull : isBacklog || executor.room.wanted > 0 ? .backlog : .none
    if executor.writeHold != hold { executor.writeHold = hold }
  }
}
