// The operations on the files, each done before its call returns. Whoever calls waits for the disk.
//
// A failure is reported and never tried again: what a failed fsync(2) could not write, the kernel forgets, and a second
// one would tell of success (https://wiki.postgresql.org/wiki/Fsync_Errors). Only EINTR is, which means that nothing
// was tried.

public import Bytes
import CLinux
import Glibc

extension DataDirectory {
  /// Does one operation; `bytes` are those of a write, and of no matter to the others.
  ///
  /// To write to a file or to reserve room for it, it has to be open (EBADF). One that is not, because an earlier
  /// process has left it, may still be synced and truncated: it is opened for that moment.
  public mutating func perform(
    _ operation: StorageOperation, _ bytes: borrowing ByteBuffer
  ) throws(SystemCallError) {
    switch operation {
    case .create(let name):
      let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
      let number = try check("openat") { openat(directory.rawValue, name, flags, 0o600) }
      openFiles.append((name, Descriptor(rawValue: number)))
    case .reserve(let name, let end, let isFilled): try Self.reserve(try openFile(name), end: end, isFilled: isFilled)
    case .write(let name, let offset, let isSynced):
      let file = try openFile(name)
      try Self.write(file, bytes.span, at: offset)
      if isSynced { try Self.syncData(file) }
    case .sync(let name): try withFile(name, Self.syncData)
    case .truncate(let name, let count):
      try withFile(name) { file throws(SystemCallError) in
        try check("ftruncate") { ftruncate(file.rawValue, off_t(clamping: count)) }
        try check("fsync") { fsync(file.rawValue) }
      }
    case .close(let name): try close(name)
    case .rename(let from, let to):
      try check("renameat") { renameat(directory.rawValue, from, directory.rawValue, to) }
      if isOpen(to) { try close(to) }
      if let index = index(of: from) { openFiles[index].name = to }
    case .remove(let name):
      if isOpen(name) { try close(name) }
      let result = retryingInterrupts { unlinkat(directory.rawValue, name, 0) }
      guard result == 0 || errno == ENOENT else { throw SystemCallError(call: "unlinkat", number: errno) }
    case .syncDirectory: try check("fsync") { fsync(directory.rawValue) }
    }
  }

  // MARK: - Open files

  private func index(of name: String) -> Int? { openFiles.firstIndex { $0.name == name } }
  private func isOpen(_ name: String) -> Bool { index(of: name) != nil }

  private func openFile(_ name: String) throws(SystemCallError) -> Descriptor {
    guard let index = index(of: name) else { throw SystemCallError(call: "openat", number: EBADF) }
    return openFiles[index].descriptor
  }

  private func withFile(
    _ name: String, _ body: (Descriptor) throws(SystemCallError) -> Void
  ) throws(SystemCallError) {
    if let index = index(of: name) { return try body(openFiles[index].descriptor) }
    let flags = O_WRONLY | O_NOFOLLOW | O_CLOEXEC
    let file = Descriptor(rawValue: try check("openat") { openat(directory.rawValue, name, flags) })
    defer { file.close() }
    try body(file)
  }

  /// Closes a file, and tells what a file system that writes late (nfs(5)) has to say only now.
  private mutating func close(_ name: String) throws(SystemCallError) {
    let file = try openFile(name)
    openFiles.removeAll { $0.name == name }
    // Not tried again after EINTR: on Linux the descriptor is gone all the same (close(2)).
    guard Glibc.close(file.rawValue) == 0 || errno == EINTR else {
      throw SystemCallError(call: "close", number: errno)
    }
  }

  // MARK: - Writing

  private static func write(_ file: Descriptor, _ bytes: Span<UInt8>, at offset: UInt64) throws(SystemCallError) {
    try bytes.withUnsafeBufferPointer { bytes throws(SystemCallError) in
      var done = 0
      while done < bytes.count {
        let position = off_t(clamping: offset) + off_t(done)
        let rest = UnsafeBufferPointer(rebasing: bytes[done...])
        let count = try check("pwrite") { pwrite(file.rawValue, rest.baseAddress, rest.count, position) }
        guard count > 0 else { throw SystemCallError(call: "pwrite", number: EIO) }
        done += count
      }
    }
  }

  private static func syncData(_ file: Descriptor) throws(SystemCallError) {
    try check("fdatasync") { fdatasync(file.rawValue) }
  }

  /// Writes zeros where a file's room was reserved. A file system notes which of its blocks were written for the first
  /// time (ext4, XFS), so that without this each sync of a frame would wait for a transaction of its own besides.
  private static func fill(_ file: Descriptor, from start: off_t, to end: off_t) throws(SystemCallError) {
    var zeros = ByteBuffer()
    for _ in 0..<min(end - start, off_t(fillBytes)) { zeros.append(0) }
    var offset = start
    while offset < end {
      let part = zeros.span.extracting(..<min(zeros.count, Int(clamping: end - offset)))
      try write(file, part, at: UInt64(clamping: offset))
      offset += off_t(part.count)
    }
  }

  /// Bytes of zeros that are written at once.
  private static let fillBytes = 256 * 1024

  /// Makes a file `end` bytes long, with blocks of the disk behind all that is new; it reads as zeros.
  ///
  /// On a file system that cannot reserve (NFS before 4.2, many in user space) it does nothing and succeeds: a full
  /// disk then shows as a failed write. posix_fallocate(3) would write zeros instead, which takes long, and on file
  /// systems that never write in place reserves nothing either.
  private static func reserve(_ file: Descriptor, end: UInt64, isFilled: Bool) throws(SystemCallError) {
    var status = stat()
    try check("fstat") { fstat(file.rawValue, &status) }
    let size = status.st_size
    let end = off_t(clamping: end)
    guard end > size else { return }
    guard retryingInterrupts({ fallocate(file.rawValue, 0, size, end - size) }) != 0 else {
      return isFilled ? try fill(file, from: size, to: end) : ()
    }
    let error = SystemCallError(call: "fallocate", number: errno)
    if error.number == EOPNOTSUPP || error.number == ENOSYS { return }
    // ext4 keeps the blocks that it found before there were no more.
    try check("ftruncate") { ftruncate(file.rawValue, size) }
    throw error
  }
}
