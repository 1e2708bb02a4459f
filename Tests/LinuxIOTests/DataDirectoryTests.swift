// Taking a data directory, and what is told to whoever may not.

import Glibc
import LinuxIO
import TestSupport
import Testing

@Suite struct DataDirectoryTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/data" }

  init() throws { folder = try TemporaryFolder() }

  /// What is said when the directory cannot be opened; nil if it can.
  private func refusal(_ path: String, mayCreate: Bool = true) -> String? {
    do throws(StorageError) {
      _ = try DataDirectory(path, mayCreate: mayCreate)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func `a directory that is not there is made for this user alone`() throws {
    defer { removeTree(path) }
    _ = try DataDirectory(path, mayCreate: true)
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o700)
    #expect(stat(path + "/LOCK", &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
  }

  @Test func `a directory that is not there is told of if it may not be made or has nothing to lie in`() {
    #expect(refusal(path, mayCreate: false) == "the data directory \(path) does not exist")
    #expect(
      refusal(path + "/deeper") == "cannot make the data directory \(path)/deeper: No such file or directory")
    #expect(access(path, F_OK) != 0)
  }

  @Test func `a file is no directory`() throws {
    try writeFile(path, "x")
    #expect(refusal(path) == "\(path) is not a directory, so it cannot hold data")
    #expect(readFile(path) == "x")
  }

  @Test func `a second opener is refused by name and one after the first is not`() throws {
    defer { removeTree(path) }
    do {
      let first = try DataDirectory(path, mayCreate: true)
      #expect(refusal(path) == "the data directory \(path) is in use by process \(getpid())")
      #expect(readFile(path + "/LOCK") == "\(getpid())\n")
      _ = consume first
    }
    #expect(refusal(path) == nil)
  }

  @Test func `the number of the last owner is written over whatever its length`() throws {
    defer { removeTree(path) }
    mkdir(path, 0o700)
    try writeFile(path + "/LOCK", "99999999999999999999\n and more")
    _ = try DataDirectory(path, mayCreate: false)
    #expect(readFile(path + "/LOCK") == "\(getpid())\n")
  }

  @Test func `a lock that another holds without a number in it is told of all the same`() throws {
    defer { removeTree(path) }
    mkdir(path, 0o700)
    let file = open(path + "/LOCK", O_RDWR | O_CREAT, 0o600)
    defer { close(file) }
    #expect(flock(file, LOCK_EX | LOCK_NB) == 0)
    #expect(refusal(path) == "the data directory \(path) is in use by another process")
  }

  @Test func `a name for the lock that leads elsewhere is not followed`() throws {
    defer { removeTree(path) }
    mkdir(path, 0o700)
    try writeFile(folder.path + "/other", "precious")
    #expect(symlink(folder.path + "/other", path + "/LOCK") == 0)
    #expect(refusal(path)?.hasPrefix("cannot write in the data directory \(path): ") == true)
    #expect(readFile(folder.path + "/other") == "precious")
  }

  @Test(.enabled(if: DiskKind.tmpfs.isMountable, "tests may not mount file systems here"))
  func `a read-only directory is told of`() throws {
    let disk = try SmallDisk(bytes: 1 << 20, readOnly: true)
    #expect(refusal(disk.path) == "cannot write in the data directory \(disk.path): Read-only file system")
  }

  @Test(.enabled(if: DiskKind.tmpfs.isMountable, "tests may not mount file systems here"))
  func `a full disk is told of`() throws {
    let disk = try SmallDisk(bytes: 64 << 10)
    try disk.fill()
    #expect(refusal(disk.path) == "cannot write in the data directory \(disk.path): No space left on device")
  }

  @Test func `a directory that others do not let in is told of`() async throws {
    mkdir(path, 0o000)
    defer { removeTree(path) }
    chmod(folder.path, 0o755)
    await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
      if getuid() == 0 { _ = setuid(65_534) }
      do throws(StorageError) {
        _ = try DataDirectory(path, mayCreate: true)
      } catch {
        if error.description == "cannot open the data directory \(path): Permission denied" { exit(7) }
      }
    }
  }
}
