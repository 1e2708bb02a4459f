import CLinux
import Glibc

/// Tells, as often as one likes, how long a thread could have run while others had its processor.
///
/// Costs a system call and allocates nothing; closes its file itself.
public struct ProcessorWait: ~Copyable {
  private let file: Descriptor

  /// Watches a process's first thread; nil if there is no such process.
  public init?(pid: Int32) { self.init(path: "/proc/\(pid)/task/\(pid)/schedstat") }

  /// Watches the calling thread, from wherever it is asked later.
  public static var ownThread: ProcessorWait? { ProcessorWait(path: "/proc/thread-self/schedstat") }

  /// Opens a schedstat (proc(5)).
  private init?(path: String) {
    let number = retryingInterrupts { open(path, O_RDONLY | O_CLOEXEC) }
    guard number >= 0 else { return nil }
    file = Descriptor(rawValue: number)
  }

  deinit { file.close() }

  /// The nanoseconds so far; 0 once the process is gone. A wait counts from its end on.
  public func nanoseconds() -> UInt64 {
    var text: InlineArray<64, UInt8> = .init(repeating: 0)
    var bytes = text.mutableSpan
    let count = bytes.withUnsafeMutableBytes { buffer in
      retryingInterrupts { pread(file.rawValue, buffer.baseAddress, buffer.count, 0) }
    }
    // Three numbers: nanoseconds run, nanoseconds waited, times run.
    var spaces = 0
    var number: UInt64 = 0
    for index in 0..<max(count, 0) {
      if bytes[index] == UInt8(ascii: " ") {
        spaces += 1
        if spaces == 2 { return number }
        number = 0
      } else {
        number = number &* 10 &+ UInt64(bytes[index] &- UInt8(ascii: "0"))
      }
    }
    return 0
  }
}
