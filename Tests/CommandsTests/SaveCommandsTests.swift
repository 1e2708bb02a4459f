import Testing
import Wire

@testable import Commands

@Suite struct SaveCommandsTests {
  @Test(arguments: [
    ("BGREWRITEAOF", CompactionRequest.rewrite), ("BGSAVE", .background(mayWait: false)),
    ("bgsave schedule", .background(mayWait: true)), ("SAVE", .foreground),
  ])
  func `the server is asked to compact the journal`(request: String, compaction: CompactionRequest) {
    let session = Session()
    #expect(session.run(request) == "")
    #expect(session.asked == .compact(compaction))
  }

  @Test(arguments: [
    (CompactionRequest.rewrite, CompactionAnswer.begun, "+Background append only file rewriting started"),
    (.background(mayWait: false), .begun, "+Background saving started"),
    (.background(mayWait: true), .scheduled, "+Background saving scheduled"),
    (.foreground, .complete, "+OK"),
    (.rewrite, .isRunning, "-ERR Background append only file rewriting already in progress"),
    (.background(mayWait: false), .isRunning, "-ERR Background save already in progress"),
    (.foreground, .isRunning, "-ERR Background save already in progress"),
    (.foreground, .failed, "-ERR the compaction could not be completed: the server's log says why"),
    (.rewrite, .isStopping, "-ERR the server is stopping: what was answered is kept in its journal"),
    (
      .background(mayWait: true), .nothingKept,
      "-ERR there is no journal, for data is in memory only: start the server with --data DIRECTORY"
    ),
  ])
  func `the answer is in the words of Redis`(request: CompactionRequest, answer: CompactionAnswer, reply: String) {
    let session = Session()
    session.executor.answer(request, answer)
    #expect(String(decoding: session.executor.replies.buffer.span.copied, as: UTF8.self) == "\(reply)\r\n")
  }

  @Test func `options are checked`() {
    let session = Session()
    #expect(session.run("BGSAVE now") == "-ERR syntax error\r\n")
    #expect(session.run("BGSAVE SCHEDULE SCHEDULE") == "-ERR syntax error\r\n")
    session.run("MULTI")
    #expect(session.run("SAVE") == "-ERR Command not allowed inside a transaction\r\n")
  }

  @Test(arguments: ["SAVE", "BGSAVE", "BGREWRITEAOF"])
  func `nothing is compacted while the keyspace is being loaded`(request: String) {
    let session = Session()
    session.executor.isLoading = true
    #expect(session.run(request).hasPrefix("-LOADING "))
    #expect(session.asked == .none)
  }

  @Test func `LASTSAVE is when the base was complete or else when the server started`() {
    let session = Session()
    #expect(session.run("LASTSAVE") == ":1699999910\r\n")
    session.facts.journal = JournalFacts()
    #expect(session.run("LASTSAVE") == ":1699999910\r\n")
    session.facts.journal?.baseTime = 1_600_000_000_999
    #expect(session.run("LASTSAVE") == ":1600000000\r\n")
  }
}

@Suite struct PersistenceInfoTests {
  private func fields(_ session: Session) -> [String: String] {
    let lines = session.run("INFO persistence").split(separator: "\r\n")
    let pairs = lines.compactMap { line -> (String, String)? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      return (String(line[..<colon]), String(line[line.index(after: colon)...]))
    }
    return Dictionary(pairs) { first, _ in first }
  }

  @Test func `without a journal there are only the fields of Redis`() {
    let found = fields(Session())
    for (name, value) in [
      ("loading", "0"), ("aof_enabled", "0"), ("rdb_bgsave_in_progress", "0"), ("rdb_last_bgsave_status", "ok"),
      ("rdb_current_bgsave_time_sec", "-1"), ("aof_last_rewrite_time_sec", "-1"), ("aof_last_write_status", "ok"),
      ("rdb_last_save_time", "1699999910"), ("rdb_changes_since_last_save", "0"),
    ] { #expect(found[name] == value, "\(name)") }
    #expect(!found.keys.contains { $0.hasPrefix("journal_") || $0.hasPrefix("loading_") || $0 == "aof_current_size" })
  }

  @Test func `the journal is told of in both tongues`() {
    let session = Session()
    session.executor.settings.sync = .everysec
    var journal = JournalFacts()
    journal.sequence = 12
    journal.syncedSequence = 9
    journal.unsyncedBytes = 700
    journal.unwrittenBytes = 300
    journal.isSyncing = true
    journal.heldReplies = 4
    journal.isDiskFull = true
    journal.syncs.count = 5
    journal.syncs.median = 50
    journal.syncs.percentile99 = 99
    journal.syncs.max = 101
    journal.segments = 3
    journal.journalBytes = 3_000
    journal.baseBytes = 1_000
    journal.liveBytes = 2_000
    journal.changesSinceBase = 77
    journal.compactionMilliseconds = 2_500
    journal.isCompactionScheduled = true
    journal.lastCompactionMilliseconds = 7_999
    journal.hasCompactionFailed = true
    journal.compactions = 6
    journal.baseTime = 1_600_000_000_000
    session.facts.journal = journal
    let found = fields(session)
    for (name, value) in [
      ("rdb_changes_since_last_save", "77"), ("rdb_bgsave_in_progress", "1"), ("rdb_last_save_time", "1600000000"),
      ("rdb_last_bgsave_status", "err"), ("rdb_last_bgsave_time_sec", "7"), ("rdb_current_bgsave_time_sec", "2"),
      ("rdb_saves", "6"), ("aof_enabled", "1"), ("aof_rewrite_in_progress", "1"), ("aof_rewrite_scheduled", "1"),
      ("aof_last_rewrite_time_sec", "7"), ("aof_current_rewrite_time_sec", "2"), ("aof_last_bgrewrite_status", "err"),
      ("aof_last_write_status", "err"), ("aof_current_size", "4000"), ("aof_base_size", "1000"),
      ("aof_buffer_length", "300"), ("aof_pending_bio_fsync", "1"), ("aof_delayed_fsync", "0"),
      ("journal_sync", "everysec: \(SyncMode.everysec.promise)"), ("journal_sequence", "12"),
      ("journal_synced_sequence", "9"), ("journal_unsynced_bytes", "700"), ("journal_held_replies", "4"),
      ("journal_disk_full", "1"), ("journal_segments", "3"), ("journal_bytes", "3000"),
      ("journal_base_bytes", "1000"), ("journal_live_bytes", "2000"), ("journal_live_ratio", "0.50"),
      ("journal_syncs", "5"), ("journal_sync_p50_usec", "50"), ("journal_sync_p99_usec", "99"),
      ("journal_sync_max_usec", "101"),
    ] { #expect(found[name] == value, "\(name)") }
    #expect(found["loading_total_bytes"] == nil)
  }

  @Test func `loading tells how far it is and how long it takes`() {
    let session = Session()
    session.executor.isLoading = true
    var loading = LoadingFacts()
    loading.milliseconds = 3_000
    loading.bytesTotal = 4_000
    loading.bytesDone = 1_000
    session.facts.journal = JournalFacts()
    session.facts.journal?.loading = loading
    let found = fields(session)
    for (name, value) in [
      ("loading", "1"), ("loading_start_time", "1699999997"), ("loading_total_bytes", "4000"),
      ("loading_loaded_bytes", "1000"), ("loading_loaded_perc", "25.00"), ("loading_eta_seconds", "9"),
    ] { #expect(found[name] == value, "\(name)") }
    session.facts.journal?.loading = LoadingFacts()
    #expect(fields(session)["loading_eta_seconds"] == "0")
  }
}
