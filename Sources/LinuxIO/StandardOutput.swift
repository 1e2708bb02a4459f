import CLinux
import Glibc

/// The process's standard output, for what a tool was asked for.
public enum StandardOutput {
  /// Writes all bytes, and waits for whoever reads them.
  public static func write(_ bytes: Span<UInt8>) throws(SystemCallError) {
    try bytes.withUnsafeBufferPointer { bytes throws(SystemCallError) in
      var written = 0
      while written < bytes.count {
        let rest = UnsafeBufferPointer(rebasing: bytes[written...])
        written += try check("write") { Glibc.write(STDOUT_FILENO, rest.baseAddress, rest.count) }
      }
    }
  }
}
