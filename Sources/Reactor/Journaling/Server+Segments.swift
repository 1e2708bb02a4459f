import Bytes
import Journal
import LinuxIO

// The journal's files: room on the disk ahead of need, the next segment made while the last one fills, and the change
// from one to the other.

extension Server where P: ~Copyable {
  // MARK: - Room

  /// Keeps room for about a step ahead, so that frames are not held up by asking, and a full disk shows as a refused
  /// write and not as a frame that cannot be written.
  mutating func askForRoomAhead() {
    guard journal.switching == .none else { return }
    if let retryAt = journal.room.retryAt {
      guard clock.milliseconds >= retryAt else { return }
      journal.room.retryAt = nil
    } else {
      guard !journal.room.isReserving else { return }
      let used = journal.segment.position + UInt64(journal.frame.count + executor.log.bytes)
      guard used + journal.room.step / 2 > journal.segment.reservedEnd else { return makeNextSegmentIfDue() }
    }
    reserve(to: journal.segment.reservedEnd + journal.room.step)
  }

  mutating func reserve(to end: UInt64) {
    journal.room.isReserving = true
    platform.submit(.reserve(journal.segment.name, end: end), ByteBuffer())
  }

  /// Takes what came of a request for room for the segment.
  mutating func endReserving(_ end: UInt64, _ error: SystemCallError?) {
    journal.room.isReserving = false
    guard let error else {
      journal.segment.reservedEnd = max(journal.segment.reservedEnd, end)
      if journal.room.isFull { log.notice("the disk has room again: writes are taken") }
      journal.room.isFull = false
      journal.room.step = min(journal.room.step * 2, JournalLimits.reserveStepBytes)
      if journal.frameStage == .waitingForRoom { writeFrame() }
      return
    }
    guard error.isDiskFull else { return failJournal(error, "reserve room on the disk") }
    // A segment that is being sealed needs no more room, and is about to be closed; the next one asks for its own.
    guard journal.switching == .none else { return }
    if journal.frameStage != .waitingForRoom, journal.room.step > JournalLimits.reserveStepBytesMin {
      journal.room.step /= 2
      reserve(to: journal.segment.reservedEnd + journal.room.step)
      return
    }
    noteFullDisk(error)
  }

  /// Refuses writes until there is room again.
  mutating func noteFullDisk(_ error: SystemCallError) {
    if !journal.room.isFull {
      log.error(
        "the disk is full: writes are refused until there is room again; reads and removals go on",
        metadata: ["cause": "\(error)", "directory": "\(configuration.storage?.directory ?? "")"])
    }
    journal.room.isFull = true
    journal.room.retryAt = clock.milliseconds + JournalLimits.roomRetryMilliseconds
  }

  // MARK: - Segments

  /// Has the next segment's file made once this one is half full.
  private mutating func makeNextSegmentIfDue() {
    guard journal.segment.position > configuration.segmentBytes / 2, clock.milliseconds >= journal.nextRetryAt
    else { return }
    makeNextSegment()
  }

  /// Has the file of the next segment made, under a name that no recovery looks at: it takes its own when its turn has
  /// come, for its header tells of the last frame before.
  mutating func makeNextSegment() {
    guard journal.next == .none else { return }
    journal.next = .creating
    platform.submit(.create(JournalLimits.spareName), ByteBuffer())
  }

  /// Goes on with making the next segment after one of its steps; returns whether the operation was one.
  mutating func continueNextSegment(_ operation: StorageOperation, _ error: SystemCallError?) -> Bool {
    switch operation {
    case .create(JournalLimits.spareName):
      if let error { return giveUpNextSegment(error) }
      platform.submit(.reserve(JournalLimits.spareName, end: journal.room.step), ByteBuffer())
    case .reserve(JournalLimits.spareName, let end):
      if let error { return giveUpNextSegment(error) }
      journal.next = .ready(reservedEnd: end)
    default: return false
    }
    return true
  }

  /// Without room for the next segment this one goes on, as far as there is room for it.
  private mutating func giveUpNextSegment(_ error: SystemCallError) -> Bool {
    guard error.isDiskFull else {
      failJournal(error, "make the next segment")
      return true
    }
    journal.next = .none
    journal.nextRetryAt = clock.milliseconds + JournalLimits.roomRetryMilliseconds
    platform.submit(.remove(JournalLimits.spareName), ByteBuffer())
    return true
  }

  mutating func syncDirectory(for purpose: DirectorySync) {
    journal.directorySyncs.append(purpose)
    platform.submit(.syncDirectory, ByteBuffer())
  }

  /// Begins to go on with the next segment if this one is full and that one is ready; returns whether it did.
  ///
  /// One step is begun when the one before has succeeded: the old segment is synced and cut to its length before the
  /// new one has its name, so that only the last segment can have a torn end; and no frame goes into the new one before
  /// that is certain to be found.
  mutating func switchSegmentIfFull(for frameBytes: Int) -> Bool {
    let end = journal.segment.position + UInt64(frameBytes)
    guard case .ready = journal.next, end > configuration.segmentBytes || compaction.stage == .wantsSegment
    else { return false }
    journal.switching = .cutting
    platform.submit(.truncate(journal.segment.name, count: journal.segment.position), ByteBuffer())
    platform.submit(.close(journal.segment.name), ByteBuffer())
    return true
  }

  /// Writes the next segment's header, now that the last one is sealed.
  mutating func headNextSegment() {
    journal.syncedThrough = journal.chain.nextSequence - 1
    journal.syncedBytes = journal.writtenBytes
    journal.switching = .heading
    let header = SegmentHeader(
      kind: .journal, number: journal.segment.number + 1, salt: platform.randomWord(),
      firstSequence: journal.chain.nextSequence, identity: journal.identity, time: executor.now,
      previousCRC: journal.chain.lastCRC)
    journal.chain = FrameChain(header)
    var bytes = ByteBuffer()
    header.append(to: &bytes)
    platform.submit(.write(JournalLimits.spareName, offset: 0, isSynced: true), bytes)
  }

  /// Gives the next segment its name.
  mutating func nameNextSegment() {
    guard case .ready(let reservedEnd) = journal.next else { preconditionFailure("the next segment is ready") }
    journal.switching = .naming
    journal.oldSegmentBytes += journal.segment.position
    journal.next = .none
    let number = journal.segment.number + 1
    journal.segment = JournalState.Segment(
      number: number, name: JournalFileName.journal(number).description, position: UInt64(SegmentHeader.bytes),
      reservedEnd: reservedEnd)
    platform.submit(.rename(from: JournalLimits.spareName, to: journal.segment.name), ByteBuffer())
    syncDirectory(for: .nextSegment)
  }

  /// The next segment is the one that frames go into.
  mutating func endSwitch() {
    journal.switching = .none
    beginBaseIfDue()
  }
}
