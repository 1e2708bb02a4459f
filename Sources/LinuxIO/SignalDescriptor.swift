import CLinux
import Glibc

/// Signals as readable bytes: signalfd(2).
///
/// The signals it takes are blocked for the whole process; closes itself.
public struct SignalDescriptor: ~Copyable {
  /// What to register with epoll.
  public let descriptor: Descriptor

  /// Takes over SIGTERM and SIGINT, and ignores SIGPIPE, SIGHUP and SIGXFSZ, so that a write beyond the limit on file
  /// sizes fails and kills nobody; call it before the process has a second thread, which would otherwise still receive
  /// them.
  public init() throws(SystemCallError) {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGHUP, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    sigaddset(&signals, SIGINT)
    let blocked = pthread_sigmask(SIG_BLOCK, &signals, nil)
    guard blocked == 0 else { unexpected("pthread_sigmask", blocked) }
    let flags = Int32(SFD_NONBLOCK | SFD_CLOEXEC)
    let number = try check("signalfd") { signalfd(-1, &signals, flags) }
    descriptor = Descriptor(rawValue: number)
  }

  deinit { descriptor.close() }

  /// Takes one pending signal's number, or nil when none is pending.
  public func next() -> Int32? {
    var information = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    let count = retryingInterrupts { read(descriptor.rawValue, &information, size) }
    if count == size { return Int32(information.ssi_signo) }
    guard count < 0, errno == EAGAIN else { unexpected("read", errno) }
    return nil
  }
}
