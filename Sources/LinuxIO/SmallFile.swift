import CLinux
import Glibc

/// Files that are read whole, before the event loop begins.
public enum SmallFile {
  /// The first `bytesMax` bytes of a file; nil if it cannot be opened or read.
  public static func read(_ path: String, bytesMax: Int) -> [UInt8]? {
    let number = retryingInterrupts { open(path, O_RDONLY | O_CLOEXEC) }
    guard number >= 0 else { return nil }
    defer { Descriptor(rawValue: number).close() }
    var bytes = [UInt8](repeating: 0, count: bytesMax)
    var filled = 0
    while filled < bytesMax {
      let count = bytes.withUnsafeMutableBytes { buffer in
        retryingInterrupts { Glibc.read(number, buffer.baseAddress! + filled, bytesMax - filled) }
      }
      guard count >= 0 else { return nil }
      if count == 0 { break }
      filled += count
    }
    bytes.removeLast(bytesMax - filled)
    return bytes
  }
}
