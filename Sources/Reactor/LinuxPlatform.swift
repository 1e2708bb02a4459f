public import Bytes
public import LinuxIO

/// The real machine: epoll, sockets, signalfd, the kernel's clock and random numbers.
public struct LinuxPlatform: Platform, ~Copyable {
  private let epoll: Epoll
  private let signals: SignalDescriptor
  private var storage: StorageThread?

  /// Takes over stop signals; call it before the process has a second thread.
  public init() throws(SystemCallError) {
    let epoll = try Epoll(batchCount: ReactorLimits.eventsPerTurnMax)
    let signals = try SignalDescriptor()
    self.epoll = epoll
    self.signals = signals
  }

  public mutating func monotonicNanoseconds() -> UInt64 { Clock.monotonicNanoseconds() }
  public mutating func wallMilliseconds() -> Int64 { Clock.wallMilliseconds() }
  public mutating func randomWord() -> UInt64 { Entropy.word() }

  public var pageSource: PageSource {
    unsafe PageSource(
      allocate: { byteCount, alignment in
        guard byteCount >= ReactorLimits.mappedBlockBytesMin else {
          return unsafe PageSource.heap.allocate(byteCount, alignment)
        }
        return unsafe MappedMemory.map(byteCount: byteCount, alignment: alignment)
      },
      release: { block, byteCount in
        guard byteCount >= ReactorLimits.mappedBlockBytesMin else {
          return unsafe PageSource.heap.release(block, byteCount)
        }
        unsafe MappedMemory.unmap(block, byteCount: byteCount)
      },
      shorten: { block, byteCount, newCount in
        precondition(newCount >= ReactorLimits.mappedBlockBytesMin, "a mapped block stays one")
        unsafe MappedMemory.shorten(block, byteCount: byteCount, to: newCount)
      },
      noteFull: { block, byteCount in unsafe MappedMemory.gather(block, byteCount: byteCount) })
  }

  public mutating func openFileLimit(wanted: Int?) -> Int { OpenFileLimit.raise(to: wanted ?? OpenFileLimit.hard) }

  public mutating func listen(on address: ListenAddress) throws(ListenError) -> [Listener] {
    try Listener.open(address)
  }

  public mutating func stopListening(_ listener: Listener) { listener.close() }
  public mutating func accept(from listener: Listener) -> AcceptResult { Socket.accept(from: listener.descriptor) }

  public mutating func receive(from socket: Descriptor, into buffer: inout MutableSpan<UInt8>) -> ReceiveResult {
    Socket.receive(from: socket, into: &buffer)
  }

  public mutating func send(to socket: Descriptor, _ bytes: Span<UInt8>) -> SendResult {
    Socket.send(to: socket, bytes)
  }

  public mutating func shutDownWriting(_ socket: Descriptor) { Socket.shutDownWriting(socket) }
  public mutating func close(_ socket: Descriptor) { socket.close() }
  public mutating func peerName(of socket: Descriptor) -> String { Socket.peerName(of: socket) }
  public mutating func localName(of socket: Descriptor) -> String { Socket.localName(of: socket) }
  public mutating func processFacts() -> ProcessFacts { ProcessFacts.current() }

  public mutating func watch(_ target: Descriptor, token: UInt64, interest: Interest) throws(SystemCallError) {
    try epoll.add(target, token: token, interest: interest)
  }

  public mutating func watchSignals(token: UInt64) throws(SystemCallError) {
    try epoll.add(signals.descriptor, token: token, interest: .readable)
  }

  public mutating func rewatch(_ target: Descriptor, token: UInt64, interest: Interest) {
    epoll.modify(target, token: token, interest: interest)
  }

  public mutating func wait(milliseconds: Int32?) -> Int { epoll.wait(milliseconds: milliseconds) }
  public func event(_ index: Int) -> Event { epoll.event(index) }
  public mutating func nextSignal() -> Int32? { signals.next() }

  public mutating func openStorage(_ directory: String, mayCreate: Bool) throws(StorageError) {
    let directory = try DataDirectory(directory, mayCreate: mayCreate)
    do throws(SystemCallError) {
      storage = try StorageThread(directory)
    } catch {
      throw StorageError("\(error)")
    }
  }

  public mutating func storedFiles() throws(SystemCallError) -> [StoredFile] {
    try storage!.withDirectory { directory throws(SystemCallError) in try directory.files() }
  }

  public mutating func readStored(
    _ name: String, at offset: UInt64, count: Int, into buffer: inout ByteBuffer
  ) throws(SystemCallError) {
    try storage!.withDirectory { directory throws(SystemCallError) in
      try directory.read(name, at: offset, count: count, into: &buffer)
    }
  }

  public mutating func performNow(
    _ operation: StorageOperation, _ bytes: borrowing ByteBuffer
  ) throws(SystemCallError) {
    try storage!.withDirectory { directory throws(SystemCallError) in try directory.perform(operation, bytes) }
  }

  public mutating func watchStorage(token: UInt64) throws(SystemCallError) {
    guard let finished = storage?.descriptor else { preconditionFailure("the data directory is open") }
    try epoll.add(finished, token: token, interest: .readable)
  }

  public mutating func submit(_ operation: StorageOperation, _ bytes: consuming ByteBuffer) {
    storage!.submit(operation, bytes)
  }

  public mutating func nextCompletion() -> StorageCompletion? { storage!.next() }
}
