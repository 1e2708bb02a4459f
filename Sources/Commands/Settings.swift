/// What can be set while the server runs; its sizes are in bytes, its times in the unit that their names end in.
public struct Settings: Sendable {
  /// A longer key is refused. 16 KiB is far beyond what names things, and bounds what a bucket's walk may have to keep.
  public var keyBytesMax = 16 * 1024
  /// A longer value is refused; Redis's bound.
  public var valueBytesMax = 512 * 1024 * 1024
  /// A longer pattern is refused: matching may take the product of pattern and key length, for every key.
  public var patternBytesMax = 256
  /// What keys, values and table may take; nil: no bound.
  public var memoryBytesMax: UInt64?
  /// A client that sends nothing for so long is closed; 0: never.
  public var idleTimeoutSeconds: UInt32 = 0
  /// A client that takes nothing of its output for so long is closed.
  public var stallTimeoutSeconds: UInt32 = 60
  /// A subscriber with so much unsent output is closed.
  public var subscriberOutputBytesMax = 32 * 1024 * 1024
  /// What clients have to give first; empty: nothing.
  public var password: [UInt8] = []
  /// Commands that take longer are kept in the slow log; negative: none are.
  public var slowLogMicroseconds: Int64 = 10_000 { didSet { setTimed() } }
  /// Commands that the slow log keeps.
  public var slowLogLength = 128
  /// Events at least so slow are kept by LATENCY; 0: none are.
  public var latencyThresholdMilliseconds: Int64 = 0 { didSet { setTimed() } }
  /// The data directory; empty: there is none. It stays what it is at the start.
  public var directory: [UInt8] = []
  /// With a data directory: how safe a change is before anybody is told of it.
  public var sync = SyncMode.always

  /// Creates the default settings.
  public init() {}

  /// Commands with any of these traits are timed: all if the slow log could want those that take a few microseconds.
  private(set) var timed: Command.Traits = .timed

  private mutating func setTimed() {
    if slowLogMicroseconds >= 0, slowLogMicroseconds < 1_000 {
      timed = .any
    } else {
      timed = slowLogMicroseconds >= 0 || latencyThresholdMilliseconds > 0 ? .timed : []
    }
  }
}
