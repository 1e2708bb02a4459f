public import Commands
public import LinuxIO
public import Wire

/// What a server is started with.
public struct ServerConfiguration: Sendable {
  /// Where it listens.
  public var listen: [ListenPoint] = [ListenPoint(.tcp(host: "127.0.0.1", port: 7878))]
  /// Clients at once; nil: as many as the process may have open files.
  public var connectionsMax: Int?
  /// Where and how changes are kept; nil: in memory only.
  public var storage: StorageConfiguration?
  /// Bytes of a segment of the journal.
  public var segmentBytes = JournalLimits.segmentBytes
  /// How much is done before others have their turn.
  package var turn = TurnLimits()
  /// What requests are held to as they are read.
  public var wire = WireLimits()
  /// What can be changed while the server runs.
  public var settings = Settings()

  /// Creates the default configuration.
  public init() {}
}

/// An address to listen on, and the dialect that its clients are held to.
public struct ListenPoint: Sendable {
  /// Where.
  public let address: ListenAddress
  /// The dialect; nil: each connection's first byte chooses.
  public let dialect: Dialect?

  /// Creates a point whose clients choose their dialect, or are held to one.
  public init(_ address: ListenAddress, dialect: Dialect? = nil) {
    self.address = address
    self.dialect = dialect
  }
}
