// The one thread beside the loop. A sync takes milliseconds, and there is no way to have one without waiting for it, so
// somebody else has to wait: this thread does what it is told to the files of the data directory, in order and one at
// a time, and nothing else. It sees no key and no connection; all that passes is a job, which belongs to one side at a
// time.
//
//     loop   submit ──► waiting ──► wakes thread (an eventfd, unless it is at work) ──► DataDirectory.perform
//     loop   next   ◄── finished ◄── rings the eventfd that epoll watches ◄──────────────────┘
//
// A job is one allocation. An operation is done whatever came of those before it: who must not do B when A has failed
// waits for A before it submits B.

public import Bytes
import CLinux
import Glibc

/// A data directory with the thread that works on its files, which begins with the first submission; with its end the
/// thread finishes what it was given, and the directory is closed.
public struct StorageThread: ~Copyable {
  /// Becomes readable when an operation is finished, and stays so until `next` has returned nil.
  public let descriptor: Descriptor
  private let shared: Shared
  private var thread: pthread_t?

  /// Takes over a directory; throws when there is no descriptor left.
  public init(_ directory: consuming DataDirectory) throws(SystemCallError) {
    shared = Shared(directory, wake: try EventDescriptor(waits: true), done: try EventDescriptor(waits: false))
    descriptor = shared.done.descriptor
  }

  deinit {
    guard let thread else { return }
    shared.end()
    let result = pthread_join(thread, nil)
    guard result == 0 else { unexpected("pthread_join", result) }
  }

  /// Has an operation done after all that were submitted before.
  public mutating func submit(_ operation: StorageOperation, _ bytes: consuming ByteBuffer) {
    let job = Job(operation, bytes)
    do throws(SystemCallError) {
      if thread == nil { try start() }
      shared.enqueue(job)
    } catch {
      job.error = error
      shared.finish(job)
    }
  }

  /// The next finished operation, in the order of submission, or nil.
  public func next() -> StorageCompletion? {
    if let job = shared.takeFinished() { return job.completion() }
    // Cleared before the last look: what is finished after that look rings again.
    guard shared.done.clear(), let job = shared.takeFinished() else { return nil }
    return job.completion()
  }

  /// Lends the directory before the thread has begun; from then on it is the thread's.
  public mutating func withDirectory<Result>(
    _ body: (inout DataDirectory) throws(SystemCallError) -> Result
  ) throws(SystemCallError) -> Result {
    precondition(thread == nil, "files are worked on directly only before the first submission")
    return try shared.withDirectory(body)
  }

  /// Starts the thread with all signals blocked: they are the loop's.
  private mutating func start() throws(SystemCallError) {
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    var result = pthread_sigmask(SIG_SETMASK, &all, &before)
    guard result == 0 else { unexpected("pthread_sigmask", result) }
    var created = pthread_t()
    let context = Unmanaged.passRetained(shared)
    result = pthread_create(
      &created, nil,
      { context in
        Unmanaged<Shared>.fromOpaque(context!).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    pthread_sigmask(SIG_SETMASK, &before, nil)
    guard result == 0 else {
      context.release()
      throw SystemCallError(call: "pthread_create", number: result)
    }
    thread = created
  }
}

/// An operation on its way to the thread and back.
///
/// Not checked to be safe to send: it is in one list, or in one side's hands, at a time.
private final class Job: @unchecked Sendable {
  let operation: StorageOperation
  var bytes: ByteBuffer
  var error: SystemCallError?
  var nanoseconds: UInt64 = 0
  /// The one behind it in its list.
  var next: Job?

  init(_ operation: StorageOperation, _ bytes: consuming ByteBuffer) {
    self.operation = operation
    self.bytes = bytes
  }

  /// Gives the bytes back with what came of the operation.
  func completion() -> StorageCompletion {
    var given = ByteBuffer()
    swap(&given, &bytes)
    return StorageCompletion(operation, given, error: error, nanoseconds: nanoseconds)
  }
}

/// Jobs in order.
private struct JobList {
  private var first: Job?
  private var last: Job?

  mutating func append(_ job: Job) {
    if let last { last.next = job } else { first = job }
    last = job
  }

  mutating func removeFirst() -> Job? {
    guard let job = first else { return nil }
    first = job.next
    if first == nil { last = nil }
    job.next = nil
    return job
  }
}

/// What both sides hold.
private final class Shared {
  private struct Lists {
    var waiting = JobList()
    var finished = JobList()
    var isThreadAsleep = false
    var isEnding = false
  }

  /// The loop's until the thread begins, then the thread's.
  private var directory: DataDirectory
  private let lists = Lock(Lists())
  private let wake: EventDescriptor
  let done: EventDescriptor

  init(_ directory: consuming DataDirectory, wake: consuming EventDescriptor, done: consuming EventDescriptor) {
    self.directory = directory
    self.wake = wake
    self.done = done
  }

  deinit {
    // One by one: jobs that let go of each other in a row would go as deep as there are jobs.
    lists.withLock { while $0.finished.removeFirst() != nil {} }
  }

  // MARK: - The loop's side

  func withDirectory<Result>(
    _ body: (inout DataDirectory) throws(SystemCallError) -> Result
  ) throws(SystemCallError) -> Result {
    try body(&directory)
  }

  func enqueue(_ job: Job) { wakeIfAsleep { $0.waiting.append(job) } }
  func end() { wakeIfAsleep { $0.isEnding = true } }
  func takeFinished() -> Job? { lists.withLock { $0.finished.removeFirst() } }

  private func wakeIfAsleep(_ change: (inout Lists) -> Void) {
    let wasAsleep = lists.withLock { lists in
      change(&lists)
      defer { lists.isThreadAsleep = false }
      return lists.isThreadAsleep
    }
    if wasAsleep { wake.ring() }
  }

  // MARK: - The thread's side

  func run() {
    pthread_setname_np(pthread_self(), "storage")
    while let job = nextJob() {
      let start = Clock.monotonicNanoseconds()
      do throws(SystemCallError) { try directory.perform(job.operation, job.bytes) } catch { job.error = error }
      job.nanoseconds = Clock.monotonicNanoseconds() - start
      finish(job)
    }
  }

  func finish(_ job: Job) {
    lists.withLock { $0.finished.append(job) }
    done.ring()
  }

  /// The next job, waited for; nil when there will be none.
  private func nextJob() -> Job? {
    while true {
      let (job, isEnding) = lists.withLock { lists in
        let job = lists.waiting.removeFirst()
        lists.isThreadAsleep = job == nil && !lists.isEnding
        return (job, lists.isEnding)
      }
      if job != nil || isEnding { return job }
      wake.clear()
    }
  }
}
