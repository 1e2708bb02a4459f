import CLinux
import Glibc

/// What the kernel tells about this process and machine, at one moment.
public struct ProcessFacts: Sendable {
  /// The process's number.
  public let processID: Int32
  /// Resident memory in bytes: /proc/self/statm (proc(5)); 0 if that cannot be read.
  public let residentBytes: UInt64
  /// The greatest resident memory so far, in bytes: getrusage(2).
  public let residentBytesPeak: UInt64
  /// Memory of the machine in bytes: sysinfo(2).
  public let machineBytes: UInt64
  /// Processor time in user mode, in microseconds.
  public let userMicroseconds: UInt64
  /// Processor time in kernel mode, in microseconds.
  public let kernelMicroseconds: UInt64
  /// Name, release and machine of the kernel, as uname(2) tells them.
  public let operatingSystem: String

  /// Creates facts.
  public init(
    processID: Int32, residentBytes: UInt64, residentBytesPeak: UInt64, machineBytes: UInt64, userMicroseconds: UInt64,
    kernelMicroseconds: UInt64, operatingSystem: String
  ) {
    self.processID = processID
    self.residentBytes = residentBytes
    self.residentBytesPeak = residentBytesPeak
    self.machineBytes = machineBytes
    self.userMicroseconds = userMicroseconds
    self.kernelMicroseconds = kernelMicroseconds
    self.operatingSystem = operatingSystem
  }

  /// Asks the kernel; some 20 microseconds.
  public static func current() -> ProcessFacts {
    var usage = rusage()
    mustSucceed("getrusage") { getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) }
    return ProcessFacts(
      processID: getpid(), residentBytes: residentPages() * UInt64(sysconf(Int32(_SC_PAGESIZE))),
      residentBytesPeak: UInt64(usage.ru_maxrss) * 1024,
      machineBytes: UInt64(sysconf(Int32(_SC_PHYS_PAGES))) * UInt64(sysconf(Int32(_SC_PAGESIZE))),
      userMicroseconds: microseconds(usage.ru_utime), kernelMicroseconds: microseconds(usage.ru_stime),
      operatingSystem: kernelName())
  }

  private static func microseconds(_ time: timeval) -> UInt64 {
    UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_usec)
  }

  /// The second number of /proc/self/statm.
  private static func residentPages() -> UInt64 {
    let words = SmallFile.read("/proc/self/statm", bytesMax: 128)?.split(separator: UInt8(ascii: " ")) ?? []
    guard words.count > 1 else { return 0 }
    return UInt64(String(decoding: words[1], as: UTF8.self)) ?? 0
  }

  private static func kernelName() -> String {
    var name = utsname()
    mustSucceed("uname") { uname(&name) }
    func text<Field>(_ field: Field) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    return "\(text(name.sysname)) \(text(name.release)) \(text(name.machine))"
  }
}
