// A lock that lends what it guards. It is pthread's and not Synchronization's: the thread sanitizer knows what the one
// does, and takes what the other guards for unguarded.

import Glibc

/// Something that one thread has at a time; O(1), and waits no longer than whoever has it keeps it.
struct Lock<Value>: ~Copyable {
  // Both lie where they stay: a lock must not be moved while it is used.
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let value: UnsafeMutablePointer<Value>

  /// Creates a lock that nobody has.
  init(_ value: consuming Value) {
    lock = .allocate(capacity: 1)
    let result = pthread_mutex_init(lock, nil)
    guard result == 0 else { unexpected("pthread_mutex_init", result) }
    self.value = .allocate(capacity: 1)
    self.value.initialize(to: value)
  }

  deinit {
    value.deinitialize(count: 1)
    value.deallocate()
    pthread_mutex_destroy(lock)
    lock.deallocate()
  }

  /// Lends what is guarded, once nobody else has it; not to be called by who has it already.
  func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return body(&value.pointee)
  }
}
