import CLinux
import Glibc

/// The descriptors 0, 1 and 2, which a program may be started without.
public enum StandardDescriptors {
  /// Opens those that are closed on /dev/null; call it before anything else is opened.
  ///
  /// The kernel gives out the lowest free number. Without this a socket or a file could become number 2, and what is
  /// meant for the standard error would be sent to a client or written into somebody's data.
  public static func fillGaps() throws(SystemCallError) {
    for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) < 0 {
      let opened = try check("open /dev/null") { open("/dev/null", O_RDWR) }
      precondition(opened == number, "the lowest free number is given out")
    }
  }
}
