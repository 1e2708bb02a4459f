// A machine in memory for one server: sockets to which bytes arrive piece by piece and that take only so many at once,
// a disk that does what it is asked before the next turn, and a clock that stands still until nothing else can happen.

import Bytes
import LinuxIO
import Reactor

/// What a server sees of the machine, and what the other side does with it.
final class Machine {
  struct Socket {
    /// What has yet to arrive, and then the end of the stream.
    var coming: ArraySlice<ArraySlice<UInt8>> = []
    var endsAfter = true
    var input: [UInt8] = []
    var hasEnded = false
    var output: [UInt8] = []
    var room: Int
    var roomLeft: Int
    var isShut = false
    var isClosed = false
    var token: UInt64?
    var interest = Interest.readable
  }

  struct Job {
    let operation: StorageOperation
    let bytes: [UInt8]
    var error: SystemCallError?
  }

  var files: [String: [UInt8]]
  var jobs: [Job] = []
  var done: [Job] = []
  var sockets: [Socket] = []
  var waiting: [Int] = []
  var nanoseconds: UInt64 = 1_000_000_000
  var words: UInt64 = 0
  var listenerToken: UInt64?
  var storageToken: UInt64?
  var events: [Event] = []
  /// Nothing has happened in the last turn, and nothing will.
  var isAtRest = false

  static let listener = Descriptor(rawValue: 3)
  static let firstSocket: Int32 = 8
  static let startMilliseconds: Int64 = 1_700_000_000_000

  init(files: [String: [UInt8]] = [:], nanoseconds: UInt64 = 1_000_000_000) {
    self.files = files
    self.nanoseconds = nanoseconds
  }

  var wallMilliseconds: Int64 { Self.startMilliseconds + Int64(nanoseconds / 1_000_000) }
  /// Milliseconds since the start.
  var elapsed: UInt64 { nanoseconds / 1_000_000 }

  /// Has a client connect that sends these pieces, half-closes, and takes at most `room` bytes a turn.
  func connect(_ pieces: [ArraySlice<UInt8>], room: Int) -> Int {
    sockets.append(Socket(coming: pieces[...], room: room, roomLeft: room))
    waiting.append(sockets.count - 1)
    return sockets.count - 1
  }

  /// Gathers what there is to tell of; if there is nothing, the next piece arrives, or else time passes.
  func wait(_ milliseconds: Int32?) -> Int {
    isAtRest = false
    for index in sockets.indices { sockets[index].roomLeft = sockets[index].room }
    while let job = jobs.first {
      jobs.removeFirst()
      done.append(perform(job))
    }
    gather()
    if events.isEmpty, arrive() { gather() }
    guard events.isEmpty, milliseconds != 0 else { return events.count }
    if let milliseconds { nanoseconds += UInt64(milliseconds) * 1_000_000 }
    isAtRest = true
    return 0
  }

  private func gather() {
    events.removeAll(keepingCapacity: true)
    func add(_ token: UInt64, readable: Bool = true, writable: Bool = false) {
      events.append(Event(token: token, isReadable: readable, isWritable: writable, isBroken: false))
    }
    if let storageToken, !done.isEmpty { add(storageToken) }
    if let listenerToken, !waiting.isEmpty { add(listenerToken) }
    for socket in sockets where !socket.isClosed {
      guard let token = socket.token else { continue }
      let isReadable = socket.interest.contains(.readable) && (!socket.input.isEmpty || socket.hasEnded)
      let isWritable = socket.interest.contains(.writable)
      if isReadable || isWritable { add(token, readable: isReadable, writable: isWritable) }
    }
  }

  /// Lets the next piece arrive at each socket; whether there was one.
  private func arrive() -> Bool {
    var hasArrived = false
    for index in sockets.indices where sockets[index].token != nil && !sockets[index].hasEnded {
      if let piece = sockets[index].coming.popFirst() { sockets[index].input += piece }
      sockets[index].hasEnded = sockets[index].coming.isEmpty
      hasArrived = true
    }
    return hasArrived
  }

  // MARK: - Disk

  private func perform(_ job: Job) -> Job {
    var job = job
    job.error = perform(job.operation, job.bytes)
    return job
  }

  func perform(_ operation: StorageOperation, _ bytes: [UInt8]) -> SystemCallError? {
    func lengthen(_ name: String, to count: Int) {
      let missing = count - files[name, default: []].count
      if missing > 0 { files[name, default: []] += [UInt8](repeating: 0, count: missing) }
    }
    switch operation {
    case .create(let name):
      if files[name] != nil { return SystemCallError(call: "openat", number: 17) }
      files[name] = []
    case .reserve(let name, let end, _): lengthen(name, to: Int(end))
    case .write(let name, let offset, _):
      lengthen(name, to: Int(offset) + bytes.count)
      files[name]!.replaceSubrange(Int(offset)..<Int(offset) + bytes.count, with: bytes)
    case .truncate(let name, let count): files[name] = Array(files[name, default: []].prefix(Int(count)))
    case .rename(let from, let to):
      files[to] = files[from]
      files[from] = nil
    case .remove(let name): files[name] = nil
    case .sync, .close, .syncDirectory: break
    }
    return nil
  }
}

/// The machine as the server asks it.
struct MachinePlatform: Platform, ~Copyable {
  let machine: Machine

  private func index(_ socket: Descriptor) -> Int {
    let index = Int(socket.rawValue - Machine.firstSocket)
    check(machine.sockets.indices.contains(index), "the server uses descriptors that it was given")
    check(!machine.sockets[index].isClosed, "the server uses descriptors that are open")
    return index
  }

  mutating func monotonicNanoseconds() -> UInt64 { machine.nanoseconds }
  mutating func wallMilliseconds() -> Int64 { machine.wallMilliseconds }
  mutating func randomWord() -> UInt64 {
    machine.words += 1
    return machine.words &* 0x9E37_79B9_7F4A_7C15
  }
  var pageSource: PageSource { .heap }
  mutating func openFileLimit(wanted: Int?) -> Int { 1_000 }

  mutating func listen(on address: ListenAddress) throws(ListenError) -> [Listener] {
    [Listener(descriptor: Machine.listener, address: address)]
  }
  mutating func stopListening(_ listener: Listener) { machine.listenerToken = nil }
  mutating func accept(from listener: Listener) -> AcceptResult {
    guard !machine.waiting.isEmpty else { return .nothingWaiting }
    return .connection(Descriptor(rawValue: Machine.firstSocket + Int32(machine.waiting.removeFirst())))
  }

  mutating func receive(from socket: Descriptor, into buffer: inout MutableSpan<UInt8>) -> ReceiveResult {
    let index = index(socket)
    let count = min(buffer.count, machine.sockets[index].input.count)
    guard count > 0 else { return machine.sockets[index].hasEnded ? .endOfStream : .wouldBlock }
    let bytes = Array(machine.sockets[index].input[..<count])
    buffer.copy(bytes.span, to: 0)
    machine.sockets[index].input.removeFirst(count)
    return .bytes(count)
  }
  mutating func send(to socket: Descriptor, _ bytes: Span<UInt8>) -> SendResult {
    let index = index(socket)
    check(!bytes.isEmpty, "the server does not send nothing")
    check(!machine.sockets[index].isShut, "nothing is sent behind the end")
    let count = min(bytes.count, machine.sockets[index].roomLeft)
    guard count > 0 else { return .wouldBlock }
    machine.sockets[index].roomLeft -= count
    machine.sockets[index].output += bytes.extracting(..<count).copied
    return .bytes(count)
  }
  mutating func shutDownWriting(_ socket: Descriptor) { machine.sockets[index(socket)].isShut = true }
  mutating func close(_ socket: Descriptor) {
    let index = index(socket)
    machine.sockets[index].isClosed = true
    machine.sockets[index].hasEnded = true
  }
  mutating func peerName(of socket: Descriptor) -> String { "127.0.0.1:\(50_000 + socket.rawValue)" }
  mutating func localName(of socket: Descriptor) -> String { "127.0.0.1:7878" }
  mutating func processFacts() -> ProcessFacts {
    ProcessFacts(
      processID: 1, residentBytes: 1 << 24, residentBytesPeak: 1 << 24, machineBytes: 1 << 33, userMicroseconds: 1,
      kernelMicroseconds: 1, operatingSystem: "none")
  }

  mutating func watch(_ target: Descriptor, token: UInt64, interest: Interest) throws(SystemCallError) {
    if target == Machine.listener {
      machine.listenerToken = token
    } else {
      let index = index(target)
      machine.sockets[index].token = token
      machine.sockets[index].interest = interest
    }
  }
  mutating func watchSignals(token: UInt64) throws(SystemCallError) {}
  mutating func rewatch(_ target: Descriptor, token: UInt64, interest: Interest) {
    if target == Machine.listener { return }
    machine.sockets[index(target)].interest = interest
  }
  mutating func wait(milliseconds: Int32?) -> Int { machine.wait(milliseconds) }
  func event(_ index: Int) -> Event { machine.events[index] }
  mutating func nextSignal() -> Int32? { nil }

  mutating func openStorage(_ directory: String, mayCreate: Bool) throws(StorageError) {}
  mutating func storedFiles() throws(SystemCallError) -> [StoredFile] {
    machine.files.map { StoredFile(name: $0.key, byteCount: UInt64($0.value.count)) }
  }
  mutating func readStored(
    _ name: String, at offset: UInt64, count: Int, into buffer: inout ByteBuffer
  ) throws(SystemCallError) {
    let bytes = machine.files[name] ?? []
    let start = min(Int(offset), bytes.count)
    buffer.append(bytes.span.extracting(start..<min(start + count, bytes.count)))
  }
  mutating func performNow(_ operation: StorageOperation, _ bytes: borrowing ByteBuffer) throws(SystemCallError) {
    if let error = machine.perform(operation, bytes.span.copied) { throw error }
  }
  mutating func watchStorage(token: UInt64) throws(SystemCallError) { machine.storageToken = token }
  mutating func submit(_ operation: StorageOperation, _ bytes: consuming ByteBuffer) {
    machine.jobs.append(Machine.Job(operation: operation, bytes: bytes.span.copied))
  }
  mutating func nextCompletion() -> StorageCompletion? {
    guard !machine.done.isEmpty else { return nil }
    let job = machine.done.removeFirst()
    var bytes = ByteBuffer()
    bytes.append(job.bytes.span)
    return StorageCompletion(job.operation, bytes, error: job.error, nanoseconds: 1_000)
  }
}
