import Bytes
import Journal
import LinuxIO

// Room on the disk ahead of need. The executor is told for how many bytes of records there is room for certain, and
// executes nothing that may not fit: a full disk shows as a refused write, not as a frame that cannot be written.
//
//     segment    ├─ frames ─┤ frame on its way ┤ records at hand ┤ room for more ┤ room for removals ┤ reservedEnd
//
// A request that needs more has it asked for, and waits; it is refused if the disk has not got it. When not even a
// little is to be had, so is everything that grows, and removals go on in what was kept for them.

extension Server where P: ~Copyable {
  /// Keeps room for about a step ahead, and asks for what a request needs that waits.
  mutating func askForRoomAhead() {
    guard journal.switching == .none, !journal.room.isReserving else { return }
    if let until = journal.room.refusesUntil, clock.milliseconds >= until {
      journal.room.refusesUntil = nil
      executor.room.refusedFrom = .max
    }
    // On a full disk the room that a compaction gives back is for its base.
    guard !leavesRoomToCompaction else { return }
    if executor.room.wanted > 0 {
      guard neededEnd > journal.segment.reservedEnd else { return }
      // Large changes come in rows; what is reserved and not used is bounded as CompactionPolicy has it.
      let more = min(UInt64(executor.room.wanted) * 4, configuration.segmentBytes / 8)
      journal.room.step = max(journal.room.step, more)
    } else if let retryAt = journal.room.retryAt {
      guard clock.milliseconds >= retryAt else { return }
      makeNextSegment()
    } else {
      guard usedEnd + aheadBytes > journal.segment.reservedEnd else { return makeNextSegment() }
    }
    journal.room.retryAt = nil
    reserve(beyond: journal.room.step)
  }

  /// Whether the room that there may be is for the base. A compaction that waits for its segment has no base yet, and
  /// does not get that far while a frame waits for room; nor does it end before what it has seen is written.
  private var leavesRoomToCompaction: Bool {
    let hasBase = isCompacting && compaction.stage != .wantsSegment
    let isShort = executor.log.recordCount > 0 && !hasRoom(for: executor.log.buffer.count)
    return journal.room.isFull && hasBase && journal.frameStage != .waitingForRoom && !isShort
  }

  /// Where the records at hand end once they are written, and the frame on its way before them.
  var usedEnd: UInt64 { journal.segment.position + UInt64(bytesUnderWay + executor.log.buffer.count) }

  private var bytesUnderWay: Int {
    switch journal.frameStage {
    case .none: 0
    case .waitingForRoom: journal.frame.count
    case .writing: Int(journal.frameBytes)
    }
  }

  /// How far there has to be room for what is there, and for the request that waits.
  private var neededEnd: UInt64 {
    usedEnd + UInt64(executor.room.wanted + JournalLimits.closingBytes)
  }

  /// Room that is asked for at once, unless the disk is nearly full: small segments are given little.
  var reserveStep: UInt64 {
    let step = fillsRoom ? JournalLimits.filledStepBytes : JournalLimits.reserveStepBytes
    return max(min(step, configuration.segmentBytes / 16), JournalLimits.reserveStepBytesMin)
  }

  /// Whether room is written over with zeros before it is used: it takes a write more for each byte, and about half of
  /// the time that a sync of few changes takes, so it pays where every frame is synced.
  var fillsRoom: Bool { syncMode == .always }

  /// More is asked for when there is less room than this.
  private var aheadBytes: UInt64 { journal.room.step / 2 + removalBytes }

  /// What is kept for removals when the disk is full: more, where there is more to remove.
  var removalBytes: UInt64 {
    let heldBytes = compaction.baseBytes + journal.oldSegmentBytes + journal.segment.position
    return min(reserveStep / 4, max(JournalLimits.removalBytesMin, heldBytes / 64))
  }

  /// Whether there is room for little more than removals.
  private var isRoomLow: Bool {
    usedEnd + removalBytes + JournalLimits.lowRoomBytes > journal.segment.reservedEnd
  }

  /// Asks for room for what is needed, and for so much more.
  private mutating func reserve(beyond step: UInt64) {
    journal.room.isReserving = true
    journal.room.isBare = step == 0
    let end = max(journal.segment.reservedEnd, neededEnd) + step
    platform.submit(.reserve(journal.segment.name, end: end, isFilled: fillsRoom), ByteBuffer())
  }

  /// Takes what came of a request for room for the segment.
  mutating func endReserving(_ end: UInt64, _ error: SystemCallError?) {
    journal.room.isReserving = false
    // The segment that is being left needs no room.
    guard journal.switching == .none else { return }
    if let error { return endReserving(error) }
    journal.segment.reservedEnd = max(journal.segment.reservedEnd, end)
    journal.room.step = min(max(journal.room.step, JournalLimits.reserveStepBytesMin) * 2, reserveStep)
    if journal.frameStage == .waitingForRoom {
      // Where nothing can be reserved only the frame itself finds out: until it is written the disk counts as full.
      if journal.room.isFull { journal.room.retryAt = clock.milliseconds + JournalLimits.roomRetryMilliseconds }
      writeFrame()
    } else if journal.room.isFull, isRoomLow {
      // There was something: perhaps there is more.
      let pause = journal.room.isBare ? JournalLimits.roomRetryMilliseconds : 0
      journal.room.retryAt = clock.milliseconds + pause
    } else if journal.room.isFull {
      log.notice("the disk has room again: writes are taken")
      journal.room.isFull = false
    }
    setRoom()
  }

  /// The disk has not got what was asked for: less is, then none beyond what is needed.
  private mutating func endReserving(_ error: SystemCallError) {
    guard error.isDiskFull else { return failJournal(error, "reserve room on the disk") }
    if journal.room.step > JournalLimits.reserveStepBytesMin {
      journal.room.step = max(journal.room.step / 2, JournalLimits.reserveStepBytesMin)
      return reserve(beyond: journal.room.step)
    }
    if !journal.room.isBare, neededEnd > journal.segment.reservedEnd { return reserve(beyond: 0) }
    guard !isRoomLow, journal.frameStage != .waitingForRoom else { return noteFullDisk(error) }
    // Who needs less may find room.
    let soon = clock.milliseconds + JournalLimits.roomRetryMilliseconds
    journal.room.retryAt = soon
    guard executor.room.wanted > 0 else { return }
    executor.room.refusedFrom = min(executor.room.refusedFrom, executor.room.wanted)
    executor.room.wanted = 0
    journal.room.refusesUntil = soon
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
    setRoom()
  }

  /// Looks for room soon, after a compaction has given some back.
  mutating func retryRoom() {
    if journal.room.isFull { journal.room.retryAt = clock.milliseconds }
  }

  /// When room is asked for again, in the loop's milliseconds; nil: not by time.
  var roomDeadline: UInt64? {
    let retry = leavesRoomToCompaction ? nil : journal.room.retryAt
    guard let until = journal.room.refusesUntil else { return retry }
    return min(until, retry ?? until)
  }

  // MARK: - What the executor may record

  /// Tells the executor for how much there is room.
  mutating func setRoom() {
    guard journal.isOn else { return }
    executor.room.bytes = roomForRecords - JournalLimits.closingBytes
    executor.room.reservedBytes = Int(removalBytes)
    // Who waits finds room now, or is refused.
    let left = executor.room.bytes - executor.log.buffer.count
    if journal.room.isFull || executor.room.wanted <= left { executor.room.wanted = 0 }
  }

  /// Bytes of the largest block that is certain to be written, whichever segment it goes into.
  private var roomForRecords: Int {
    let left = Int(journal.segment.reservedEnd) - Int(journal.segment.position) - bytesUnderWay
    guard case .ready(let end) = journal.next, journal.frameStage != .waitingForRoom else { return left }
    let next = Int(end) - SegmentHeader.bytes
    if journal.switching != .none { return next }
    return wantsNextSegment ? min(left, next) : left
  }

  /// Whether a block has room in the segment.
  func hasRoom(for blockBytes: Int) -> Bool {
    journal.segment.position + UInt64(blockBytes + FrameHeader.alignment) <= journal.segment.reservedEnd
  }
}
