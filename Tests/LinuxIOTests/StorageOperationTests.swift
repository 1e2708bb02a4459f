// Each operation on a real directory, and what it says when it cannot be done.

import Bytes
import Glibc
import LinuxIO
import TestSupport
import Testing

@Suite struct StorageOperationTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ path: String? = nil) throws -> DataDirectory {
    try DataDirectory(path ?? folder.path, mayCreate: false)
  }

  private func path(_ name: String) -> String { folder.path + "/" + name }

  /// Bytes that a file of the disk takes up.
  private func blockBytes(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_blocks) * 512 : -1
  }

  @Test func `a file is created written read and told of`() throws {
    var directory = try open()
    try directory.perform(.create("a"))
    try directory.perform(.write("a", offset: 0, isSynced: true), "hello")
    try directory.perform(.write("a", offset: 7, isSynced: false), "world")
    #expect(readFile(path("a")) == "hello\0\0world")
    #expect(try directory.read("a", at: 0, count: 5) == Array("hello".utf8))
    #expect(try directory.read("a", at: 7, count: 100) == Array("world".utf8))
    #expect(try directory.read("a", at: 12, count: 100) == [])
    let files = try directory.files().sorted { $0.name < $1.name }
    #expect(files.map(\.name) == ["LOCK", "a"])
    #expect(files.last == StoredFile(name: "a", byteCount: 12))
  }

  @Test func `folders links and names that are no text are not listed`() throws {
    let directory = try open()
    defer { rmdir(path("folder")) }
    mkdir(path("folder"), 0o700)
    symlink("LOCK", path("link"))
    let odd: [CChar] = folder.path.utf8CString.dropLast() + [47, -1, 0]
    defer { unlink(odd) }
    let file = Glibc.open(odd, O_WRONLY | O_CREAT, 0o600)
    #expect(file >= 0)
    close(file)
    #expect(try directory.files().map(\.name) == ["LOCK"])
  }

  @Test func `a large file is read whole behind what the buffer holds`() throws {
    var directory = try open()
    var bytes = ByteBuffer()
    for index in 0..<3_000_000 { bytes.append(UInt8(truncatingIfNeeded: index &* 31 >> 3)) }
    try directory.perform(.create("a"))
    try directory.perform(.write("a", offset: 0, isSynced: false), bytes)
    var read = ByteBuffer()
    read.append("kept")
    try directory.read("a", at: 1_000_000, count: 1_500_000, into: &read)
    #expect(read.count == 1_500_004)
    #expect(read.array.prefix(4) == Array("kept".utf8)[...])
    #expect(read.array.dropFirst(4).elementsEqual(bytes.array[1_000_000..<2_500_000]))
  }

  @Test func `a file that is there is not created again`() throws {
    var directory = try open()
    try writeFile(path("a"), "precious")
    #expect(directory.failure(.create("a"))?.number == EEXIST)
    #expect(readFile(path("a")) == "precious")
    #expect(directory.failure(.write("a", offset: 0, isSynced: false), "x")?.number == EBADF)
  }

  @Test(arguments: [false, true])
  func `reserved room is on the disk and reads as zeros`(isFilled: Bool) throws {
    var directory = try open()
    try directory.perform(.create("a"))
    try directory.perform(.write("a", offset: 0, isSynced: false), "abc")
    try directory.perform(.reserve("a", end: 1 << 20, isFilled: isFilled))
    #expect(
      try directory.read("a", at: 0, count: 2 << 20) == Array("abc".utf8) + Array(repeating: 0, count: 1 << 20 - 3))
    #expect(blockBytes(path("a")) >= 1 << 20)
    try directory.perform(.reserve("a", end: 4096, isFilled: isFilled))
    #expect(try directory.files().contains(StoredFile(name: "a", byteCount: 1 << 20)))
  }

  @Test func `truncating cuts a file whether it is open or not`() throws {
    var directory = try open()
    try directory.perform(.create("a"))
    try directory.perform(.reserve("a", end: 1 << 20))
    try directory.perform(.write("a", offset: 0, isSynced: false), "abc")
    try directory.perform(.truncate("a", count: 3))
    #expect(readFile(path("a")) == "abc")
    #expect(blockBytes(path("a")) <= 4096)
    try directory.perform(.close("a"))
    try directory.perform(.truncate("a", count: 2))
    try directory.perform(.sync("a"))
    #expect(readFile(path("a")) == "ab")
  }

  @Test(arguments: [
    StorageOperation.write("a", offset: 0, isSynced: false), .reserve("a", end: 1), .close("a"),
  ])
  func `what is not open is not written to`(operation: StorageOperation) throws {
    var directory = try open()
    #expect(directory.failure(operation)?.number == EBADF)
    try directory.perform(.create("a"))
    try directory.perform(.close("a"))
    #expect(directory.failure(operation)?.number == EBADF)
  }

  @Test(arguments: [
    StorageOperation.sync("a"), .truncate("a", count: 0), .rename(from: "a", to: "b"),
  ])
  func `what is not there is told of`(operation: StorageOperation) throws {
    var directory = try open()
    #expect(directory.failure(operation)?.number == ENOENT)
    #expect(try directory.files().map(\.name) == ["LOCK"])
  }

  @Test func `a renamed file stays open under its new name and the one that it replaces is gone`() throws {
    var directory = try open()
    try directory.perform(.create("new"))
    try directory.perform(.create("old"))
    try directory.perform(.write("old", offset: 0, isSynced: false), "older and longer")
    try directory.perform(.write("new", offset: 0, isSynced: false), "a")
    try directory.perform(.rename(from: "new", to: "old"))
    try directory.perform(.write("old", offset: 1, isSynced: true), "b")
    try directory.perform(.syncDirectory)
    #expect(readFile(path("old")) == "ab")
    #expect(directory.failure(.write("new", offset: 0, isSynced: false), "x")?.number == EBADF)
    try directory.perform(.close("old"))
    #expect(directory.failure(.close("old"))?.number == EBADF)
  }

  @Test func `a removed file is closed and removing nothing is no error`() throws {
    var directory = try open()
    try directory.perform(.create("a"))
    try writeFile(path("b"), "b")
    try directory.perform(.remove("a"))
    try directory.perform(.remove("b"))
    try directory.perform(.remove("c"))
    #expect(try directory.files().map(\.name) == ["LOCK"])
    #expect(directory.failure(.close("a"))?.number == EBADF)
  }

  @Test func `no file stays open behind its directory or its removal`() throws {
    do {
      var directory = try open()
      for name in ["a", "b", "c", "d", "e"] { try directory.perform(.create(name)) }
      #expect(openFileCount(in: folder.path) == 7)
      try directory.perform(.remove("a"))
      try directory.perform(.rename(from: "b", to: "c"))
      #expect(directory.failure(.truncate("none", count: 0)) != nil)
      #expect(openFileCount(in: folder.path) == 5)
    }
    #expect(openFileCount(in: folder.path) == 0)
  }

  @Test(
    .enabled(if: !DiskKind.mountable.isEmpty, "tests may not mount file systems here"), arguments: DiskKind.mountable)
  func `a full disk refuses room and changes nothing`(kind: DiskKind) throws {
    let disk = try SmallDisk(bytes: 2 << 20, kind)
    var directory = try open(disk.path)
    try directory.perform(.create("a"))
    try directory.perform(.write("a", offset: 0, isSynced: true), "abc")
    let before = blockBytes(disk.path + "/a")
    let refused = directory.failure(.reserve("a", end: 64 << 20))
    #expect(refused?.isDiskFull == true)
    #expect(try directory.files().contains(StoredFile(name: "a", byteCount: 3)))
    // ext4 may keep a block that told where the others were.
    #expect(blockBytes(disk.path + "/a") <= before + 4096)
    // And what there is room for can still be had.
    try directory.perform(.reserve("a", end: 256 << 10))
    try directory.perform(.write("a", offset: 3, isSynced: true), "def")
    #expect(readFile(disk.path + "/a").hasPrefix("abcdef\0"))
  }

  @Test(
    .enabled(if: !DiskKind.mountable.isEmpty, "tests may not mount file systems here"), arguments: DiskKind.mountable)
  func `a full disk refuses bytes unless room was reserved for them`(kind: DiskKind) throws {
    let disk = try SmallDisk(bytes: 2 << 20, kind)
    var directory = try open(disk.path)
    try directory.perform(.create("a"))
    try directory.perform(.reserve("a", end: 64 << 10))
    try disk.fill()
    var bytes = ByteBuffer()
    for _ in 0..<64 << 10 { bytes.append(7) }
    try directory.perform(.write("a", offset: 0, isSynced: true), bytes)
    let refused = directory.failure(.write("a", offset: 64 << 10, isSynced: true), bytes)
    #expect(refused?.isDiskFull == true)
    #expect(try directory.read("a", at: 0, count: 64 << 10) == bytes.array)
  }

  @Test func `a write that is taken in part goes on and tells why it ended`() async throws {
    await #expect(processExitsWith: .exitCode(7)) { [path = folder.path as String] in
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 1000, rlim_max: rlim_t.max)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      var directory = try DataDirectory(path, mayCreate: false)
      try directory.perform(.create("a"))
      var bytes = ByteBuffer()
      for _ in 0..<1500 { bytes.append(7) }
      // The first pwrite takes 1000 bytes; the one for the rest fails.
      let failure = directory.failure(.write("a", offset: 0, isSynced: true), bytes)
      let size = try directory.files().first { $0.name == "a" }?.byteCount
      if failure?.number == EFBIG, size == 1000 { exit(7) }
    }
  }
}

/// How many files below a path this process has open, the folder itself and removed ones among them.
private func openFileCount(in path: String) -> Int {
  (0..<1024).count { number in
    var target = [UInt8](repeating: 0, count: 256)
    let length = target.withUnsafeMutableBytes {
      readlink("/proc/self/fd/\(number)", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    return target.prefix(max(length, 0)).starts(with: path.utf8)
  }
}
