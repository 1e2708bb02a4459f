/// What requests are held to while they are read.
public struct WireLimits: Sendable {
  /// A longer line is refused, its end not counted. 2 MiB holds the largest value as it stands, and one of half that
  /// size in quotes; it bounds what one client can make the server keep, and how long parsing one line takes.
  public var lineBytesMax = 2 * 1024 * 1024
  /// Words after the verb. As many as Redis takes; each costs 8 bytes while its request is parsed.
  public var argumentsMax = 1024 * 1024

  /// Creates the default limits.
  public init() {}
}
