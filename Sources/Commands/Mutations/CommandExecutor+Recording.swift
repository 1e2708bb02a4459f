// From a change to its record, and to the reply that has to wait for it.

import Bytes
import Store
import Wire

extension CommandExecutor {
  @inline(never)
  mutating func recordSet(_ key: Span<UInt8>, _ hash: UInt64, _ value: Span<UInt8>, _ change: ExpiryChange) {
    let expiry: Expiry
    switch change {
    case .clear: expiry = .never
    case .keep: expiry = keyspace.expiry(of: key, hash: hash, now: now) ?? .never
    case .at(let time): expiry = .at(time)
    }
    log.set(key, value, expiry: expiry, now: now)
    noteUnsynced(hash)
  }

  /// A removal of a key that had expired is recorded so that it stays removed should the wall clock be set back.
  mutating func recordRemoval(_ key: Span<UInt8>, _ hash: UInt64, wasVisible: Bool) {
    log.delete(key, isUrgent: wasVisible, now: now)
    if wasVisible { noteUnsynced(hash) }
  }

  mutating func recordExpiry(_ key: Span<UInt8>, _ hash: UInt64) {
    log.expiry(key, keyspace.expiry(of: key, hash: hash, now: now) ?? .never, now: now)
    noteUnsynced(hash)
  }

  /// A renaming is recorded as what it leads to: a base may have been told of either key already.
  mutating func recordRenaming(_ key: Span<UInt8>, _ hash: UInt64, to newKey: Span<UInt8>, _ newHash: UInt64) {
    Self.recordValue(of: newKey, newHash, in: keyspace, now: now, &log)
    noteUnsynced(newHash)
    recordRemoval(key, hash, wasVisible: true)
  }

  private static func recordValue(
    of key: Span<UInt8>, _ hash: UInt64, in keyspace: borrowing Keyspace, now: Int64, _ log: inout MutationLog
  ) {
    guard let value = keyspace.value(of: key, hash: hash, now: now) else { return }
    log.set(key, value, expiry: keyspace.expiry(of: key, hash: hash, now: now) ?? .never, now: now)
  }

  mutating func recordFlush() {
    log.flush(now: now)
    guard isGating else { return }
    unsynced.insertAll()
    wait(for: unsynced.filling)
  }

  /// Records a change of a part of a value: that part, unless the whole is as short, or was made by the change.
  mutating func recordPatch(_ key: Span<UInt8>, _ hash: UInt64, _ part: Range<Int>, isNew: Bool) {
    Self.recordPatch(key, hash, part, isNew: isNew, of: keyspace, now: now, &log)
    noteUnsynced(hash)
  }

  private static func recordPatch(
    _ key: Span<UInt8>, _ hash: UInt64, _ part: Range<Int>, isNew: Bool, of keyspace: borrowing Keyspace, now: Int64,
    _ log: inout MutationLog
  ) {
    let expiry = keyspace.expiry(of: key, hash: hash, now: now) ?? .never
    guard let value = keyspace.value(of: key, hash: hash, now: now) else { return }
    if value.count <= CommandLimits.wholeRecordBytesMax {
      log.set(key, value, expiry: expiry, now: now)
    } else {
      // What an expired key held must not shine through where the patch does not reach.
      if isNew { log.delete(key, isUrgent: true, now: now) }
      log.patch(key, expiry: expiry, total: value.count, offset: part.lowerBound, value.extracting(part), now: now)
    }
  }

  // MARK: - Replies that wait

  /// Notes a change of a key that the reply at hand, and everyone who asks for the key, has to wait for.
  @inline(__always)
  mutating func noteUnsynced(_ hash: UInt64) {
    guard isGating else { return }
    unsynced.insert(hash)
    wait(for: unsynced.filling)
  }

  /// Makes the reply at hand, and what follows it, wait until a frame is safe; 0: for none.
  @inline(__always)
  mutating func wait(for frame: UInt64) {
    guard frame > gate else { return }
    if gate == 0 { gateOffset = requestOffset }
    gate = frame
  }

  /// Makes the reply at hand wait for all changes, because it tells of the keyspace as a whole.
  mutating func waitForAll() {
    if isGating { wait(for: unsynced.frameForAll) }
  }

  /// Makes the reply to a request that is about to be executed wait for the changes that it may see.
  @inline(__always)
  mutating func waitForWhatItSees(_ request: borrowing Request, _ row: Int, _ keyHash: UInt64) {
    // Of a transaction, the whole reply waits: that it was executed is told by its first byte.
    if !isExecuting { requestOffset = replies.buffer.count }
    if unsynced.isAny { waitForKeys(request, rows[row].shape, keyHash) }
  }

  @inline(never)
  private mutating func waitForKeys(_ request: borrowing Request, _ shape: CommandShape, _ keyHash: UInt64) {
    if shape.takesOneKey {
      wait(for: unsynced.frame(for: keyHash))
    } else if shape.traits.contains(.seesAnyKey) {
      wait(for: unsynced.frameForAll)
    } else if shape.keys.first != 0 {
      for index in shape.keys.indices(wordCount: request.count) {
        wait(for: unsynced.frame(for: keyspace.hash(request[index])))
      }
    }
  }

  /// Goes on with another mode. Whatever was said to be safe in a weaker one may not be so in this: the reply at hand,
  /// and all that follow, wait for a frame that is written in the new mode, with which everything before it is as safe.
  mutating func changeSafety(from old: SyncMode) {
    guard log.isOn else { return }
    // Replies that are not sent yet keep the promise of the mode in which they were made.
    if old == .always, unsynced.hasChanges { log.demandSync() }
    if !isGating { requestOffset = replies.buffer.count }
    isGating = settings.sync != .no
    guard isGating, settings.sync == .always || old == .no else { return }
    unsynced.insertAll()
    log.demandFrame()
    wait(for: unsynced.filling)
  }

  // MARK: - What the server tells

  /// Begins to write changes down, the first of them into frame `frame`.
  ///
  /// - Parameters:
  ///   - isGating: whether replies wait for what they tell of to be safe.
  public mutating func beginRecording(frame: UInt64, isGating: Bool) {
    log.isOn = true
    self.isGating = isGating
    unsynced = UnsyncedKeys(filling: frame)
  }

  /// The number of the frame that changes go into.
  public var frameAtHand: UInt64 { unsynced.filling }

  /// The frame at hand was taken to be written, and is being written until `endFrame`.
  public mutating func beginFrame() { unsynced.beginWriting() }

  /// The frame that was being written is as safe as replies wait for.
  public mutating func endFrame() { unsynced.endWriting() }
}
