public import Commands

/// Where and how changes are kept.
public struct StorageConfiguration: Sendable {
  /// The data directory; made if it is not there.
  public var directory: String
  /// How safe a change is before anybody is told of it.
  public var sync: SyncMode

  /// Creates a configuration.
  public init(directory: String, sync: SyncMode = .always) {
    self.directory = directory
    self.sync = sync
  }
}
