// A disk that keeps what it must and loses what it may. What was written and not synced is there for whoever reads,
// and at a power cut any part of it may be missing: whole writes, in any order, single sectors, single bytes. Names are
// lost likewise until their directory is synced. Data that was synced changes only if the run asks for that.

import LinuxIO

/// The files of a data directory, and what a power cut would leave of them.
struct SimulatedDisk {
  /// Bytes that a disk writes at once, or not at all.
  static let sectorBytes = 512

  struct Write {
    let offset: Int
    let bytes: [UInt8]
  }

  struct File {
    /// What is there for sure.
    var durable: [UInt8] = []
    /// What whoever reads sees.
    var current: [UInt8] = []
    /// What leads from one to the other, in order; what only grew is in none.
    var unsynced: [Write] = []
    var isOpen = true
  }

  /// Something done to the directory that is not synced.
  enum NameChange {
    case bind(String, file: Int)
    case unbind(String)
    case rename(from: String, to: String)
  }

  private(set) var files: [Int: File] = [:]
  private(set) var names: [String: Int] = [:]
  private var durableNames: [String: Int] = [:]
  private var nameChanges: [NameChange] = []
  private var fileCount = 0
  /// Bytes that all files together may have.
  var capacityBytes = Int.max

  /// Bytes that all files together have.
  var usedBytes: Int { names.values.reduce(0) { $0 + (files[$1]?.current.count ?? 0) } }

  /// The files, by name.
  var listing: [StoredFile] {
    names.sorted { $0.key < $1.key }.map { StoredFile(name: $0, byteCount: UInt64(files[$1]?.current.count ?? 0)) }
  }

  /// What a file holds; nil if there is none of that name.
  func contents(_ name: String) -> [UInt8]? { names[name].flatMap { files[$0]?.current } }

  // MARK: - Operations

  static let noSuchFile: Int32 = 2
  static let ioError: Int32 = 5
  static let badDescriptor: Int32 = 9
  static let fileExists: Int32 = 17
  static let noSpace: Int32 = 28

  /// Does what an operation asks for; returns errno, or 0.
  ///
  /// Of a synced write or a sync that fails, any part may be lost, and what is lost is not found missing by a later
  /// sync: as on Linux, where a failed fsync leaves pages clean.
  mutating func perform(
    _ operation: StorageOperation, _ bytes: [UInt8], failsWith failure: Int32, _ chance: inout Chance
  )
    -> Int32
  {
    switch operation {
    case .create(let name):
      guard names[name] == nil else { return Self.fileExists }
      guard failure == 0 else { return failure }
      fileCount += 1
      files[fileCount] = File()
      names[name] = fileCount
      nameChanges.append(.bind(name, file: fileCount))
      return 0
    case .reserve(let name, let end, _): return change(name) { $0.reserve(Int(end), room: $1, failure) }
    case .write(let name, let offset, let isSynced):
      return write(name, Int(offset), bytes, isSynced, failure, &chance)
    case .sync(let name): return sync(name, failure, &chance)
    case .truncate(let name, let count):
      guard failure == 0 else { return failure }
      return change(name, needsOpen: false) { file, _ in
        file.current.removeLast(max(0, file.current.count - Int(count)))
        file.sync()
        return 0
      }
    case .close(let name):
      guard let number = names[name], files[number]?.isOpen == true else { return Self.badDescriptor }
      files[number]?.isOpen = false
      return 0
    case .rename(let source, let target):
      guard let number = names[source] else { return Self.noSuchFile }
      guard failure == 0 else { return failure }
      names[source] = nil
      names[target] = number
      nameChanges.append(.rename(from: source, to: target))
      return 0
    case .remove(let name):
      guard failure == 0 else { return failure }
      if names.removeValue(forKey: name) != nil { nameChanges.append(.unbind(name)) }
      return 0
    case .syncDirectory:
      guard failure == 0 else { return failure }
      durableNames = names
      nameChanges.removeAll()
      forgetNameless()
      return 0
    }
  }

  private mutating func change(
    _ name: String, needsOpen: Bool = true, _ body: (inout File, Int) -> Int32?
  ) -> Int32 {
    guard let number = names[name], var file = files[number] else { return Self.noSuchFile }
    guard file.isOpen || !needsOpen else { return Self.badDescriptor }
    let room = capacityBytes - usedBytes
    files[number] = nil
    let error = body(&file, room) ?? Self.noSpace
    files[number] = file
    return error
  }

  private mutating func write(
    _ name: String, _ offset: Int, _ bytes: [UInt8], _ isSynced: Bool, _ failure: Int32, _ chance: inout Chance
  ) -> Int32 {
    var written = bytes
    // What fails may have written some.
    if failure != 0 { written.removeLast(chance.within(0...bytes.count)) }
    let error = change(name) { file, room in
      let growth = max(0, offset + written.count - file.current.count)
      guard growth <= room else { return Self.noSpace }
      file.write(Write(offset: offset, bytes: written))
      return 0
    }
    guard error == 0 else { return error }
    if failure != 0 { return failure }
    return isSynced ? sync(name, 0, &chance) : 0
  }

  private mutating func sync(_ name: String, _ failure: Int32, _ chance: inout Chance) -> Int32 {
    guard let number = names[name] else { return Self.noSuchFile }
    guard failure == 0 else {
      files[number]?.loseSome(&chance)
      return failure
    }
    files[number]?.sync()
    return 0
  }

  private mutating func forgetNameless() {
    let kept = Set(names.values).union(durableNames.values)
    for number in files.keys where !kept.contains(number) { files[number] = nil }
  }

  // MARK: - Power

  /// Takes the power away and gives it back: what is left is what a process finds that starts then.
  mutating func cutPower(_ chance: inout Chance) {
    // Journalled file systems keep changes of names in order; nothing promises that.
    let isOrdered = !chance.once(in: 4)
    var kept = chance.within(0...nameChanges.count)
    for change in nameChanges {
      let isKept = isOrdered ? kept > 0 : chance.once(in: 2)
      kept -= 1
      if isKept { apply(change) }
    }
    nameChanges.removeAll()
    names = durableNames
    forgetNameless()
    for number in files.keys.sorted() {
      files[number]?.loseSome(&chance)
      files[number]?.startAnew()
    }
  }

  /// The process that had files open is gone.
  mutating func closeAll() {
    for number in files.keys.sorted() { files[number]?.isOpen = false }
  }

  private mutating func apply(_ change: NameChange) {
    switch change {
    case .bind(let name, let file): durableNames[name] = file
    case .unbind(let name): durableNames[name] = nil
    case .rename(let source, let target):
      if let file = durableNames.removeValue(forKey: source) { durableNames[target] = file }
    }
  }

  /// Turns a bit of what is safely on disk over; nothing if there is none.
  mutating func rot(_ chance: inout Chance) -> (name: String, offset: Int)? {
    let candidates = listing.filter { $0.byteCount > 0 }
    guard !candidates.isEmpty else { return nil }
    let file = candidates[chance.below(candidates.count)]
    guard let number = names[file.name], let count = files[number]?.durable.count, count > 0 else { return nil }
    let offset = chance.below(count)
    let mask = UInt8(1) << UInt8(chance.below(8))
    files[number]?.durable[offset] ^= mask
    if offset < files[number]?.current.count ?? 0 { files[number]?.current[offset] ^= mask }
    return (file.name, offset)
  }
}

extension SimulatedDisk.File {
  mutating func reserve(_ end: Int, room: Int, _ failure: Int32) -> Int32 {
    guard failure == 0 else { return failure }
    let growth = max(0, end - current.count)
    guard growth <= room else { return SimulatedDisk.noSpace }
    current.append(contentsOf: repeatElement(0, count: growth))
    return 0
  }

  mutating func write(_ write: SimulatedDisk.Write) {
    Self.apply(write, to: &current)
    unsynced.append(write)
  }

  mutating func startAnew() {
    current = durable
    isOpen = false
  }

  mutating func sync() {
    durable.removeLast(max(0, durable.count - current.count))
    durable.append(contentsOf: repeatElement(0, count: current.count - durable.count))
    for write in unsynced where write.offset < durable.count { Self.apply(write, to: &durable) }
    durable.removeLast(max(0, durable.count - current.count))
    unsynced.removeAll()
  }

  /// Makes any part of what is not synced durable, and forgets that the rest is not.
  mutating func loseSome(_ chance: inout Chance) {
    if chance.once(in: 2), current.count > durable.count {
      durable.append(contentsOf: repeatElement(0, count: chance.within(0...current.count - durable.count)))
    }
    var writes = unsynced
    unsynced.removeAll()
    while !writes.isEmpty {
      let write = writes.remove(at: chance.below(writes.count))
      switch chance.below(4) {
      case 0: continue
      case 1: Self.apply(write, to: &durable)
      case 2:
        Self.apply(
          .init(offset: write.offset, bytes: Array(write.bytes.prefix(chance.within(0...write.bytes.count)))),
          to: &durable)
      default: Self.applySectors(write, to: &durable, &chance)
      }
    }
    // What was cut off and not synced is not modelled: truncation is always synced here.
  }

  private static func applySectors(_ write: SimulatedDisk.Write, to bytes: inout [UInt8], _ chance: inout Chance) {
    var start = 0
    while start < write.bytes.count {
      let sectorEnd =
        (write.offset + start) / SimulatedDisk.sectorBytes * SimulatedDisk.sectorBytes + SimulatedDisk.sectorBytes
      let end = min(write.bytes.count, sectorEnd - write.offset)
      if chance.once(in: 2) {
        apply(.init(offset: write.offset + start, bytes: Array(write.bytes[start..<end])), to: &bytes)
      }
      start = end
    }
  }

  private static func apply(_ write: SimulatedDisk.Write, to bytes: inout [UInt8]) {
    let end = write.offset + write.bytes.count
    if end > bytes.count { bytes.append(contentsOf: repeatElement(0, count: end - bytes.count)) }
    bytes.replaceSubrange(write.offset..<end, with: write.bytes)
  }
}
