// A file system of few bytes, in memory, for as long as a test runs: what a full or a read-only disk looks like.

import Glibc

/// File systems that differ in what they do when they are full.
public enum DiskKind: CaseIterable, Sendable {
  /// In memory: gives back what it found when there was not enough.
  case tmpfs
  /// Keeps it.
  case ext4

  /// Those that tests may mount, found out by mounting each.
  public static let mountable = allCases.filter { (try? SmallDisk(bytes: 1 << 20, $0)) != nil }

  /// Whether tests may mount one.
  public var isMountable: Bool { Self.mountable.contains(self) }
}

/// A mounted file system; unmounted with its owner.
public final class SmallDisk {
  private let folder: TemporaryFolder
  /// Where it is mounted.
  public var path: String { folder.path + "/disk" }

  /// Mounts a file system; an ext4 is always of 16 MiB, which is about as small as it gets.
  public init(bytes: Int, _ kind: DiskKind = .tmpfs, readOnly: Bool = false) throws {
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

  /// Has an ext4 stop at once, as if the power had gone: what it has not been told to sync is gone (FS_IOC_SHUTDOWN
  /// without a flush of its own journal).
  public func cutPower() throws {
    let directory = open(path, O_RDONLY)
    defer { close(directory) }
    var noFlush: UInt32 = 2
    guard ioctl(directory, 0x8004_587D, &noFlush) == 0 else {
      throw TestFailure("no power cut: \(String(cString: strerror(errno)))")
    }
  }

  /// Mounts an ext4 anew after a power cut, once nobody has a file of it open.
  public func mountAgain() throws {
    try Self.succeed(["umount", path])
    try Self.succeed(["mount", "-o", "loop", folder.path + "/image", path])
  }

  /// Writes until there is no room for one more byte.
  public func fill() throws {
    let file = open(path + "/filler", O_WRONLY | O_CREAT, 0o600)
    defer { close(file) }
    let block = [UInt8](repeating: 1, count: 4096)
    while write(file, block, block.count) > 0 {}
    guard errno == ENOSPC else { throw TestFailure("the disk is not full: \(String(cString: strerror(errno)))") }
  }
}

/// Removes a folder and the files in it.
public func removeTree(_ path: String) {
  guard let directory = opendir(path) else { return }
  while let entry = readdir(directory) {
    let start = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \dirent.d_name)!
    unlink(path + "/" + String(cString: start.assumingMemoryBound(to: CChar.self)))
  }
  closedir(directory)
  rmdir(path)
}

/// The names of the files in a folder.
public func fileNames(in path: String) -> [String] {
  guard let directory = opendir(path) else { return [] }
  defer { closedir(directory) }
  var names: [String] = []
  while let entry = readdir(directory) {
    let start = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \dirent.d_name)!
    names.append(String(cString: start.assumingMemoryBound(to: CChar.self)))
  }
  return names.filter { !$0.hasPrefix(".") }.sorted()
}
