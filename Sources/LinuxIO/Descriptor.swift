import CLinux
import Glibc

/// An open file descriptor: a plain number, owned by whoever has to close it.
public struct Descriptor: Equatable, Hashable, Sendable, BitwiseCopyable {
  /// The kernel's number for it.
  public let rawValue: Int32

  /// Creates a descriptor from the kernel's number.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// Closes it.
  ///
  /// EINTR is not retried: on Linux the descriptor is gone all the same (close(2)).
  public func close() {
    if Glibc.close(rawValue) != 0 && errno == EBADF { unexpected("close", errno) }
  }
}
