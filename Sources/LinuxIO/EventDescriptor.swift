import CLinux
import Glibc

/// A bell between two threads, or between a thread and epoll: eventfd(2).
///
/// It stays readable from the first ring until it is cleared; closes itself.
struct EventDescriptor: ~Copyable {
  /// What to register with epoll.
  let descriptor: Descriptor

  /// Creates one that has not been rung; `waits` says whether clearing waits for a ring.
  init(waits: Bool) throws(SystemCallError) {
    let flags = Int32(EFD_CLOEXEC) | (waits ? 0 : Int32(EFD_NONBLOCK))
    descriptor = Descriptor(rawValue: try check("eventfd") { eventfd(0, flags) })
  }

  deinit { descriptor.close() }

  /// Wakes whoever waits.
  func ring() {
    var one: UInt64 = 1
    mustSucceed("write") { write(descriptor.rawValue, &one, MemoryLayout<UInt64>.size) }
  }

  /// Takes back all rings so far; false if there were none.
  @discardableResult
  func clear() -> Bool {
    var rings: UInt64 = 0
    let count = retryingInterrupts { read(descriptor.rawValue, &rings, MemoryLayout<UInt64>.size) }
    if count == MemoryLayout<UInt64>.size { return true }
    guard count < 0, errno == EAGAIN else { unexpected("read", errno) }
    return false
  }
}
