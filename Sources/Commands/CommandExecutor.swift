// Requests in, replies and changes out. The executor owns the keyspace, the clients' sessions and the turn's replies;
// it knows no socket and no clock. One request costs a verb lookup, the checks that its row asks for, and its
// function.

public import Bytes
public import Store
public import Wire

/// Executes requests against a keyspace.
public struct CommandExecutor: ~Copyable {
  /// All keys and values.
  public var keyspace: Keyspace
  /// The replies written so far; whoever sends them empties it.
  public var replies: ReplyWriter
  /// The sessions of all clients.
  public var clients: ClientTable
  /// What can be set while the server runs.
  public var settings: Settings
  /// What INFO tells.
  public var statistics: Statistics
  /// Parts of `replies` that are for other clients than the one at hand; whoever sends them empties it.
  public var deliveries: [Delivery] = []
  /// What the last request wants of the server; valid after the outcome `asks`.
  public var asked = ServerRequest.none
  /// The turn's time in milliseconds since 1970.
  public var now: Int64 = 0
  /// The turn's time in nanoseconds since some fixed moment.
  public var monotonicNanoseconds: UInt64 = 0
  /// The client whose request is executed, by place.
  var current = 0
  /// The hash of the request's first key.
  var keyHash: UInt64 = 0
  /// The row of the command at hand.
  var row = 0

  var listings = Listings()
  var subscriptions = Subscriptions()
  var watchers = Watchers()
  var pause = Pause()
  var slowLog = SlowLog()
  var latency = LatencyMonitor()
  var gauges: Gauges
  var dice: SplitMix
  /// Where the reply begins that is not wanted, and whether it is not.
  var replyStart = 0
  var skipsReply = false
  /// Requests of the transaction that is being executed.
  var running = Transaction()
  var isExecuting = false

  private let verbs: VerbIndex
  private let shapes: ZeroedArray<CommandShape>
  private let handlers: [Command.Handler]

  /// Creates an executor for the commands of the table.
  ///
  /// - Parameters:
  ///   - clientsMax: places for clients.
  ///   - randomSeed: for RANDOMKEY; need not be secret.
  public init(keyspace: consuming Keyspace, settings: Settings, clientsMax: Int, randomSeed: UInt64) {
    let rows = CommandTable.rows
    self.keyspace = keyspace
    self.settings = settings
    clients = ClientTable(count: clientsMax)
    statistics = Statistics(commandCount: rows.count)
    dice = SplitMix(state: randomSeed)
    gauges = Gauges(randomSeed: randomSeed)
    replies = ReplyWriter(capacity: 64 * 1024)
    verbs = VerbIndex(rows)
    var shapes = ZeroedArray<CommandShape>(count: rows.count)
    for (row, command) in rows.enumerated() { shapes[row] = CommandShape(command) }
    self.shapes = shapes
    handlers = rows.map(\.run)
  }

  // MARK: - Clients

  /// Begins the session of a client at a place.
  public mutating func openClient(_ slot: Int, dialect: Dialect) {
    clients.open(slot, dialect: dialect, flags: settings.password.isEmpty ? [] : .mustAuthenticate, now: now)
  }

  /// Ends what concerns others of a client that is told nothing more: its subscriptions and watches.
  public mutating func retireClient(_ slot: Int) {
    forgetSubscriptions(of: slot)
    forgetWatches(of: slot)
  }

  /// Ends the session of a client: its subscriptions, watches and transaction go.
  public mutating func closeClient(_ slot: Int) {
    retireClient(slot)
    clients.close(slot)
  }

  /// Makes the client at a place the one whose requests are executed next.
  @inline(__always)
  public mutating func select(_ slot: Int) {
    current = slot
    replies.dialect = clients[slot].dialect
  }

  // MARK: - Requests

  /// Looks a request's verb up and hashes its first key, so that what its execution will touch can be fetched.
  @inline(__always)
  public func prepare(_ words: borrowing RangeList, of buffer: borrowing ByteBuffer) -> PreparedRequest {
    prepare(Request(bytes: buffer.span, words: words.span))
  }

  /// Looks a request's verb up and hashes its first key.
  @inline(__always)
  public func prepare(_ request: borrowing Request) -> PreparedRequest {
    guard let row = verbs.row(of: request[0]) else { return PreparedRequest(row: -1, keyHash: 0) }
    let first = Int(shapes[row].keys.first)
    guard first != 0, first < request.count else { return PreparedRequest(row: row, keyHash: 0) }
    let hash = keyspace.hash(request[first])
    keyspace.prefetchBucket(hash)
    return PreparedRequest(row: row, keyHash: hash)
  }

  /// Fetches what a prepared request will touch into the cache: the second of two rounds, its bucket being there.
  @inline(__always)
  public func fetchEntry(_ prepared: PreparedRequest) {
    if prepared.keyHash != 0 { keyspace.prefetchEntry(prepared.keyHash) }
  }

  /// Executes the request whose words are parts of `buffer`.
  @inline(__always)
  public mutating func execute(
    _ words: borrowing RangeList, of buffer: borrowing ByteBuffer, _ prepared: PreparedRequest
  ) -> Outcome {
    execute(Request(bytes: buffer.span, words: words.span), prepared)
  }

  /// Executes the request whose words are a list of `batch`, and parts of `buffer`.
  @inline(__always)
  public mutating func execute(
    _ batch: borrowing RangeLists, _ index: Int, of buffer: borrowing ByteBuffer, _ prepared: PreparedRequest
  ) -> Outcome {
    execute(Request(bytes: buffer.span, words: batch[index].span), prepared)
  }

  /// Executes one request of the selected client, and writes its reply.
  public mutating func execute(_ request: borrowing Request, _ prepared: PreparedRequest) -> Outcome {
    guard clients[current].flags.isDisjoint(with: Client.Flags.special), !pause.isOn else {
      return executeSpecially(request, prepared)
    }
    return executeNow(request, prepared)
  }

  /// Executes one request, whatever the client's state.
  @inline(__always)
  mutating func executeNow(_ request: borrowing Request, _ prepared: PreparedRequest) -> Outcome {
    row = prepared.row
    guard row >= 0 else {
      refuseUnknown(request)
      return .replied
    }
    let shape = shapes[row]
    guard isAcceptable(request, shape) else { return .replied }
    keyHash = prepared.keyHash
    clients[current].lastRow = UInt16(truncatingIfNeeded: row &+ 1)
    clients[current].lastRequestAt = now
    statistics.count(row)
    let run = handlers[row]
    return run(request, &self)
  }

  /// The checks that need no look at the keyspace; writes the refusal if one fails.
  @inline(__always)
  mutating func isAcceptable(_ request: borrowing Request, _ shape: CommandShape) -> Bool {
    let argumentCount = Int32(truncatingIfNeeded: request.count &- 1)
    if argumentCount < shape.argumentsMin || argumentCount > shape.argumentsMax {
      refuseArity(CommandTable.rows[row])
      return false
    }
    if shape.value != 0, request[Int(shape.value)].count > settings.valueBytesMax {
      return refuseLength(
        "value", request[Int(shape.value)].count, settings.valueBytesMax, flag: "--max-value-bytes")
    }
    guard shape.keys.first != 0 else { return true }
    if shape.keys.last == 1 {
      return request[1].count <= settings.keyBytesMax || refuseKeyLength(request[1].count)
    }
    for index in shape.keys.indices(wordCount: request.count) where request[index].count > settings.keyBytesMax {
      return refuseKeyLength(request[index].count)
    }
    return true
  }

  /// The shape of a row.
  func shape(of row: Int) -> CommandShape { shapes[row] }

  /// The row of a verb, or nil.
  func row(of verb: Span<UInt8>) -> Int? { verbs.row(of: verb) }
}

/// What is known of a request before it is executed.
public struct PreparedRequest: BitwiseCopyable, Sendable {
  /// The command's row, or −1 if there is none.
  let row: Int
  /// The hash of the first key; 0 if there is none.
  let keyHash: UInt64
}

/// A message for another client than the one whose request is at hand.
public struct Delivery: Sendable {
  /// Whose it is, by place.
  public let slot: Int
  /// Where it lies in the replies.
  public let offset: Int
  /// Its length in bytes.
  public let count: Int
}

/// Random numbers for choices that nobody gains from guessing: SplitMix64 (Steele, Lea and Flood, Fast splittable
/// pseudorandom number generators, OOPSLA 2014).
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
