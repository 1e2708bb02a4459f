import Bytes
import Journal
import LinuxIO

// The journal's files: the next segment made while the last one fills, and the change from one to the other.

extension Server where P: ~Copyable {
  /// Has the file of the next segment made, under a name that no recovery looks at: it takes its own when its turn has
  /// come, for its header tells of the last frame before. It is made as soon as this one is begun, so that a compaction
  /// can begin when the disk is full: that is what makes room after removals.
  mutating func makeNextSegment() {
    guard journal.next == .none, clock.milliseconds >= journal.nextRetryAt else { return }
    journal.next = .creating
    platform.submit(.create(JournalLimits.spareName), ByteBuffer())
  }

  /// Goes on with making the next segment after one of its steps; returns whether the operation was one.
  mutating func continueNextSegment(_ operation: StorageOperation, _ error: SystemCallError?) -> Bool {
    switch operation {
    case .create(JournalLimits.spareName):
      if let error { return giveUpNextSegment(error) }
      platform.submit(.reserve(JournalLimits.spareName, end: journal.room.step, isFilled: fillsRoom), ByteBuffer())
    case .reserve(JournalLimits.spareName, let end, _):
      if let error, error.isDiskFull, end > JournalLimits.segmentRoomBytesMin {
        let less = max(end / 2, JournalLimits.segmentRoomBytesMin)
        platform.submit(.reserve(JournalLimits.spareName, end: less, isFilled: fillsRoom), ByteBuffer())
        return true
      }
      if let error { return giveUpNextSegment(error) }
      journal.next = .ready(reservedEnd: end)
      endYielding()
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
    if yieldRoom() { return true }
    endYielding()
    if compaction.stage == .wantsSegment { giveUpCompaction(error) }
    return true
  }

  /// Gives half of the room that is left in the segment back, for the next one, without which no compaction could begin
  /// that makes room on a full disk; returns whether there was enough.
  private mutating func yieldRoom() -> Bool {
    let isSteady = journal.switching == .none && !journal.room.isReserving && journal.frameStage != .waitingForRoom
    guard isSteady, journal.progress == .open, usedEnd < journal.segment.reservedEnd else { return false }
    let page = JournalLimits.segmentRoomBytesMin
    let end = (usedEnd + (journal.segment.reservedEnd - usedEnd) / 2 + page) / page * page
    guard end + 2 * page <= journal.segment.reservedEnd else { return false }
    journal.switching = .yielding
    journal.nextRetryAt = clock.milliseconds
    journal.segment.reservedEnd = end
    setRoom()
    platform.submit(.truncate(journal.segment.name, count: end), ByteBuffer())
    return true
  }

  /// What was given back is used, or was not enough; until then nobody else took it.
  private mutating func endYielding() {
    if journal.switching == .yielding { journal.switching = .none }
  }

  mutating func syncDirectory(for purpose: DirectorySync) {
    journal.directorySyncs.append(purpose)
    platform.submit(.syncDirectory, ByteBuffer())
  }

  /// Whether the next segment is to begin as soon as nothing is on its way. On a full disk only a compaction may have
  /// it: if removals used it up there would be none left for the compaction that makes room after them.
  var wantsNextSegment: Bool {
    compaction.stage == .wantsSegment
      || !journal.room.isFull && journal.segment.position >= configuration.segmentBytes
  }

  /// Begins to go on with the next segment if this one is full, or has no room left, and that one is ready and has room
  /// for the block that comes next; returns whether it did.
  ///
  /// One step is begun when the one before has succeeded: the old segment is synced and cut to its length before the
  /// new one has its name, so that only the last segment can have a torn end; and no frame goes into the new one before
  /// that is certain to be found.
  mutating func switchSegmentIfFull(for blockBytes: Int) -> Bool {
    guard case .ready(let reservedEnd) = journal.next,
      UInt64(SegmentHeader.bytes + blockBytes + JournalLimits.closingBytes) <= reservedEnd
    else { return false }
    let end = journal.segment.position + UInt64(blockBytes)
    let isLast = end > configuration.segmentBytes || !hasRoom(for: blockBytes)
    guard wantsNextSegment || isLast && !journal.room.isFull else { return false }
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
