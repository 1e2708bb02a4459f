// The directory that holds what has to outlive the process, taken for one process alone.
//
//     DIR/LOCK     flock(2)ed for as long as the directory is open; holds the process's number, for people
//     DIR/…        files, which others name and fill
//
// Files are named relative to the directory's descriptor, so that nobody who renames or replaces its path can part a
// running server from its files. It knows nothing of what is in them.

import CLinux
import Glibc

/// An open data directory and its open files; lets go of all of them, and of the lock, with its end.
public struct DataDirectory: ~Copyable {
  let directory: Descriptor
  private let lock: Descriptor
  /// The files that are open for writing; few, so that a search is cheap.
  var openFiles: [(name: String, descriptor: Descriptor)] = []

  /// Opens a directory and takes its lock; makes it, for this user alone, if it is not there and `mayCreate` is set.
  ///
  /// What is above it has to be there: a slip in a path should not become a second, empty data directory somewhere.
  public init(_ path: String, mayCreate: Bool) throws(StorageError) {
    let directory = try Self.open(path, mayCreate: mayCreate)
    do throws(StorageError) {
      lock = try Self.takeLock(path, directory)
    } catch {
      directory.close()
      throw error
    }
    self.directory = directory
  }

  deinit {
    for file in openFiles { file.descriptor.close() }
    // Closing would do, but for a child process that holds a copy of the descriptor until it has begun its program.
    flock(lock.rawValue, LOCK_UN)
    lock.close()
    directory.close()
  }

  // MARK: - Opening

  private static func open(_ path: String, mayCreate: Bool) throws(StorageError) -> Descriptor {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
    var number = retryingInterrupts { Glibc.open(path, flags) }
    var isNew = false
    if number < 0, errno == ENOENT, mayCreate {
      isNew = mkdir(path, 0o700) == 0
      guard isNew || errno == EEXIST else { throw cannot("make", path, errno) }
      number = retryingInterrupts { Glibc.open(path, flags) }
    }
    guard number >= 0 else {
      if errno == ENOTDIR { throw StorageError("\(path) is not a directory, so it cannot hold data") }
      throw errno == ENOENT ? StorageError("the data directory \(path) does not exist") : cannot("open", path, errno)
    }
    let directory = Descriptor(rawValue: number)
    if isNew {
      do throws(SystemCallError) {
        try syncParent(of: directory)
      } catch {
        directory.close()
        throw cannot("make a lasting entry for", path, error.number)
      }
    }
    return directory
  }

  /// Makes the name of a new directory durable: a power cut could otherwise take it away with all that is in it.
  private static func syncParent(of directory: Descriptor) throws(SystemCallError) {
    let number = try check("openat") { openat(directory.rawValue, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    let parent = Descriptor(rawValue: number)
    defer { parent.close() }
    try check("fsync") { fsync(parent.rawValue) }
  }

  private static func cannot(_ what: String, _ path: String, _ number: Int32) -> StorageError {
    StorageError("cannot \(what) the data directory \(path): \(String(cString: strerror(number)))")
  }

  // MARK: - The lock

  private static func takeLock(_ path: String, _ directory: Descriptor) throws(StorageError) -> Descriptor {
    let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC
    let number = retryingInterrupts { openat(directory.rawValue, "LOCK", flags, 0o600) }
    guard number >= 0 else { throw cannot("write in", path, errno) }
    let file = Descriptor(rawValue: number)
    do throws(StorageError) {
      if retryingInterrupts({ flock(number, LOCK_EX | LOCK_NB) }) != 0 {
        guard errno == EWOULDBLOCK else { throw cannot("lock", path, errno) }
        throw StorageError("the data directory \(path) is in use by \(owner(of: file))")
      }
      do throws(SystemCallError) { try sign(file) } catch { throw cannot("write in", path, error.number) }
    } catch {
      file.close()
      throw error
    }
    return file
  }

  /// Writes this process's number over what the last owner left.
  private static func sign(_ lock: Descriptor) throws(SystemCallError) {
    let line = Array("\(getpid())\n".utf8)
    try check("pwrite") { pwrite(lock.rawValue, line, line.count, 0) }
    try check("ftruncate") { ftruncate(lock.rawValue, off_t(line.count)) }
  }

  /// `process 4711`, or what can be said if no number is there yet.
  private static func owner(of lock: Descriptor) -> String {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = retryingInterrupts { pread(lock.rawValue, &bytes, bytes.count, 0) }
    let digits = bytes.prefix(max(count, 0)).prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    return digits.isEmpty ? "another process" : "process \(String(decoding: digits, as: UTF8.self))"
  }
}
