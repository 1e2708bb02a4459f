// What can be done to the files of a data directory, as plain data: the loop says what, a thread of its own does it, in
// order and one at a time, and a simulated disk can do the same. A file is named by its name within the directory; it
// is open from the operation that creates it until it is closed or removed.

public import Bytes

/// One thing to do to a file of the data directory.
public enum StorageOperation: Equatable, Sendable {
  /// Creates a file that is not there yet, and opens it; open(2) with O_EXCL.
  case create(String)
  /// Makes sure that the disk has room for the file's bytes below `end`, and if asked to writes zeros there, which
  /// makes syncs cheaper; fallocate(2), pwrite(2). Without room nothing changes.
  case reserve(String, end: UInt64, isFilled: Bool = false)
  /// Writes the operation's bytes at an offset, all of them, and makes them durable if asked to; pwrite(2),
  /// fdatasync(2).
  case write(String, offset: UInt64, isSynced: Bool)
  /// Makes what was written durable; fdatasync(2).
  case sync(String)
  /// Cuts a file to a length, and makes that durable; ftruncate(2), fsync(2).
  case truncate(String, count: UInt64)
  /// Closes a file.
  case close(String)
  /// Renames a file, over another if there is one; renameat(2).
  case rename(from: String, to: String)
  /// Removes a file, closing it if it is open; one that is not there is no error. unlinkat(2).
  case remove(String)
  /// Makes creations, renamings and removals durable; fsync(2) of the directory.
  case syncDirectory
}

/// What came of an operation.
public struct StorageCompletion: ~Copyable {
  /// What was to be done.
  public let operation: StorageOperation
  /// The bytes that it wrote, given back.
  public var bytes: ByteBuffer
  /// Why it failed; nil if it did not. A failed write may have written some of its bytes.
  public let error: SystemCallError?
  /// How long it took.
  public let nanoseconds: UInt64

  /// Creates a completion.
  public init(
    _ operation: StorageOperation, _ bytes: consuming ByteBuffer, error: SystemCallError?, nanoseconds: UInt64
  ) {
    self.operation = operation
    self.bytes = bytes
    self.error = error
    self.nanoseconds = nanoseconds
  }
}

/// A file of the data directory.
public struct StoredFile: Equatable, Sendable {
  /// Its name within the directory.
  public let name: String
  /// Its length.
  public let byteCount: UInt64

  /// Creates a description of a file.
  public init(name: String, byteCount: UInt64) {
    self.name = name
    self.byteCount = byteCount
  }
}

/// Why a data directory cannot be used, in one line.
public struct StorageError: Error, CustomStringConvertible, Sendable {
  /// For the person who starts the server.
  public let description: String

  /// Creates an error from its line.
  public init(_ description: String) { self.description = description }
}
