// What commands know of a client: 40 bytes of plain numbers for each, and details only for those that need them.

import Bytes
import Wire

/// A client's session, or a free place for one (all zero at first).
public struct Client: BitwiseCopyable, Sendable {
  /// What has been agreed with the client or is under way.
  public struct Flags: OptionSet, BitwiseCopyable, Sendable {
    /// The bits.
    public let rawValue: UInt16
    /// Creates flags from their bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Has to give the password first.
    public static let mustAuthenticate = Flags(rawValue: 1 << 0)
    /// Between MULTI and EXEC: requests are queued.
    public static let inTransaction = Flags(rawValue: 1 << 1)
    /// A request of the transaction could not be queued: EXEC will refuse it.
    public static let transactionFailed = Flags(rawValue: 1 << 2)
    /// A watched key has changed: EXEC will do nothing.
    public static let watchedKeyChanged = Flags(rawValue: 1 << 3)
    /// CLIENT REPLY OFF.
    public static let repliesOff = Flags(rawValue: 1 << 4)
    /// CLIENT REPLY SKIP: the next request's reply is left out.
    public static let skipsNextReply = Flags(rawValue: 1 << 5)
    /// Has subscriptions.
    public static let isSubscriber = Flags(rawValue: 1 << 6)
    /// CLIENT NO-EVICT ON.
    public static let noEvict = Flags(rawValue: 1 << 7)
    /// CLIENT NO-TOUCH ON.
    public static let noTouch = Flags(rawValue: 1 << 8)
    /// Watches keys.
    public static let watches = Flags(rawValue: 1 << 9)

    /// Those that make a request take the longer way through the executor.
    static let special: Flags = [
      .mustAuthenticate, .inTransaction, .repliesOff, .skipsNextReply, .isSubscriber,
    ]
  }

  /// Its number: unique, ascending, never used again.
  public internal(set) var id: UInt64
  /// When it connected, in milliseconds since 1970.
  public internal(set) var connectedAt: Int64
  /// When its last request was executed, in milliseconds since 1970.
  public internal(set) var lastRequestAt: Int64
  /// Its name, library, transaction, watches and subscriptions, by number + 1; 0: it has none of them.
  var details: UInt32
  /// The row of its last command + 1; 0: none yet.
  var lastRow: UInt16
  /// What has been agreed with it.
  public internal(set) var flags: Flags
  /// How replies to it are spelt.
  public var dialect: Dialect
}

/// What few clients need.
struct ClientDetails {
  var name: [UInt8] = []
  var libraryName: [UInt8] = []
  var libraryVersion: [UInt8] = []
  var transaction = Transaction()
  /// By their hashes, the keys that it watches.
  var watches: [UInt64: WatchedKey] = [:]
  var channels: Set<[UInt8]> = []
  var patterns: Set<[UInt8]> = []

  var isEmpty: Bool {
    name.isEmpty && libraryName.isEmpty && libraryVersion.isEmpty && transaction.requestCount == 0 && watches.isEmpty
      && channels.isEmpty && patterns.isEmpty
  }
}
