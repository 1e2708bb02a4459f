// A file system of few bytes, in memory, for as long as a test runs: what a full or a read-only disk looks like.

import Glibc
import TestSupport

/// File systems that differ in what they do when they are full.
enum DiskKind: CaseIterable {
  /// In memory: gives back what it found when there was not enough.
  case tmpfs
  /// Keeps it.
  case ext4

  /// Those that tests may mount, found out by mounting each.
  static let mountable = allCases.filter { (try? SmallDisk(bytes: 1 << 20, $0)) != nil }

  var isMountable: Bool { Self.mountable.contains(self) }
}

/// A mounted file system; unmounted with its owner.
final class SmallDisk {
  private let folder: TemporaryFolder
  var path: String { folder.path + "/disk" }

  /// Mounts a file system; an ext4 is always of 16 MiB, which is about as small as it gets.
  init(bytes: Int, _ kind: DiskKind = .tmpfs, readOnly: Bool = false) throws {
    folder = try TemporaryFolder()
    mkdir(path, 0o700)
    let arguments: [String]
    switch kind {
    case .tmpfs: arguments = ["mount", "-t", "tmpfs", "-o", "size=\(bytes)\(readOnly ? ",ro" : "")", "tmpfs", path]
    case .ext4:
      let image = folder.path + "/image"
      try Self.succeed(["truncate", "-s", "16M", image])
      try Self.succeed(["mkfs.ext4", "-q", image])
      arguments = ["mount", "-o", "loop\(readOnly ? ",ro" : "")", image, path]
    }
    do {
      try Self.succeed(arguments)
    } catch {
      rmdir(path)
      throw error
    }
  }

  private static func succeed(_ arguments: [String]) throws {
    let result = try run(arguments)
    guard result.status == 0 else { throw TestFailure("\(arguments): \(result.errors)") }
  }

  deinit {
    umount2(path, Int32(MNT_DETACH))
    rmdir(path)
  }

  /// Writes until there is no room for one more byte.
  func fill() throws {
    let file = open(path + "/filler", O_WRONLY | O_CREAT, 0o600)
    defer { close(file) }
    let block = [UInt8](repeating: 1, count: 4096)
    while write(file, block, block.count) > 0 {}
    guard errno == ENOSPC else { throw TestFailure("the disk is not full: \(String(cString: strerror(errno)))") }
  }
}

/// Removes a folder and the files in it.
func removeTree(_ path: String) {
  guard let directory = opendir(path) else { return }
  while let entry = readdir(directory) {
    let start = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \dirent.d_name)!
    unlink(path + "/" + String(cString: start.assumingMemoryBound(to: CChar.self)))
  }
  closedir(directory)
  rmdir(path)
}
