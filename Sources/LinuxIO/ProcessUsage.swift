// What a process has used so far, from proc(5). Its processor time comes from schedstat, which counts nanoseconds as
// they are used; stat's utime counts ticks that the process happened to be caught running in.

import CLinux
import Glibc

/// What a process has used of the machine since it began.
public struct ProcessUsage: Sendable {
  /// Nanoseconds on a processor, of all its threads.
  public var processorNanoseconds: UInt64 = 0
  /// Nanoseconds in which a thread could have run, but another process had the processor.
  public var waitedNanoseconds: UInt64 = 0
  /// Bytes of memory resident now.
  public var residentBytes: UInt64 = 0

  /// Reads it; nil if there is no such process, or proc(5) does not show it.
  public init?(pid: Int32) {
    guard let tasks = opendir("/proc/\(pid)/task") else { return nil }
    defer { closedir(tasks) }
    while let entry = readdir(tasks) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name.first?.isNumber == true else { continue }  // not `..`, which is the whole process again
      guard let fields = Self.numbers(in: "/proc/\(pid)/task/\(name)/schedstat"), fields.count >= 2 else { continue }
      processorNanoseconds += fields[0]
      waitedNanoseconds += fields[1]
    }
    guard let pages = Self.numbers(in: "/proc/\(pid)/statm"), pages.count >= 2 else { return nil }
    residentBytes = pages[1] * UInt64(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// This process's own.
  public static var own: ProcessUsage? { ProcessUsage(pid: getpid()) }

  private static func numbers(in path: String) -> [UInt64]? {
    let file = retryingInterrupts { open(path, O_RDONLY | O_CLOEXEC) }
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = retryingInterrupts { read(file, &bytes, bytes.count) }
    guard count > 0 else { return nil }
    return bytes[..<count].split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
      .compactMap { UInt64(String(decoding: $0, as: UTF8.self)) }
  }
}
