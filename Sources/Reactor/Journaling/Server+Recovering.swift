import Bytes
import Commands
import Journal
import LinuxIO

// From what is on disk to the keyspace, in slices: the server already listens, and tells whoever asks for data that it
// is being loaded. What cannot be read ends it with a line that says where and what; nothing on disk is changed before
// all of it has been found good.

extension Server where P: ~Copyable {
  /// Takes the data directory, if there is to be one, and looks at what is in it.
  mutating func beginLoading() throws(StartError) {
    guard let storage = configuration.storage else { return }
    executor.settings.sync = storage.sync
    executor.settings.directory = Array(storage.directory.utf8)
    do throws(StorageError) {
      try platform.openStorage(storage.directory, mayCreate: true)
    } catch {
      throw StartError(error.description)
    }
    var files: [(name: String, byteCount: UInt64)] = []
    do throws(SystemCallError) {
      files = try platform.storedFiles().map { ($0.name, $0.byteCount) }
    } catch {
      throw StartError("cannot read the data directory \(storage.directory): \(error)")
    }
    do throws(JournalFault) {
      let recovery = try Recovery(files: files)
      loading.bytesTotal = recovery.bytesTotal
      loading.recovery = consume recovery
    } catch {
      throw refusal(error)
    }
    loading.began = clock.milliseconds
    loading.beganNanoseconds = platform.monotonicNanoseconds()
    executor.isLoading = true
    executor.keyspace.memoryLimitBytes = nil
  }

  /// Loads for a while.
  mutating func recover() {
    let deadline = platform.monotonicNanoseconds() + JournalLimits.recoveryNanosecondsPerTurn
    repeat {
      do throws(StartError) {
        if try recoverStep() { return }
      } catch {
        log.critical("stopped: \(error)")
        stopAtOnce(.failed)
        return
      }
    } while platform.monotonicNanoseconds() < deadline && stopDeadline == nil
    tellProgress()
  }

  /// Takes one step; returns whether it was the last.
  private mutating func recoverStep() throws(StartError) -> Bool {
    guard var recovery = loading.recovery.take() else { return true }
    let step: Recovery.Step
    do throws(JournalFault) {
      step = try recovery.next()
    } catch {
      throw refusal(error)
    }
    switch step {
    case .read(let name, let offset, let count):
      do throws(SystemCallError) {
        try platform.readStored(name, at: offset, count: count, into: &recovery.buffer)
      } catch {
        throw StartError("cannot read \(name): \(error)")
      }
    case .frame(let facts): try apply(facts, recovery)
    case .finished(let result):
      try finishRecovery(result)
      return true
    }
    loading.bytesDone = recovery.bytesDone
    loading.recovery = consume recovery
    return false
  }

  private mutating func apply(_ facts: FrameFacts, _ recovery: borrowing Recovery) throws(StartError) {
    do throws(ApplyFault) {
      let count = try executor.apply(recovery.buffer.span.extracting(facts.payload), time: facts.header.time)
      if recovery.currentHeader?.kind == .journal { journal.records += UInt64(count) }
      guard count != Int(facts.header.recordCount) else { return }
    } catch {
      if case .store = error { throw StartError("the machine has no memory for the data that is to be loaded") }
    }
    throw refusal(recovery.unreadableRecords(of: facts))
  }

  private func refusal(_ fault: JournalFault) -> StartError {
    StartError(fault.sentence(directory: configuration.storage?.directory ?? ""))
  }

  private mutating func tellProgress() {
    guard clock.milliseconds >= loading.nextLine else { return }
    loading.nextLine = clock.milliseconds + JournalLimits.recoveryLogMilliseconds
    log.notice(
      "loading",
      metadata: [
        "bytes": "\(loading.bytesDone)", "of": "\(loading.bytesTotal)", "keys": "\(executor.keyspace.count)",
      ])
  }

  // MARK: - The end of it

  /// Tidies the directory up, begins the next segment, and opens the keyspace to everybody.
  private mutating func finishRecovery(_ result: RecoveryResult) throws(StartError) {
    do throws(SystemCallError) {
      try tidyUp(result)
      try beginFirstSegment(result)
    } catch {
      throw StartError("cannot begin a segment in the data directory: \(error)")
    }
    if let last = result.lastTime, last > executor.now { executor.removeKeys(expiredBy: last) }
    executor.keyspace.memoryLimitBytes = executor.settings.memoryBytesMax
    executor.isLoading = false
    executor.beginRecording(frame: result.nextSequence, isGating: syncMode != .no)
    let milliseconds = max(1, (platform.monotonicNanoseconds() - loading.beganNanoseconds) / 1_000_000)
    log.notice(
      "loaded \(executor.keyspace.count) keys from \(configuration.storage?.directory ?? "")",
      metadata: [
        "records": "\(result.records)", "bytes": "\(result.baseBytes + result.journalBytes)",
        "milliseconds": "\(milliseconds)", "records-per-second": "\(result.records * 1_000 / milliseconds)",
        "ended-cleanly": "\(result.endedCleanly)",
      ])
    log.notice("sync \(syncMode.rawValue): \(syncMode.promise)")
    announceReady()
  }

  private mutating func tidyUp(_ result: RecoveryResult) throws(SystemCallError) {
    // First of all, because it holds nothing and its room may be needed.
    try performNow(.remove(JournalLimits.spareName))
    if let torn = result.tornTail { try keepAsideIfRoom(torn) }
    if let last = result.lastSegment {
      let name = JournalFileName.journal(last).description
      try performNow(.truncate(name, count: result.lastSegmentBytes))
    }
    // What makes files obsolete is a base's name, which is not certain to stay if the last server has died before it
    // had synced it: a power cut might leave neither the base nor the segments that it stands for.
    if !result.obsolete.isEmpty { try performNow(.syncDirectory) }
    for name in result.obsolete + [result.emptySegment].compactMap(\.self) { try performNow(.remove(name)) }
  }

  private mutating func performNow(_ operation: StorageOperation) throws(SystemCallError) {
    try platform.performNow(operation, ByteBuffer())
  }

  /// Sets aside what is about to be cut off; a full disk, which has no room for that, is no reason not to start.
  private mutating func keepAsideIfRoom(_ torn: TornTail) throws(SystemCallError) {
    do throws(SystemCallError) {
      try keepAside(torn)
    } catch {
      guard error.isDiskFull else { throw error }
      log.warning("the disk is full: what is not whole is cut off and not set aside", metadata: ["cause": "\(error)"])
      try performNow(.remove(torn.keptName))
    }
  }

  /// Copies what is about to be cut off to a file of its own: somebody may want to see it.
  private mutating func keepAside(_ torn: TornTail) throws(SystemCallError) {
    log.warning(
      "the last frames are not whole, as after a power cut: they are set aside",
      metadata: [
        "file": "\(torn.name)", "offset": "\(torn.offset)", "bytes": "\(torn.byteCount)",
        "cause": "\(torn.reason)", "kept-as": "\(torn.keptName)",
      ])
    try performNow(.remove(torn.keptName))
    try performNow(.create(torn.keptName))
    var position: UInt64 = 0
    while position < torn.byteCount {
      var bytes = ByteBuffer()
      let count = Int(min(torn.byteCount - position, UInt64(JournalLimits.tornCopyBytes)))
      try platform.readStored(torn.name, at: torn.offset + position, count: count, into: &bytes)
      guard !bytes.isEmpty else { break }
      try platform.performNow(.write(torn.keptName, offset: position, isSynced: true), bytes)
      position += UInt64(bytes.count)
    }
    try performNow(.close(torn.keptName))
    try performNow(.syncDirectory)
  }

  private mutating func beginFirstSegment(_ result: RecoveryResult) throws(SystemCallError) {
    journal.identity = result.identity ?? platform.randomWord()
    let header = SegmentHeader(
      kind: .journal, number: result.nextSegment, salt: platform.randomWord(), firstSequence: result.nextSequence,
      identity: journal.identity, time: executor.now, previousCRC: result.chainCRC)
    let name = JournalFileName.journal(result.nextSegment).description
    try performNow(.create(name))
    let (reservedEnd, shortage) = try reserveFirstRoom(of: name)
    var bytes = ByteBuffer()
    header.append(to: &bytes)
    try platform.performNow(.write(name, offset: 0, isSynced: true), bytes)
    try performNow(.syncDirectory)
    try platform.watchStorage(token: EventSource.storage.token)
    journal.segment = JournalState.Segment(
      number: result.nextSegment, name: name, position: UInt64(SegmentHeader.bytes), reservedEnd: reservedEnd)
    journal.room.step = reserveStep
    journal.chain = FrameChain(header)
    journal.syncedThrough = result.nextSequence - 1
    journal.writtenThrough = journal.syncedThrough
    journal.oldSegmentBytes = result.journalBytes
    compaction.base = result.base
    compaction.baseBytes = result.baseBytes
    compaction.firstSegment = result.base ?? 1
    compaction.completedAt = result.baseTime ?? 0
    journal.isOn = true
    if let shortage { noteFullDisk(shortage) } else { setRoom() }
  }

  /// Reserves room for the first segment: little if the disk has no more, for then too there is something to read and
  /// to remove. Returns the room's end, and the error that kept it from being more.
  private mutating func reserveFirstRoom(of name: String) throws(SystemCallError) -> (UInt64, SystemCallError?) {
    var end = JournalLimits.reserveStepBytesMin
    var shortage: SystemCallError?
    while true {
      do throws(SystemCallError) {
        try performNow(.reserve(name, end: end))
        return (end, shortage)
      } catch {
        guard error.isDiskFull, end > JournalLimits.segmentRoomBytesMin else { throw error }
        shortage = error
        end /= 2
      }
    }
  }
}

/// How far loading has come.
struct Loading: ~Copyable {
  /// What reads the journal; nil when nothing is loaded.
  var recovery: Recovery?
  var bytesDone: UInt64 = 0
  var bytesTotal: UInt64 = 0
  /// When it began, and when the log is told of it next, in the loop's milliseconds.
  var began: UInt64 = 0
  /// When it began, in the platform's nanoseconds.
  var beganNanoseconds: UInt64 = 0
  var nextLine: UInt64 = 0
}
