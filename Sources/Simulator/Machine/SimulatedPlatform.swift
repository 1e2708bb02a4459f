// A machine that exists only as numbers: a clock that stands still while nothing happens, sockets that are counts of
// bytes, and clients that belong to it, so that the server's turns drive the whole world. The model is asked about
// everything that the server says, at the moment when it says it.

import Bytes
import Commands
import LinuxIO
import Reactor
import Wire

/// The simulated machine, with everybody who talks to it.
struct SimulatedPlatform: Platform, ~Copyable {
  let plan: Plan
  /// Simulated time.
  var nanoseconds: UInt64 = 1_000_000_000
  /// Milliseconds that the wall clock is ahead of it.
  var wallAhead: Int64 = 1_700_000_000_000
  var queue = EventQueue()
  var network: Chance
  var misfortune: Chance
  var secrets: Chance

  var links: [Link] = []
  var freeLinks: [Int] = []
  var buffers = BufferPool()
  /// By descriptor, the connection; −1: none.
  var descriptors: [Int32] = []
  var lowestFree = 0
  /// By listener, the connections that wait to be accepted.
  var backlogs: [[Int]] = []
  var listenerTokens: [UInt64] = []
  var listenerInterests: [Interest] = []
  var isListenerListed: [Bool] = []
  var isListening = false

  /// What may be ready: connections, listeners as −1 − number, signals.
  var ready: [Int32] = []
  var stays: [Int32] = []
  var events: [Event] = []
  var signalToken: UInt64 = 0
  var pendingSignals = 0

  var disk = SimulatedDisk()
  var diskChance: Chance
  /// What the disk has to do, and what it has done and the server has not asked about.
  var diskJobs: [DiskJob] = []
  var doneJobs: [DiskJob] = []
  var isStorageOpen = false
  var isStorageListed = false
  var storageToken: UInt64 = 0
  /// Counts the crashes, so that nothing of before is done after.
  var epoch: UInt32 = 0
  /// Sends and operations until the server dies; nil: it lives on.
  var dyingIn: Int?
  var isDead = false
  /// Whether the server may die at all: it does no more once it is about to be told to stop.
  var mayDie = true
  /// What comes behind the server's death: with the power gone, or without.
  var isPowerCut = false
  /// Whether the power was cut since the last state that was found whole.
  var wasPowerCut = false
  /// Whether the disk has failed since the server started.
  var hasDiskFailed = false
  /// The keyspace is not to be had yet.
  var isLoading = false
  var fullUntil: UInt64 = 0
  /// The last turn of which somebody was told what it has done.
  var toldTurn: UInt64 = 0
  /// The reply that told of it.
  var lastTelling: Telling?
  /// Turns and when they began, for what is safe after a while.
  var turnTimes: [(turn: UInt64, time: UInt64)] = []
  var pausedNanoseconds: UInt64 = 0
  /// The latest time that the wall clock has shown.
  var latestWall: Int64 = 0

  var maker: RequestMaker
  var model: Model
  var matcher = ReplyMatcher()
  var trace = Trace()
  var counts = Counts()
  var phase = Phase.working
  /// What went wrong first.
  private(set) var failure: String?
  /// Connections that were closed in this turn, by their peers, and those for no reason that is known yet.
  var closedPeers: [Int] = []
  var unexplained: [Closing] = []
  var peers = 0
  var clientCount = 0
  /// Until when accepting fails.
  var exhaustedUntil: UInt64 = 0
  /// Before this nobody is to be answered: clients are paused, or the machine was.
  var heldUntil: UInt64 = 0
  /// How far the wall clock is to jump before the next turn.
  var pendingJump: Int64 = 0

  /// A connection that was closed, and what is wrong about that.
  struct Closing {
    let peer: Int
    let what: String
  }

  /// How far a run has come.
  enum Phase {
    /// Clients come and go.
    case working
    /// Those that are there end what they have begun.
    case settling
    /// The server was told to stop.
    case stopping
  }

  /// What happened, in numbers.
  struct Counts {
    var turns = 0
    var requests = 0
    var connections = 0
    var listings = 0
    var transactions = 0
    var faults = 0
    var crashes = 0
    var lostTurns = 0
    var rots = 0
  }

  static let firstDescriptor = 8

  init(_ plan: Plan) {
    self.plan = plan
    network = Chance(seed: plan.seed, purpose: 3)
    misfortune = Chance(seed: plan.seed, purpose: 4)
    secrets = Chance(seed: plan.seed, purpose: 5)
    diskChance = Chance(seed: plan.seed, purpose: 6)
    model = Model(keys: plan.keys, isBounded: plan.memoryBytesMax != nil)
    maker = RequestMaker(plan, keyNames: model.names)
    model.history.isKept = plan.sync != nil
    model.mayRunOutOfDisk = plan.sync != nil && plan.faults.contains(.diskErrors)
    isLoading = plan.sync != nil
    queue.add(.inspect, at: nanoseconds)
    for _ in 0..<plan.clients { planClient() }
  }

  /// Notes that the server is not as it should be; the first time counts.
  mutating func fail(_ what: String) {
    if failure == nil { failure = what }
  }

  func has(_ fault: Faults) -> Bool { phase == .working && plan.faults.contains(fault) }

  // MARK: - Time and chance

  mutating func monotonicNanoseconds() -> UInt64 {
    nanoseconds += UInt64(misfortune.once(in: 64) ? misfortune.below(400_000) : 200)
    return nanoseconds
  }

  mutating func wallMilliseconds() -> Int64 {
    model.now = wallNow
    latestWall = max(latestWall, model.now)
    return model.now
  }

  var wallNow: Int64 { wallAhead + Int64(nanoseconds / 1_000_000) }

  mutating func randomWord() -> UInt64 { secrets.next() }
  var pageSource: PageSource { .heap }

  // MARK: - Facts

  mutating func openFileLimit(wanted: Int?) -> Int { 100_000 }
  mutating func peerName(of socket: Descriptor) -> String {
    guard let link = link(of: socket) else { return "unknown" }
    return PeerName.text(links[link].peer)
  }
  mutating func localName(of socket: Descriptor) -> String { "10.255.0.1:7878" }
  mutating func processFacts() -> ProcessFacts {
    ProcessFacts(
      processID: 1, residentBytes: 1 << 24, residentBytesPeak: 1 << 24, machineBytes: 1 << 33,
      userMicroseconds: nanoseconds / 2_000, kernelMicroseconds: nanoseconds / 4_000, operatingSystem: "Simulated")
  }

  // MARK: - Listening

  mutating func listen(on address: ListenAddress) throws(ListenError) -> [Listener] {
    let descriptor = Descriptor(rawValue: Int32(3 + backlogs.count))
    backlogs.append([])
    listenerTokens.append(0)
    listenerInterests.append([])
    isListenerListed.append(false)
    isListening = true
    return [Listener(descriptor: descriptor, address: address)]
  }

  mutating func stopListening(_ listener: Listener) {
    isListening = false
    for index in backlogs.indices {
      for link in backlogs[index] { refuse(link) }
      backlogs[index].removeAll()
    }
  }

  mutating func nextSignal() -> Int32? {
    guard pendingSignals > 0 else { return nil }
    pendingSignals -= 1
    return 15
  }

  // MARK: - Descriptors

  /// The connection of a descriptor; a descriptor that is not open is the server's mistake.
  mutating func link(of socket: Descriptor) -> Int? {
    let index = Int(socket.rawValue) - Self.firstDescriptor
    guard index >= 0, index < descriptors.count, descriptors[index] >= 0 else {
      fail("the server uses descriptor \(socket.rawValue), which is not open")
      return nil
    }
    return Int(descriptors[index])
  }

  /// Takes the lowest free descriptor, as kernels do.
  mutating func openDescriptor(_ link: Int) -> Int32 {
    while lowestFree < descriptors.count, descriptors[lowestFree] >= 0 { lowestFree += 1 }
    if lowestFree == descriptors.count { descriptors.append(-1) }
    descriptors[lowestFree] = Int32(link)
    return Int32(lowestFree + Self.firstDescriptor)
  }

  mutating func freeDescriptor(_ descriptor: Int32) {
    let index = Int(descriptor) - Self.firstDescriptor
    descriptors[index] = -1
    lowestFree = min(lowestFree, index)
  }

  var openDescriptorCount: Int { descriptors.count { $0 >= 0 } }
}
