import Bytes

/// Counts since the start, or since CONFIG RESETSTAT.
public struct Statistics: ~Copyable {
  /// Requests executed.
  public internal(set) var commands: UInt64 = 0
  /// Lookups that found their key.
  public internal(set) var hits: UInt64 = 0
  /// Lookups that did not.
  public internal(set) var misses: UInt64 = 0
  /// Keys removed because their time had come.
  public internal(set) var expiredKeys: UInt64 = 0
  /// Bytes received.
  public var receivedBytes: UInt64 = 0
  /// Bytes sent.
  public var sentBytes: UInt64 = 0
  /// Connections refused because there were too many.
  public var refusedConnections: UInt64 = 0
  /// Connections that had been accepted when counting began.
  var acceptedBefore: UInt64 = 0
  /// By row, requests executed.
  private var calls: ZeroedArray<UInt64>

  init(commandCount: Int) { calls = ZeroedArray(count: commandCount) }

  @inline(__always)
  mutating func count(_ row: Int) {
    commands &+= 1
    calls[row] &+= 1
  }

  /// Takes back a count, of a request that will be executed again.
  mutating func uncount(_ row: Int) {
    commands &-= 1
    calls[row] &-= 1
  }

  /// How often the command of a row was executed.
  func calls(of row: Int) -> UInt64 { calls[row] }

  /// Counts from 0 again; `acceptedCount` connections have been accepted so far.
  mutating func reset(acceptedCount: UInt64) {
    let count = calls.count
    self = Statistics(commandCount: count)
    acceptedBefore = acceptedCount
  }
}
