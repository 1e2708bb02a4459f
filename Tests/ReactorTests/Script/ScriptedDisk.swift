// A disk in memory that tells what a process and what a power cut would leave of it. What was written is in the file at
// once; it is on disk with the file's next sync. Names change at once; they are on disk with the next sync of the
// directory.

import Bytes
import LinuxIO
import TestSupport

/// The files of a data directory, and what of them a power cut leaves.
struct ScriptedDisk {
  /// A file, whatever its name.
  private struct File {
    var bytes: [UInt8] = []
    /// What of it is on disk.
    var durable: [UInt8] = []
  }

  private var files: [Int: File] = [:]
  private var names: [String: Int] = [:]
  /// The directory as it is on disk, and as it was after each change since.
  private var durableNames: [[String: Int]] = [[:]]
  private var lastFile = 0
  /// Files that are open for writing.
  private var open: Set<Int> = []
  /// Bytes that all files may have in all.
  var capacity = Int.max

  /// The names of the files.
  var fileNames: [String] { names.keys.sorted() }
  /// Bytes of all files.
  var used: Int { names.values.reduce(0) { $0 + files[$1]!.bytes.count } }

  /// The files as a process finds them.
  var storedFiles: [StoredFile] {
    names.map { StoredFile(name: $0.key, byteCount: UInt64(files[$0.value]!.bytes.count)) }
  }

  /// What a file holds.
  func bytes(of name: String) -> [UInt8] { names[name].map { files[$0]!.bytes } ?? [] }

  /// Does an operation, or says why it cannot be done.
  mutating func perform(_ operation: StorageOperation, _ bytes: [UInt8]) -> SystemCallError? {
    switch operation {
    case .create(let name):
      guard names[name] == nil else { return SystemCallError(call: "openat", number: 17) }
      lastFile += 1
      files[lastFile] = File()
      open.insert(lastFile)
      let file = lastFile
      rename { $0[name] = file }
    case .reserve(let name, let end, _):
      guard let file = names[name], open.contains(file) else { return Self.closed }
      let more = Int(end) - files[file]!.bytes.count
      guard used + max(0, more) <= capacity else { return SystemCallError(call: "fallocate", number: 28) }
      if more > 0 { files[file]!.bytes += [UInt8](repeating: 0, count: more) }
    case .write(let name, let offset, let isSynced):
      guard let file = names[name], open.contains(file) else { return Self.closed }
      let more = Int(offset) + bytes.count - files[file]!.bytes.count
      guard used + max(0, more) <= capacity else { return SystemCallError(call: "pwrite", number: 28) }
      if more > 0 { files[file]!.bytes += [UInt8](repeating: 0, count: more) }
      files[file]!.bytes.replaceSubrange(Int(offset)..<Int(offset) + bytes.count, with: bytes)
      if isSynced { files[file]!.durable = files[file]!.bytes }
    case .sync(let name):
      guard let file = names[name] else { return Self.closed }
      files[file]!.durable = files[file]!.bytes
    case .truncate(let name, let count):
      guard let file = names[name] else { return Self.closed }
      files[file]!.bytes = Array(files[file]!.bytes.prefix(Int(count)))
      files[file]!.durable = files[file]!.bytes
    case .close(let name):
      guard let file = names[name], open.remove(file) != nil else { return Self.closed }
    case .rename(let from, let to):
      guard let file = names[from] else { return Self.closed }
      rename {
        $0[from] = nil
        $0[to] = file
      }
    case .remove(let name): if names[name] != nil { rename { $0[name] = nil } }
    case .syncDirectory: durableNames = [names]
    }
    return nil
  }

  private mutating func rename(_ change: (inout [String: Int]) -> Void) {
    change(&names)
    durableNames.append(names)
  }

  private static let closed = SystemCallError(call: "openat", number: 9)

  /// What a power cut leaves: names with the first of the changes that were not synced, bytes that were not synced or
  /// not, as the generator has it.
  func afterPowerCut(_ random: inout SeededGenerator) -> ScriptedDisk {
    var disk = ScriptedDisk()
    disk.names = durableNames.randomElement(using: &random)!
    disk.durableNames = [disk.names]
    disk.lastFile = lastFile
    for file in Set(disk.names.values) {
      let bytes = torn(files[file]!, &random)
      disk.files[file] = File(bytes: bytes, durable: bytes)
    }
    return disk
  }

  /// What is left of a file: of each 512 bytes, either what was on disk or what was written since.
  private func torn(_ file: File, _ random: inout SeededGenerator) -> [UInt8] {
    switch random.next() % 3 {
    case 0: return file.durable
    case 1: return file.bytes
    default:
      var bytes = file.durable
      let isLonger = file.bytes.count > bytes.count && random.next() % 2 == 0
      if isLonger { bytes += [UInt8](repeating: 0, count: file.bytes.count - bytes.count) }
      for start in stride(from: 0, to: min(bytes.count, file.bytes.count), by: 512) where random.next() % 2 == 0 {
        let part = start..<min(start + 512, bytes.count, file.bytes.count)
        bytes.replaceSubrange(part, with: file.bytes[part])
      }
      return bytes
    }
  }
}
