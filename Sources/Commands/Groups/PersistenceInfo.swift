// INFO's section on persistence: Redis's fields, as far as they mean something here, then the journal's own. Redis has
// two files and a field of each kind for both; here one compaction does what its snapshot and its rewriting do.

import Bytes

extension CommandExecutor {
  func appendPersistence(_ facts: ServerFacts, _ text: inout InfoText) {
    text.field("loading", isLoading ? 1 : 0)
    text.field("async_loading", 0)
    let journal = facts.journal ?? JournalFacts()
    let isCompacting = journal.compactionMilliseconds == nil ? 0 : 1
    let current = journal.compactionMilliseconds.map { Int64(clamping: $0 / 1_000) } ?? -1
    let last = journal.lastCompactionMilliseconds.map { Int64(clamping: $0 / 1_000) } ?? -1
    let status: StaticString = journal.hasCompactionFailed ? "err" : "ok"
    text.field("rdb_changes_since_last_save", journal.changesSinceBase)
    text.field("rdb_bgsave_in_progress", isCompacting)
    text.field("rdb_last_save_time", lastSave(facts))
    text.field("rdb_last_bgsave_status", status)
    text.field("rdb_last_bgsave_time_sec", last)
    text.field("rdb_current_bgsave_time_sec", current)
    text.field("rdb_saves", journal.compactions)
    text.field("aof_enabled", facts.journal == nil ? 0 : 1)
    text.field("aof_rewrite_in_progress", isCompacting)
    text.field("aof_rewrite_scheduled", journal.isCompactionScheduled ? 1 : 0)
    text.field("aof_last_rewrite_time_sec", last)
    text.field("aof_current_rewrite_time_sec", current)
    text.field("aof_last_bgrewrite_status", status)
    text.field("aof_rewrites", journal.compactions)
    text.field("aof_last_write_status", journal.isDiskFull ? "err" : "ok")
    guard facts.journal != nil else { return }
    text.field("aof_current_size", journal.baseBytes + journal.journalBytes)
    text.field("aof_base_size", journal.baseBytes)
    text.field("aof_pending_rewrite", 0)
    text.field("aof_buffer_length", journal.unwrittenBytes)
    text.field("aof_pending_bio_fsync", journal.isSyncing ? 1 : 0)
    text.field("aof_delayed_fsync", 0)
    if let loading = journal.loading { appendLoading(loading, &text) }
    appendJournal(journal, &text)
  }

  /// When the base in use was complete, or else when the server started, in seconds since 1970.
  func lastSave(_ facts: ServerFacts) -> Int64 {
    guard let base = facts.journal?.baseTime, base > 0 else {
      return (now - Int64(clamping: facts.uptimeMilliseconds)) / 1_000
    }
    return base / 1_000
  }

  private func appendLoading(_ loading: LoadingFacts, _ text: inout InfoText) {
    text.field("loading_start_time", (now - Int64(clamping: loading.milliseconds)) / 1_000)
    text.field("loading_total_bytes", loading.bytesTotal)
    text.field("loading_rdb_used_mem", 0)
    text.field("loading_loaded_bytes", loading.bytesDone)
    text.ratio("loading_loaded_perc", loading.bytesDone &* 100, loading.bytesTotal)
    let left = loading.bytesTotal - min(loading.bytesDone, loading.bytesTotal)
    let (product, overflows) = left.multipliedReportingOverflow(by: loading.milliseconds)
    text.field("loading_eta_seconds", overflows ? 0 : product / max(loading.bytesDone, 1) / 1_000)
  }

  private func appendJournal(_ journal: JournalFacts, _ text: inout InfoText) {
    text.field("journal_sync", Array("\(settings.sync.rawValue): \(settings.sync.promise)".utf8))
    text.field("journal_sequence", journal.sequence)
    text.field("journal_synced_sequence", journal.syncedSequence)
    text.field("journal_unsynced_bytes", journal.unsyncedBytes)
    text.field("journal_held_replies", journal.heldReplies)
    text.field("journal_disk_full", journal.isDiskFull ? 1 : 0)
    text.field("journal_segments", journal.segments)
    text.field("journal_bytes", journal.journalBytes)
    text.field("journal_base_bytes", journal.baseBytes)
    text.field("journal_live_bytes", journal.liveBytes)
    text.ratio("journal_live_ratio", journal.liveBytes, journal.baseBytes + journal.journalBytes)
    text.field("journal_syncs", journal.syncs.count)
    text.field("journal_sync_p50_usec", journal.syncs.median)
    text.field("journal_sync_p99_usec", journal.syncs.percentile99)
    text.field("journal_sync_max_usec", journal.syncs.max)
  }
}
