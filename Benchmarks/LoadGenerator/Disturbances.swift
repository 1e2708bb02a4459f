// What a machine with other work adds to latencies: time in which the server or the generator could have run, but the
// kernel ran something else. It is read once a turn, and kept by when it was noticed:
//
//     ──────┬───────────────┬──────────────────────► time
//           noticed 0.4 ms  noticed 3 ms              a request that was due before both was disturbed by 3.4 ms
//
// Latencies less that are reported beside the plain ones. Where the machine is quiet both are the same.

import Bytes
import LinuxIO

/// Waits of the server and the generator for a processor, as they are noticed.
struct Disturbances: ~Copyable {
  // Not private: another file's destructor of this type would name it, which the compiler (6.3) gets wrong.
  struct Wait: BitwiseCopyable {
    var noticed: UInt64
    var nanoseconds: UInt64
  }

  private let server: ProcessorWait
  private let own: ProcessorWait
  /// The latest waits, in a ring.
  private var waits = ZeroedArray<Wait>(count: 4096)
  private var count = 0
  private var total: UInt64

  /// Begins to watch; nil if either process cannot be.
  init?(serverPID: Int32) {
    guard let server = ProcessorWait(pid: serverPID), let own = ProcessorWait.ownThread else { return nil }
    total = server.nanoseconds() + own.nanoseconds()
    self.server = server
    self.own = own
  }

  /// Looks for new waits.
  mutating func update() {
    let current = server.nanoseconds() + own.nanoseconds()
    guard current > total else { return }
    waits[count % waits.count] = Wait(noticed: Clock.monotonicNanoseconds(), nanoseconds: current - total)
    count += 1
    total = current
  }

  /// How much of the time from `moment` until now was waited, as far as it has been noticed.
  func nanoseconds(since moment: UInt64) -> UInt64 {
    var sum: UInt64 = 0
    var index = count
    while index > 0, count - index < waits.count {
      index -= 1
      let wait = waits[index % waits.count]
      guard wait.noticed > moment else { break }
      sum += min(wait.nanoseconds, wait.noticed - moment)
    }
    return sum
  }
}
