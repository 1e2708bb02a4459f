// A machine whose sockets are arrays of bytes, whose clock goes when it is told to, and whose disk does an operation
// when the test says so: what the server may tell before, and what only after, can be looked at one by one.

import Bytes
import TestSupport

@testable import LinuxIO
@testable import Reactor

/// What a server sees of the machine, and what the test does with it.
final class ScriptedMachine {
  struct Socket {
    var input: [UInt8] = []
    var hasEnded = false
    var output: [UInt8] = []
    var isClosed = false
    var token: UInt64?
    var interest = Interest.readable
  }

  /// An operation that the disk has yet to do, or has done.
  final class Job {
    let operation: StorageOperation
    let bytes: [UInt8]
    var error: SystemCallError?

    init(_ operation: StorageOperation, _ bytes: [UInt8]) {
      self.operation = operation
      self.bytes = bytes
    }
  }

  var disk: ScriptedDisk
  var pending: [Job] = []
  var done: [Job] = []
  /// What an operation fails with, if it does. A write that fails has written all the same.
  var fault: (StorageOperation) -> SystemCallError? = { _ in nil }
  /// Which call fails of all that the server makes, if one is to.
  let failures = CallFailures()
  var sockets: [Int32: Socket] = [:]
  var waiting: [Int32] = []
  var monotonic: UInt64 = 1_000_000_000
  var wall: Int64 = 1_700_000_000_000
  var random = SeededGenerator(seed: 1)
  var listenerToken: UInt64?
  var storageToken: UInt64?
  var events: [Event] = []
  var signals: [Int32] = []
  var signalToken: UInt64?
  private var lastSocket: Int32 = 100

  static let listener = Descriptor(rawValue: 99)

  init(disk: ScriptedDisk = ScriptedDisk()) { self.disk = disk }

  /// Has a client connect.
  func connect() -> Int32 {
    lastSocket += 1
    sockets[lastSocket] = Socket()
    waiting.append(lastSocket)
    return lastSocket
  }

  /// Has the disk do the next operation.
  func doNext() {
    let job = pending.removeFirst()
    job.error = perform(job.operation, job.bytes, fault(job.operation))
    done.append(job)
  }

  /// Has the disk do an operation, unless it fails.
  func perform(
    _ operation: StorageOperation, _ bytes: [UInt8], _ fault: SystemCallError? = nil
  ) -> SystemCallError? {
    guard let error = fault ?? failures.next(for: operation) else { return disk.perform(operation, bytes) }
    if case .write(let name, let offset, _) = operation {
      _ = disk.perform(.write(name, offset: offset, isSynced: false), bytes)
    }
    return error
  }

  /// What there is to tell of.
  func gatherEvents() {
    events = []
    func add(_ token: UInt64, readable: Bool = true, writable: Bool = false) {
      events.append(Event(token: token, isReadable: readable, isWritable: writable, isBroken: false))
    }
    if let signalToken, !signals.isEmpty { add(signalToken) }
    if let storageToken, !done.isEmpty { add(storageToken) }
    if let listenerToken, !waiting.isEmpty { add(listenerToken) }
    for (_, socket) in sockets.sorted(by: { $0.key < $1.key }) where !socket.isClosed {
      guard let token = socket.token else { continue }
      let isReadable = socket.interest.contains(.readable) && (!socket.input.isEmpty || socket.hasEnded)
      let isWritable = socket.interest.contains(.writable)
      if isReadable || isWritable { add(token, readable: isReadable, writable: isWritable) }
    }
  }
}

/// The machine as the server asks it.
struct ScriptedPlatform: Platform, ~Copyable {
  let machine: ScriptedMachine

  mutating func monotonicNanoseconds() -> UInt64 {
    machine.monotonic += 100
    return machine.monotonic
  }
  mutating func wallMilliseconds() -> Int64 { machine.wall }
  mutating func randomWord() -> UInt64 { machine.random.next() }
  var pageSource: PageSource { machine.failures.pages }

  mutating func openFileLimit(wanted: Int?) -> Int { 2_000 }
  mutating func listen(on address: ListenAddress) throws(ListenError) -> [Listener] {
    if let error = machine.failures.next(.listen) { throw ListenError(address, error.reason) }
    return [Listener(descriptor: ScriptedMachine.listener, address: address)]
  }
  mutating func stopListening(_ listener: Listener) { machine.listenerToken = nil }
  mutating func accept(from listener: Listener) -> AcceptResult {
    guard let socket = machine.waiting.first else { return .nothingWaiting }
    let error = machine.failures.next(.accept)
    if let error, error.number != CallFailures.aborted { return .exhausted(error) }
    machine.waiting.removeFirst()
    guard error == nil else {
      machine.sockets[socket]!.isClosed = true
      return .aborted
    }
    return .connection(Descriptor(rawValue: socket))
  }

  mutating func receive(from socket: Descriptor, into buffer: inout MutableSpan<UInt8>) -> ReceiveResult {
    if let error = machine.failures.next(.receive) {
      return error.number == CallFailures.again ? .wouldBlock : .broken(error)
    }
    let input = machine.sockets[socket.rawValue]!.input
    let count = min(buffer.count, input.count)
    guard count > 0 else { return machine.sockets[socket.rawValue]!.hasEnded ? .endOfStream : .wouldBlock }
    for index in 0..<count { buffer[index] = input[index] }
    machine.sockets[socket.rawValue]!.input.removeFirst(count)
    return .bytes(count)
  }

  mutating func send(to socket: Descriptor, _ bytes: Span<UInt8>) -> SendResult {
    if let error = machine.failures.next(.send) {
      guard error.number == CallFailures.short else {
        return error.number == CallFailures.again ? .wouldBlock : .broken(error)
      }
      machine.sockets[socket.rawValue]!.output.append(bytes[0])
      return .bytes(1)
    }
    for index in bytes.indices { machine.sockets[socket.rawValue]!.output.append(bytes[index]) }
    return .bytes(bytes.count)
  }

  mutating func shutDownWriting(_ socket: Descriptor) {}
  mutating func close(_ socket: Descriptor) { machine.sockets[socket.rawValue]!.isClosed = true }
  mutating func peerName(of socket: Descriptor) -> String { "client:\(socket.rawValue)" }
  mutating func localName(of socket: Descriptor) -> String { "server" }
  mutating func processFacts() -> ProcessFacts { ProcessFacts.current() }

  mutating func watch(_ target: Descriptor, token: UInt64, interest: Interest) throws(SystemCallError) {
    if let error = machine.failures.next(.watch) { throw error }
    if target == ScriptedMachine.listener {
      machine.listenerToken = token
    } else {
      machine.sockets[target.rawValue]!.token = token
    }
  }
  mutating func watchSignals(token: UInt64) throws(SystemCallError) {
    if let error = machine.failures.next(.watch) { throw error }
    machine.signalToken = token
  }
  mutating func rewatch(_ target: Descriptor, token: UInt64, interest: Interest) {
    machine.sockets[target.rawValue]?.interest = interest
  }
  mutating func wait(milliseconds: Int32?) -> Int {
    machine.gatherEvents()
    return min(machine.events.count, ReactorLimits.eventsPerTurnMax)
  }
  func event(_ index: Int) -> Event { machine.events[index] }
  mutating func nextSignal() -> Int32? { machine.signals.isEmpty ? nil : machine.signals.removeFirst() }

  mutating func openStorage(_ directory: String, mayCreate: Bool) throws(StorageError) {
    if let error = machine.failures.next(.openStorage) { throw StorageError("cannot open \(directory): \(error)") }
  }
  mutating func storedFiles() throws(SystemCallError) -> [StoredFile] {
    if let error = machine.failures.next(.listFiles) { throw error }
    return machine.disk.storedFiles
  }
  mutating func readStored(
    _ name: String, at offset: UInt64, count: Int, into buffer: inout ByteBuffer
  ) throws(SystemCallError) {
    if let error = machine.failures.next(.read) { throw error }
    let bytes = machine.disk.bytes(of: name)
    let start = min(Int(offset), bytes.count)
    buffer.append(bytes.span.extracting(start..<min(start + count, bytes.count)))
  }
  mutating func performNow(
    _ operation: StorageOperation, _ bytes: borrowing ByteBuffer
  ) throws(SystemCallError) {
    if let error = machine.perform(operation, array(bytes)) { throw error }
  }
  mutating func watchStorage(token: UInt64) throws(SystemCallError) {
    if let error = machine.failures.next(.watch) { throw error }
    machine.storageToken = token
  }
  mutating func submit(_ operation: StorageOperation, _ bytes: consuming ByteBuffer) {
    machine.pending.append(ScriptedMachine.Job(operation, array(bytes)))
  }
  mutating func nextCompletion() -> StorageCompletion? {
    guard !machine.done.isEmpty else { return nil }
    let job = machine.done.removeFirst()
    var bytes = ByteBuffer()
    let written = job.bytes
    bytes.append(written.span)
    return StorageCompletion(job.operation, bytes, error: job.error, nanoseconds: 1_000)
  }

  private func array(_ buffer: borrowing ByteBuffer) -> [UInt8] {
    let span = buffer.span
    return [UInt8](unsafeUninitializedCapacity: span.count) { target, count in
      for index in span.indices { target.initializeElement(at: index, to: span[index]) }
      count = span.count
    }
  }
}
