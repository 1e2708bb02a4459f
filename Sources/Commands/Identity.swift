/// What the server calls itself.
public enum Identity {
  /// Its name.
  public static let name: StaticString = "swiftlet"
  /// Its version.
  public static let version: StaticString = "0.1.0"
  /// The version of Redis whose commands it follows, for clients that look.
  public static let redisVersion: StaticString = "7.2.0"
}
