// What is in the directory, and what is in its files: for the start, when nothing else has to go on.

public import Bytes
import CLinux
import Glibc

extension DataDirectory {
  /// The regular files, in no order; names that are not UTF-8 are nobody's here and left out.
  public func files() throws(SystemCallError) -> [StoredFile] {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
    let number = try check("openat") { openat(directory.rawValue, ".", flags) }
    guard let listing = fdopendir(number) else {
      let error = SystemCallError(call: "fdopendir", number: errno)
      Descriptor(rawValue: number).close()
      throw error
    }
    defer { closedir(listing) }
    var files: [StoredFile] = []
    while true {
      errno = 0
      guard let entry = readdir(listing) else { break }
      guard let name = Self.name(of: entry) else { continue }
      var status = stat()
      // What was removed a moment ago is not there.
      guard fstatat(directory.rawValue, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
      guard status.st_mode & S_IFMT == S_IFREG else { continue }
      files.append(StoredFile(name: name, byteCount: UInt64(status.st_size)))
    }
    guard errno == 0 else { throw SystemCallError(call: "readdir", number: errno) }
    return files
  }

  /// The name of an entry, read where it lies: an entry is only as long as its name, not as its type.
  private static func name(of entry: UnsafeMutablePointer<dirent>) -> String? {
    let start = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \dirent.d_name)!
    return String(validatingCString: start.assumingMemoryBound(to: CChar.self))
  }

  /// Appends bytes of a file, from an offset on, to `buffer`: at most `count`, fewer only at the file's end.
  public func read(
    _ name: String, at offset: UInt64, count: Int, into buffer: inout ByteBuffer
  ) throws(SystemCallError) {
    let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC
    let number = try check("openat") { openat(directory.rawValue, name, flags) }
    defer { Descriptor(rawValue: number).close() }
    var done = 0
    while done < count {
      let position = off_t(clamping: offset) + off_t(done)
      var free = buffer.freeSpace(count - done)
      let received = try free.withUnsafeMutableBufferPointer { bytes throws(SystemCallError) in
        try check("pread") { pread(number, bytes.baseAddress, bytes.count, position) }
      }
      if received == 0 { break }
      buffer.commit(received)
      done += received
    }
  }
}
