// One call of the server's to its machine that fails: the n-th of a kind, or all from the n-th on. And how often each
// kind was called, so that every n can have its turn.

import Bytes
import Glibc
import LinuxIO
import Synchronization

/// What is called, and may fail.
enum Call: String, CaseIterable, Sendable {
  case listen, accept, receive, send, watch, openStorage, listFiles, read
  case create, reserve, write, syncedWrite, sync, truncate, close, rename, remove, syncDirectory
  case allocate

  /// The system call that has failed.
  var name: StaticString {
    switch self {
    case .listen: "bind"
    case .accept: "accept4"
    case .receive: "recv"
    case .send: "send"
    case .watch: "epoll_ctl"
    case .openStorage, .create: "openat"
    case .listFiles: "readdir"
    case .read: "pread"
    case .reserve: "fallocate"
    case .write: "pwrite"
    case .syncedWrite, .sync: "fdatasync"
    case .truncate: "ftruncate"
    case .close: "close"
    case .rename: "renameat"
    case .remove: "unlinkat"
    case .syncDirectory: "fsync"
    case .allocate: "mmap"
    }
  }

  /// The errnos that it fails with.
  var errors: [Int32] {
    switch self {
    case .listen: [EADDRINUSE]
    case .accept: [EMFILE, ENFILE, ENOMEM, CallFailures.aborted]
    case .receive: [ECONNRESET, ETIMEDOUT, ENOMEM, CallFailures.again]
    case .send: [EPIPE, ECONNRESET, ENOBUFS, CallFailures.again, CallFailures.short]
    case .watch: [ENOMEM, ENOSPC]
    case .openStorage: [EACCES]
    case .listFiles, .read: [EIO, EMFILE]
    case .create: [EIO, ENOSPC, EMFILE]
    case .reserve, .write, .syncedWrite, .sync, .rename: [EIO, ENOSPC]
    case .truncate, .close, .remove, .syncDirectory: [EIO]
    case .allocate: [ENOMEM]
    }
  }
}

/// Counts calls, and says which one fails.
final class CallFailures: Sendable {
  /// The failure that is to come about.
  struct Plan: Sendable, CustomStringConvertible {
    let call: Call
    let number: Int
    let error: Int32
    let isLasting: Bool

    var description: String {
      "\(call) \(number)\(isLasting ? " and all after it" : "") with errno \(error)"
    }
  }

  private struct State {
    var plan: Plan?
    var counts: [Call: Int] = [:]
    var hasFailed = false
  }

  private let state = Mutex(State())

  /// The errno of a call that has nothing to do after all.
  static let again = EAGAIN
  /// The errno of a connection that was gone before it was accepted.
  static let aborted = ECONNABORTED
  /// Stands for no error: a send that takes one byte.
  static let short: Int32 = 0

  /// What is to fail.
  var plan: Plan? {
    get { state.withLock { $0.plan } }
    set { state.withLock { $0.plan = newValue } }
  }

  /// Whether it has.
  var hasFailed: Bool { state.withLock { $0.hasFailed } }

  /// How often each kind was called.
  var counts: [Call: Int] { state.withLock { $0.counts } }

  /// Counts a call; why it fails, or nil.
  func next(_ call: Call) -> SystemCallError? {
    state.withLock { state in
      state.counts[call, default: 0] += 1
      guard let plan = state.plan, plan.call == call, let count = state.counts[call],
        count == plan.number || plan.isLasting && count > plan.number
      else { return nil }
      state.hasFailed = true
      return SystemCallError(call: call.name, number: plan.error)
    }
  }

  /// Counts an operation on files, which may be two calls.
  func next(for operation: StorageOperation) -> SystemCallError? {
    switch operation {
    case .create: next(.create)
    case .reserve: next(.reserve)
    case .write(_, _, let isSynced): next(.write) ?? (isSynced ? next(.syncedWrite) : nil)
    case .sync: next(.sync)
    case .truncate: next(.truncate)
    case .close: next(.close)
    case .rename: next(.rename)
    case .remove: next(.remove)
    case .syncDirectory: next(.syncDirectory)
    }
  }

  /// Memory that may not be had.
  var pages: PageSource {
    PageSource(
      allocate: { [self] byteCount, alignment in
        next(.allocate) == nil ? PageSource.heap.allocate(byteCount, alignment) : nil
      },
      release: PageSource.heap.release)
  }
}
