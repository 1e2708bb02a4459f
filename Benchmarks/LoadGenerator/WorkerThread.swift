import Glibc

/// A thread with a function of its own to run: pthread_create(3), which asks for no runtime that would share it.
struct WorkerThread {
  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private let handle: pthread_t

  /// Starts the thread; nil if the system has none left.
  init?(_ run: @escaping @Sendable () -> Void) {
    var handle = pthread_t()
    // Safe: the body is retained here, and released by the thread, which alone gets it.
    let body = unsafe Unmanaged.passRetained(Body(run))
    let result = unsafe pthread_create(
      &handle, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, body.toOpaque())
    guard result == 0 else {
      unsafe body.release()
      return nil
    }
    self.handle = handle
  }

  /// Waits for the function to return; to be called once.
  func join() {
    let result = pthread_join(handle, nil)
    precondition(result == 0, "a thread is joined once")
  }
}
