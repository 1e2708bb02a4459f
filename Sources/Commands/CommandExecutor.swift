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
  public var settings: Settings { didSet { isCareful = true } }
  /// The longest key that was loaded: the limit may have been another then.
  var loadedKeyBytesMax = 0
  /// What INFO tells.
  public var statistics: Statistics
  /// Parts of `replies` that are for other clients than the one at hand; whoever sends them empties it.
  public var deliveries: [Delivery] = []
  /// What the last request wants of the server; valid after the outcome `asks`.
  public var asked = ServerRequest.none
  /// The turn's time in milliseconds since 1970.
  public var now: Int64 = 0
  /// The client whose request is executed, by place.
  var current = 0
  /// The hash of the request's first key.
  var keyHash: UInt64 = 0
  /// The row of the command at hand.
  var row = 0

  /// What has changed and is to be kept; nothing is written down unless `beginRecording` was called.
  public var log = MutationLog(headerBytes: CommandLimits.frameHeaderBytes)
  /// Records that are about to be applied.
  var mutations = ZeroedArray<Mutation>(count: WireLimits.requestsPerBatchMax)
  var unsynced = UnsyncedKeys(filling: 1)
  /// Whether replies wait for the changes that they tell of.
  public internal(set) var isGating = false
  /// The frame that has to be safe before the selected client is sent its replies from `gateOffset` on; 0: none.
  public internal(set) var gate: UInt64 = 0
  /// Where the first reply begins that has to wait.
  public internal(set) var gateOffset = 0
  /// Where the reply to the request at hand begins; kept while replies may have to wait.
  var requestOffset = 0
  /// Why no writes are executed, if none are.
  public var writeHold = WriteHold.none { didSet { isCareful = true } }
  /// For how many bytes of changes there is room.
  public var room = RecordRoom()
  /// Whether the keyspace is being loaded, so that nobody may look at it yet.
  public var isLoading = false { didSet { isCareful = true } }

  var longReplies = LongReplies()
  var subscriptions = Subscriptions()
  var watchers = Watchers()
  var pause = Pause() { didSet { isCareful = true } }
  var slowLog = SlowLog()
  var latency = LatencyMonitor()
  var gauges: Gauges
  var dice: SplitMix
  /// Where the reply begins that is not wanted, and whether it is not.
  var replyStart = 0
  var skipsReply = false
  /// Requests of the transaction that is being executed.
  var running = Transaction()
  /// Where the replies to its requests begin, and the one to the request at hand.
  var transactionStart = 0
  var queuedStart: ReplyMark?
  var isExecuting = false

  /// What is known of each request of the batch at hand, and the hash of its first key; 0 if there is none.
  var prepared = ZeroedArray<PreparedRequest>(count: WireLimits.requestsPerBatchMax)
  var keyHashes = ZeroedArray<UInt64>(count: WireLimits.requestsPerBatchMax)
  /// Whether no more of the batch is executed plainly, what it was prepared by having changed.
  var isCareful = false

  var verbs: VerbIndex
  let rows: [Row]

  /// What a request needs of its command's row.
  struct Row {
    let shape: CommandShape
    let way: Way
    let run: Command.Handler
  }

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
    self.rows = rows.map { Row(shape: CommandShape($0), way: Way($0), run: $0.run) }
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
    gate = 0
  }

  // MARK: - Requests

  /// Executes one request of the selected client, whose words are parts of `buffer`, and writes its reply.
  public mutating func execute(_ words: borrowing RangeList, of buffer: borrowing ByteBuffer) -> Outcome {
    let request = Request(bytes: buffer.span, words: words.span)
    let row = verbs.row(of: request)
    let first = row < 0 ? 0 : Int(shape(of: row).keys.first)
    let keyHash = first != 0 && first < request.count ? keyspace.hash(request[first]) : 0
    return executeCarefully(request, row, keyHash)
  }

  /// Executes one request of the selected client, with all checks.
  @inline(never)
  mutating func executeCarefully(_ request: borrowing Request, _ row: Int, _ keyHash: UInt64) -> Outcome {
    guard clients[current].flags.isDisjoint(with: Client.Flags.special), !pause.isOn else {
      return executeSpecially(request, row, keyHash)
    }
    return executeNow(request, row, keyHash)
  }

  /// Executes one request, whatever the client's state.
  mutating func executeNow(_ request: borrowing Request, _ row: Int, _ keyHash: UInt64) -> Outcome {
    self.row = row
    guard row >= 0 else {
      refuseUnknown(request)
      return .replied
    }
    guard isAcceptable(request, rows[row].shape) else { return .replied }
    if isLoading || writeHold != .none, let outcome = refuseForNow(row) { return outcome }
    if let outcome = refuseForRoom(request, row) { return outcome }
    if isGating { waitForWhatItSees(request, row, keyHash) }
    begin(row, keyHash)
    return rows[row].run(request, &self)
  }

  /// Notes that a request passed its checks.
  @inline(__always)
  mutating func begin(_ row: Int, _ keyHash: UInt64) {
    self.row = row
    self.keyHash = keyHash
    clients.note(row, now, of: current)
    statistics.count(row)
  }

  /// The checks that need no look at the keyspace; writes the refusal if one fails.
  mutating func isAcceptable(_ request: borrowing Request, _ shape: CommandShape) -> Bool {
    guard shape.accepts(wordCount: request.count) else {
      refuseArity()
      return false
    }
    if shape.value != 0, request[Int(shape.value)].count > settings.valueBytesMax {
      return refuseLength(
        "value", request[Int(shape.value)].count, settings.valueBytesMax, flag: "--max-value-bytes")
    }
    guard shape.keys.first != 0 else { return true }
    for index in shape.keys.indices(wordCount: request.count) where request[index].count > settings.keyBytesMax {
      return refuseKeyLength(request[index].count)
    }
    return true
  }

  /// The shape of a row.
  @inline(__always)
  func shape(of row: Int) -> CommandShape { rows[row].shape }

  /// The row of a verb, or nil.
  func row(of verb: Span<UInt8>) -> Int? { FoldedWord(verb).flatMap { verbs.row(of: $0) } }
}

/// A message for another client than the one whose request is at hand.
public struct Delivery: Sendable {
  /// Whose it is, by place.
  public let slot: Int
  /// Where it lies in the replies.
  public let offset: Int
  /// Its length in bytes.
  public let count: Int
  /// Whether it was not written because it alone is more than may wait for a client, which has to be closed.
  public var isTooMuch = false
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
