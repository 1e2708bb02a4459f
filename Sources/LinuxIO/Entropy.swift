import CLinux
import Glibc

/// The kernel's random numbers.
public enum Entropy {
  /// One word from getrandom(2); waits only if the machine has just booted and has no entropy yet.
  public static func word() -> UInt64 {
    var word: UInt64 = 0
    let count = mustSucceed("getrandom") { getrandom(&word, MemoryLayout<UInt64>.size, 0) }
    precondition(count == MemoryLayout<UInt64>.size, "getrandom(2) gives up to 256 bytes whole")
    return word
  }
}
