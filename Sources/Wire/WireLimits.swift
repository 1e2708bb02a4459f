/// What requests are held to while they are read.
public struct WireLimits: Sendable {
  /// A longer line is refused, its end not counted. 2 MiB holds the largest value as it stands, and one of half that
  /// size in quotes; it bounds what one client can make the server keep, and how long parsing one line takes.
  public var lineBytesMax = 2 * 1024 * 1024
  /// Words after the verb in a line, words altogether in RESP. As many as Redis takes; each costs 8 bytes while its
  /// request is parsed.
  public var argumentsMax = 1024 * 1024 { didSet { setOrdinary() } }
  /// A longer argument is refused in RESP, by its announced length. What Redis takes (`proto-max-bulk-len`).
  public var bulkBytesMax = 512 * 1024 * 1024 { didSet { setOrdinary() } }
  /// A longer request is refused in RESP as soon as its arguments announce it. Offsets within a request are kept in 32
  /// bits; what is left of their range is for requests that stand before it in the same buffer.
  public var requestBytesMax = 4_000_000_000 { didSet { setOrdinary() } }

  /// Creates the default limits.
  public init() {}

  /// Requests that are parsed before they are executed, so that what they touch is fetched together: about as many
  /// cache misses as a processor has under way at once.
  public static let requestsPerBatchMax = 16
  /// A line that holds a count, a length or an inline request is refused in RESP if it is longer, its end not counted:
  /// Redis's PROTO_INLINE_MAX_SIZE.
  static let shortLineBytesMax = 64 * 1024
  /// Arguments of a RESP request before the client has authenticated: enough for HELLO with all its options.
  static let unauthenticatedArgumentsMax = 10
  /// Bytes of one argument before the client has authenticated: enough for any password.
  static let unauthenticatedBulkBytesMax = 16_384

  /// So many arguments of an ordinary request keep all limits; none if someone has set very low ones.
  private(set) var ordinaryArgumentsMax = OrdinaryRequest.argumentsMax
  /// The same before the client has authenticated.
  private(set) var unauthenticatedOrdinaryArgumentsMax = unauthenticatedArgumentsMax

  private mutating func setOrdinary() {
    let isUsual =
      argumentsMax >= OrdinaryRequest.argumentsMax && bulkBytesMax >= OrdinaryRequest.bulkBytesMax
      && requestBytesMax >= OrdinaryRequest.requestBytesMax
    ordinaryArgumentsMax = isUsual ? OrdinaryRequest.argumentsMax : 0
    unauthenticatedOrdinaryArgumentsMax = isUsual ? Self.unauthenticatedArgumentsMax : 0
  }
}
