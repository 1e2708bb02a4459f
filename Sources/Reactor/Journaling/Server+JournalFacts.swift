import Commands
import Journal

// What INFO, CONFIG and the commands that compact the journal want of it.

extension Server where P: ~Copyable {
  /// Facts about the journal; nil without a data directory.
  func journalFacts() -> JournalFacts? {
    guard configuration.storage != nil else { return nil }
    var facts = JournalFacts()
    let filledBytes = UInt64(executor.log.bytes) + (journal.frameStage == .none ? 0 : journal.frameBytes)
    facts.sequence = journal.chain.nextSequence - 1
    facts.syncedSequence = journal.syncedThrough
    facts.unwrittenBytes = filledBytes
    facts.unsyncedBytes = filledBytes + journal.writtenBytes - journal.syncedBytes
    facts.isSyncing = journal.syncTarget != nil
    facts.heldReplies = journal.heldForFilling.outbox.count + journal.heldForFrame.outbox.count
    facts.isDiskFull = journal.room.isFull
    facts.syncs.count = journal.syncTimes.count
    facts.syncs.median = journal.syncTimes.atMost(perMille: 500) / 1_000
    facts.syncs.percentile99 = journal.syncTimes.atMost(perMille: 990) / 1_000
    facts.syncs.max = journal.syncTimes.longest / 1_000
    if journal.isOn { facts.segments = journal.segment.number + 1 - compaction.firstSegment }
    facts.journalBytes = journal.oldSegmentBytes + journal.segment.position
    facts.baseBytes = compaction.baseBytes
    facts.liveBytes = liveBytes
    facts.changesSinceBase = journal.records - compaction.recordsBefore
    facts.compactionBytesMin = policy.startBytes(liveBytes: 0)
    facts.compactionPercentage = policy.startBytes(liveBytes: 100) - policy.startBytes(liveBytes: 0) - 100
    if isCompacting { facts.compactionMilliseconds = clock.milliseconds - compaction.began }
    facts.isCompactionScheduled = compaction.isScheduled
    facts.lastCompactionMilliseconds = compaction.lastMilliseconds
    facts.hasCompactionFailed = compaction.failures > 0
    facts.compactions = compaction.completedCount
    facts.baseTime = compaction.completedAt
    if executor.isLoading {
      var progress = LoadingFacts()
      progress.milliseconds = clock.milliseconds - loading.began
      progress.bytesTotal = loading.bytesTotal
      progress.bytesDone = loading.bytesDone
      facts.loading = progress
    }
    return facts
  }

  /// Begins a compaction for a client, or says why not; nil: the client is told when it is complete.
  mutating func compact(for request: CompactionRequest) -> CompactionAnswer? {
    guard journal.isOn else { return .nothingKept }
    guard stopDeadline == nil else { return .isStopping }
    if isCompacting {
      guard case .background(mayWait: true) = request else { return .isRunning }
      compaction.isScheduled = true
      return .scheduled
    }
    beginCompaction("a client asked for it")
    return request == .foreground ? nil : .begun
  }
}
