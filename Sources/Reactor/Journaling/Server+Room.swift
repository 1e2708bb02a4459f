import Bytes
import Journal
import LinuxIO

// Room on the disk ahead of need: a full disk shows as a refused write, not as a frame that cannot be written.

extension Server where P: ~Copyable {
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
      guard used + journal.room.step / 2 > journal.segment.reservedEnd else { return makeNextSegment() }
    }
    reserve(to: max(journal.segment.reservedEnd + journal.room.step, waitingFrameEnd ?? 0))
  }

  /// Where the frame ends that waits for room, if one does.
  private var waitingFrameEnd: UInt64? {
    journal.frameStage == .waitingForRoom ? journal.segment.position + UInt64(journal.frame.count) : nil
  }

  /// Room that is asked for at once, unless the disk is nearly full: small segments are given little.
  var reserveStep: UInt64 {
    max(min(JournalLimits.reserveStepBytes, configuration.segmentBytes / 16), JournalLimits.reserveStepBytesMin)
  }

  mutating func reserve(to end: UInt64) {
    journal.room.isReserving = true
    platform.submit(.reserve(journal.segment.name, end: end), ByteBuffer())
  }

  /// Takes what came of a request for room for the segment.
  mutating func endReserving(_ end: UInt64, _ error: SystemCallError?) {
    journal.room.isReserving = false
    // The segment that is being left needs no room.
    guard journal.switching == .none else { return }
    guard let error else {
      journal.segment.reservedEnd = max(journal.segment.reservedEnd, end)
      // Not before there is room for the frame that waits are others let in that would wait behind it.
      if let end = waitingFrameEnd, end > journal.segment.reservedEnd { return reserve(to: end) }
      if journal.room.isFull { log.notice("the disk has room again: writes are taken") }
      journal.room.isFull = false
      journal.room.step = min(journal.room.step * 2, reserveStep)
      if journal.frameStage == .waitingForRoom { writeFrame() }
      return
    }
    guard error.isDiskFull else { return failJournal(error, "reserve room on the disk") }
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
}
