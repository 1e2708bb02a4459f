public import Commands
public import LinuxIO
public import Wire

/// What a server is started with.
public struct ServerConfiguration: Sendable {
  /// Where it listens.
  public var listen: [ListenAddress] = [.tcp(host: "127.0.0.1", port: 7878)]
  /// Clients at once; nil: as many as the process may have open files.
  public var connectionsMax: Int?
  /// A client that sends nothing for so long is closed; nil: never.
  public var idleTimeoutMilliseconds: UInt64?
  /// A client that takes nothing of its output for so long is closed.
  public var stallTimeoutMilliseconds: UInt64 = 60_000
  /// Bytes that keys, values and the table may take; nil: no bound.
  public var memoryBytesMax: UInt64?
  /// What requests are held to as they are read.
  public var wire = WireLimits()
  /// What keys and values are held to.
  public var commands = CommandLimits()

  /// Creates the default configuration.
  public init() {}
}
