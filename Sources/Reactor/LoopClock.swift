/// The loop's time: milliseconds that the server was running, read once a turn.
///
/// It leaves out pauses of the whole process (a debugger, SIGSTOP, a frozen virtual machine): during those no client
/// could be served, so none is to be timed out for them. When within its wait a turn was paused is unknown, so that the
/// whole wait is left out with the pause.
struct LoopClock {
  /// Milliseconds since the start, pauses left out.
  private(set) var milliseconds: UInt64 = 0
  private var lastNanoseconds: UInt64
  private var remainder: UInt64 = 0
  private var wasPaused = false

  init(nanoseconds: UInt64) { lastNanoseconds = nanoseconds }

  /// Moves on to the present after a turn that meant to wait at most `planned` milliseconds (nil: for ever).
  mutating func advance(to nanoseconds: UInt64, planned: Int32?) {
    let elapsed = (nanoseconds &- lastNanoseconds) + remainder
    lastNanoseconds = nanoseconds
    remainder = elapsed % 1_000_000
    let passed = elapsed / 1_000_000
    // Turn after turn it is no pause: the machine is that slow, and deadlines have to come all the same.
    let isPause = planned.map { passed > UInt64($0) + ReactorLimits.pauseMillisecondsMin } ?? false
    if !isPause || wasPaused { milliseconds += passed }
    wasPaused = isPause
  }
}
