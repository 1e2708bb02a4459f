import Bytes
import LinuxIO
import Reactor

// The disk as the server sees it: operations take their time, and are done in order, one at a time.

/// An operation that the server has submitted.
struct DiskJob {
  let operation: StorageOperation
  let bytes: BufferID
  let startsAt: UInt64
  let endsAt: UInt64
  var error: Int32 = 0
}

extension SimulatedPlatform {
  static let storagePlace: Int32 = .min + 1

  mutating func openStorage(_ directory: String, mayCreate: Bool) throws(StorageError) {
    if isStorageOpen { fail("the data directory is opened twice") }
    isStorageOpen = true
  }

  mutating func storedFiles() throws(SystemCallError) -> [StoredFile] { disk.listing }

  mutating func readStored(
    _ name: String, at offset: UInt64, count: Int, into buffer: inout ByteBuffer
  ) throws(SystemCallError) {
    guard let contents = disk.contents(name) else {
      throw SystemCallError(call: "openat", number: SimulatedDisk.noSuchFile)
    }
    nanoseconds += UInt64(count / 4)
    let start = min(Int(offset), contents.count)
    buffer.append(contents.span.extracting(start..<min(start + count, contents.count)))
  }

  mutating func performNow(_ operation: StorageOperation, _ bytes: borrowing ByteBuffer) throws(SystemCallError) {
    nanoseconds += duration(of: operation)
    if isDying() { throw SystemCallError(call: "storage", number: SimulatedDisk.ioError) }
    let error = disk.perform(operation, bytes.span.copiedBytes, failsWith: 0, &diskChance)
    trace.note(.storage, nanoseconds, -1, Int(error))
    guard error != 0 else { return }
    // A server that finds no room for its next segment does not start.
    if error == SimulatedDisk.noSpace { hasDiskFailed = true }
    throw SystemCallError(call: "storage", number: error)
  }

  mutating func watchStorage(token: UInt64) throws(SystemCallError) { storageToken = token }

  mutating func submit(_ operation: StorageOperation, _ bytes: consuming ByteBuffer) {
    if isDying() { return }
    // Room is refused where room is asked for.
    if case .reserve = operation, has(.diskErrors), diskChance.once(in: 40) { fillDisk(leaving: 20_000) }
    let kept = buffers.acquire()
    var bytes = bytes
    swap(&bytes, &buffers[kept])
    let start = max(nanoseconds, diskJobs.last?.endsAt ?? 0)
    let end = start + duration(of: operation)
    diskJobs.append(DiskJob(operation: operation, bytes: kept, startsAt: start, endsAt: end))
    trace.note(.storage, nanoseconds, -1, buffers[kept].count)
    queue.add(.disk, at: end, generation: epoch)
  }

  mutating func nextCompletion() -> StorageCompletion? {
    guard !doneJobs.isEmpty else { return nil }
    let job = doneJobs.removeFirst()
    var bytes = ByteBuffer()
    swap(&bytes, &buffers[job.bytes])
    buffers.release(job.bytes)
    let error = job.error == 0 ? nil : SystemCallError(call: "storage", number: job.error)
    return StorageCompletion(job.operation, bytes, error: error, nanoseconds: job.endsAt - job.startsAt)
  }

  /// The first operation is done.
  mutating func finishDiskJob() {
    guard !diskJobs.isEmpty else { return }
    var job = diskJobs.removeFirst()
    let bytes = buffers[job.bytes].span.copiedBytes
    let failure = diskFailure(job.operation)
    job.error = disk.perform(job.operation, bytes, failsWith: failure, &diskChance)
    trace.note(.storageDone, nanoseconds, -1, Int(job.error))
    doneJobs.append(job)
    meetMoment(of: job.operation)
    if !isStorageListed {
      isStorageListed = true
      ready.append(Self.storagePlace)
    }
  }

  private mutating func diskFailure(_ operation: StorageOperation) -> Int32 {
    guard has(.diskErrors), diskChance.once(in: 5_000) else { return 0 }
    counts.faults += 1
    hasDiskFailed = true
    switch operation {
    case .write, .sync, .truncate, .syncDirectory: return SimulatedDisk.ioError
    case .create, .reserve, .rename: return SimulatedDisk.noSpace
    case .close, .remove: return 0
    }
  }

  private mutating func duration(of operation: StorageOperation) -> UInt64 {
    let isSlow = has(.slowDisk) && diskChance.once(in: 100)
    let microseconds: Int
    switch operation {
    case .write(_, _, let isSynced): microseconds = isSynced ? 200 : 20
    case .sync, .truncate, .syncDirectory: microseconds = 200
    case .create, .reserve, .close, .rename, .remove: microseconds = 20
    }
    return UInt64(1 + diskChance.below(2 * microseconds)) * (isSlow ? 1_000_000 : 1_000)
  }

  /// Whether the server is gone, or goes with this call: nothing of what it still does has an effect.
  mutating func isDying() -> Bool {
    if let left = dyingIn {
      dyingIn = left - 1
      if left <= 0 {
        isDead = true
        dyingIn = nil
      }
    }
    return isDead
  }

  /// Lets the disk fill up for a while, and plans the server's death, now and then.
  mutating func meetDiskFaults() {
    guard plan.sync != nil else { return }
    if nanoseconds >= fullUntil { disk.capacityBytes = .max }
    if has(.diskErrors), diskChance.once(in: 2_000) {
      fillDisk(leaving: 200_000)
    }
    if has(.crashes), mayDie, dyingIn == nil, !isDead, diskChance.once(in: plan.turnsPerCrash) {
      dyingIn = diskChance.size(most: 60) - 1
      isPowerCut = !diskChance.once(in: 3)
    }
  }

  /// Has the disk full for a while, but for some bytes.
  private mutating func fillDisk(leaving most: Int) {
    counts.faults += 1
    disk.capacityBytes = disk.usedBytes + diskChance.below(most)
    fullUntil = nanoseconds + UInt64(diskChance.size(most: 3_000)) * 1_000_000
  }

  /// Has the power cut soon after an operation that makes one file stand for another, now and then.
  private mutating func meetMoment(of operation: StorageOperation) {
    let times: Int
    switch operation {
    case .rename(_, let name) where name.hasPrefix("base"): times = 12
    case .rename, .syncDirectory, .truncate: times = 200
    case .create, .reserve, .write, .sync, .close, .remove: return
    }
    guard plan.aimsCrashes, has(.crashes), mayDie, dyingIn == nil, !isDead, diskChance.once(in: times) else { return }
    dyingIn = diskChance.size(most: 12) - 1
    isPowerCut = true
  }

  /// Where a mode promises safety after a while, that while has passed for older turns; not while no server has the
  /// keys, as long as a full disk keeps one from starting.
  mutating func ageHistory() {
    guard plan.sync == .everysec, !isLoading else { return }
    let time = nanoseconds - pausedNanoseconds
    if turnTimes.last.map({ time - $0.time > 100_000_000 }) ?? true { turnTimes.append((trace.turn, time)) }
    while turnTimes.count > 1, turnTimes[1].time + 3_000_000_000 < time {
      turnTimes.removeFirst()
      model.history.makeSafe(turnTimes[0].turn - 1)
    }
  }

  /// The server is gone, and perhaps the power: of the operation under way some part is done, of those behind it
  /// nothing. Every connection is gone.
  mutating func crash() {
    trace.note(.powerCut, nanoseconds, -1, isPowerCut ? 1 : 0)
    counts.crashes += 1
    // Whoever starts the server again takes a while.
    nanoseconds += 100_000_000
    epoch &+= 1
    if let job = diskJobs.first, diskChance.once(in: 2) {
      var operation = job.operation
      if case .write(let name, let offset, _) = operation { operation = .write(name, offset: offset, isSynced: false) }
      let bytes = buffers[job.bytes].span.copiedBytes
      _ = disk.perform(operation, bytes, failsWith: 0, &diskChance)
    }
    for job in diskJobs + doneJobs { buffers.release(job.bytes) }
    diskJobs.removeAll()
    doneJobs.removeAll()
    // A disk that has failed is not trusted before the machine has started anew.
    if hasDiskFailed { isPowerCut = true }
    wasPowerCut = wasPowerCut || isPowerCut
    if isPowerCut { disk.cutPower(&diskChance) } else { disk.closeAll() }
    hasDiskFailed = false
    isStorageOpen = false
    isStorageListed = false
    isDead = false
    dyingIn = nil
    loseConnections()
    isLoading = true
  }

  private mutating func loseConnections() {
    for link in links.indices where links[link].isInUse { refuse(link) }
    descriptors.removeAll()
    lowestFree = 0
    backlogs.removeAll()
    listenerTokens.removeAll()
    listenerInterests.removeAll()
    isListenerListed.removeAll()
    ready.removeAll()
    events.removeAll()
    unexplained.removeAll()
    pendingSignals = 0
    exhaustedUntil = 0
  }
}
