import CLinux
import Glibc

/// The system's clocks.
public enum Clock {
  /// Nanoseconds since some moment before the process began; never goes back, stands still while the machine sleeps.
  public static func monotonicNanoseconds() -> UInt64 {
    let time = read(CLOCK_MONOTONIC)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Milliseconds since 1970-01-01 UTC; may jump either way when somebody sets the clock.
  public static func wallMilliseconds() -> Int64 {
    let time = read(CLOCK_REALTIME)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// Nanoseconds that the calling thread has been on a processor.
  public static func threadNanoseconds() -> UInt64 {
    let time = read(CLOCK_THREAD_CPUTIME_ID)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  private static func read(_ clock: clockid_t) -> timespec {
    var time = timespec()
    mustSucceed("clock_gettime") { clock_gettime(clock, &time) }
    return time
  }
}
