import CLinux
import Glibc

/// The process's standard error, for lines of the log.
public enum StandardError {
  /// Writes one line if that does not have to wait, and drops it otherwise: a reader that has stopped reading a pipe
  /// must not stop the server.
  public static func write(_ line: [UInt8]) {
    var target = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    var written = 0
    while written < line.count {
      guard poll(&target, 1, 0) == 1, target.revents & Int16(POLLOUT) != 0 else { return }
      let count = line.withUnsafeBytes { bytes in
        retryingInterrupts {
          Glibc.write(STDERR_FILENO, bytes.baseAddress! + written, min(bytes.count - written, Int(PIPE_BUF)))
        }
      }
      guard count > 0 else { return }
      written += count
    }
  }
}
