import Bytes
import Journal
import LinuxIO

// What the thread that owns the files has done.

extension Server where P: ~Copyable {
  mutating func takeCompletions() {
    while exitStatus == nil, let completion = platform.nextCompletion() { take(completion) }
  }

  private mutating func take(_ completion: consuming StorageCompletion) {
    let operation = completion.operation
    let error = completion.error
    if continueCompaction(operation, error) || continueNextSegment(operation, error) { return }
    switch operation {
    case .write(journal.segment.name, let offset, let isSynced) where offset > 0:
      var frame = ByteBuffer()
      swap(&frame, &completion.bytes)
      if let error { return retryOrFail(error, frame) }
      if isSynced { journal.syncTimes.record(nanoseconds: completion.nanoseconds) }
      endFrame(frame, isSynced: isSynced)
    case .reserve(journal.segment.name, let end, _): endReserving(end, error)
    case .reserve: break
    case .sync:
      if let error { return failJournal(error, "sync the journal") }
      journal.syncedThrough = max(journal.syncedThrough, journal.syncTarget ?? 0)
      journal.syncedBytes = max(journal.syncedBytes, journal.syncTargetBytes)
      journal.syncTarget = nil
      journal.syncTimes.record(nanoseconds: completion.nanoseconds)
    case .truncate:
      if let error { return failJournal(error, "seal a segment") }
      if journal.switching == .yielding { return makeNextSegment() }
      if journal.progress == .closed { journal.progress = .done } else { headNextSegment() }
    case .write(JournalLimits.spareName, _, _):
      if let error { return failJournal(error, "begin a segment") }
      nameNextSegment()
    case .syncDirectory:
      if let error { return failJournal(error, "sync the data directory") }
      endDirectorySync(journal.directorySyncs.removeFirst())
    case .write, .create, .close, .rename, .remove:
      if let error { failJournal(error, "write the journal") }
    }
  }

  private mutating func endDirectorySync(_ purpose: DirectorySync) {
    switch purpose {
    case .nextSegment: endSwitch()
    case .base: removeReplacedFiles()
    case .leftovers: endCompaction()
    }
  }

  /// A frame could not be written. For want of room, which some file systems cannot promise, it is tried again where it
  /// was to go; anything else is the end: what a failed sync has not written may be gone for good, be it for want of
  /// room too.
  private mutating func retryOrFail(_ error: SystemCallError, _ bytes: consuming ByteBuffer) {
    guard error.isDiskFull, !error.isOfSync else { return failJournal(error, "write the journal") }
    journal.frame = bytes
    journal.frameStage = .waitingForRoom
    // Room that was promised is not there: it is asked for again.
    journal.segment.reservedEnd = journal.segment.position
    journal.room.step = JournalLimits.reserveStepBytesMin
    noteFullDisk(error)
  }

  /// Ends the server before anybody is told of what may not have been kept.
  mutating func failJournal(_ error: SystemCallError, _ what: String) {
    guard exitStatus == nil else { return }
    let safe =
      syncMode == .always
      ? "everything that was answered is safe" : "the last seconds before it may be lost if the power fails too"
    log.critical(
      "stopped: cannot \(what); \(safe), and what was not answered yet may or may not be kept",
      metadata: [
        "cause": "\(error)", "file": "\(journal.segment.name)", "synced-through": "\(journal.syncedThrough)",
        "directory": "\(configuration.storage?.directory ?? "")",
      ])
    stopAtOnce(.failed)
  }

  // MARK: - An orderly end

  /// Writes what is left and that nothing is missing, once all connections are closed.
  mutating func closeJournalIfDrained() {
    if journal.room.isFull, journal.frameStage == .waitingForRoom, clock.milliseconds >= stopDeadline ?? 0 {
      return stopOnFullDisk()
    }
    guard isIdle, compaction.isQuiet else { return }
    switch journal.progress {
    case .open:
      guard connections.openCount == 0 || clock.milliseconds >= stopDeadline ?? 0 else { return }
      journal.progress = .closing
      if executor.log.recordCount > 0 { beginFrame(.changes) } else { closeJournalIfDrained() }
    case .closing:
      if executor.log.isUrgent { return beginFrame(.changes) }
      // The frame that says that all is written holds no records. That keys have expired since the one before is told
      // by its time.
      _ = executor.log.take(replacement: ByteBuffer())
      journal.progress = .sealing
      beginFrame(.shutdown)
    case .sealing: sealLastSegment()
    case .closed, .done: break
    }
  }

  private mutating func sealLastSegment() {
    journal.progress = .closed
    platform.submit(.truncate(journal.segment.name, count: journal.segment.position), ByteBuffer())
  }

  /// A frame could not be written for want of room that was promised. If it is the last one, which only says that the
  /// server has stopped by itself, nothing is missing.
  private mutating func stopOnFullDisk() {
    guard journal.progress != .sealing else {
      log.notice("everything that was answered is kept; the full disk has no room to note that the server has stopped")
      journal.frameStage = .none
      return sealLastSegment()
    }
    let answered = syncMode == .no ? "though they were answered" : "none of which was answered"
    log.error("stopped with changes that the full disk did not take, \(answered)")
    stopAtOnce(.failed)
  }
}
