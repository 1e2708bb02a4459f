public import Bytes
public import LinuxIO

/// Everything that the server wants of the machine: time, randomness, memory, the network.
///
/// There are two conformances: `LinuxPlatform`, and a simulated machine for tests. The protocol is flat, and the server
/// is generic over it within this module, so that the Linux one costs nothing.
public protocol Platform: ~Copyable {
  /// Nanoseconds since some fixed moment; never goes back.
  mutating func monotonicNanoseconds() -> UInt64
  /// Milliseconds since 1970-01-01 UTC; may jump either way.
  mutating func wallMilliseconds() -> Int64
  /// A random word that nobody outside can guess.
  mutating func randomWord() -> UInt64
  /// Where the keyspace gets its memory.
  var pageSource: PageSource { get }

  /// How many descriptors may be open at once after asking for `wanted`, or for all that may be had without privilege
  /// (nil).
  mutating func openFileLimit(wanted: Int?) -> Int
  /// Opens a listening socket on each address that `address` stands for.
  mutating func listen(on address: ListenAddress) throws(ListenError) -> [Listener]
  /// Closes a listening socket.
  mutating func stopListening(_ listener: Listener)
  /// Accepts one waiting connection.
  mutating func accept(from listener: Listener) -> AcceptResult
  /// Receives what is there, up to the length of `buffer`.
  mutating func receive(from socket: Descriptor, into buffer: inout MutableSpan<UInt8>) -> ReceiveResult
  /// Sends what there is room for.
  mutating func send(to socket: Descriptor, _ bytes: Span<UInt8>) -> SendResult
  /// Tells the peer that nothing more will be sent.
  mutating func shutDownWriting(_ socket: Descriptor)
  /// Closes a connection and forgets what it was watched for.
  mutating func close(_ socket: Descriptor)
  /// Who is at the other end.
  mutating func peerName(of socket: Descriptor) -> String
  /// Which of our addresses the other end has connected to.
  mutating func localName(of socket: Descriptor) -> String
  /// What the process uses.
  mutating func processFacts() -> ProcessFacts

  /// Starts to report what `target` is ready for, under `token`; throws when there is no room for one more.
  mutating func watch(_ target: Descriptor, token: UInt64, interest: Interest) throws(SystemCallError)
  /// Starts to report stop signals, under `token`.
  mutating func watchSignals(token: UInt64) throws(SystemCallError)
  /// Changes what a watched descriptor is reported for.
  mutating func rewatch(_ target: Descriptor, token: UInt64, interest: Interest)
  /// Waits for events, at most so long (nil: for ever); returns how many there are, at most
  /// `ReactorLimits.eventsPerTurnMax`.
  mutating func wait(milliseconds: Int32?) -> Int
  /// The event at `index` of the last wait.
  func event(_ index: Int) -> Event
  /// The number of a pending stop signal, taken, or nil.
  mutating func nextSignal() -> Int32?

  /// Is told what was written for a client, in the order in which requests are executed and before any of it is sent:
  /// a slice's replies (perhaps none), or a message to a subscriber.
  ///
  /// Nothing depends on it; a simulated machine checks it.
  mutating func noteWritten(_ bytes: Span<UInt8>, to socket: Descriptor, isMessage: Bool)

  /// Takes a data directory for this process alone, and makes it if it is not there and may be made.
  mutating func openStorage(_ directory: String, mayCreate: Bool) throws(StorageError)
  /// The regular files of the data directory, in no order.
  mutating func storedFiles() throws(SystemCallError) -> [StoredFile]
  /// Appends bytes of a file of the data directory, from an offset on, to `buffer`; at most `count`, fewer only at the
  /// file's end. Blocks: for the start only.
  mutating func readStored(
    _ name: String, at offset: UInt64, count: Int, into buffer: inout ByteBuffer
  ) throws(SystemCallError)
  /// Does something to the data directory's files and waits for it: for the start, before anything was submitted.
  mutating func performNow(_ operation: StorageOperation, _ bytes: borrowing ByteBuffer) throws(SystemCallError)
  /// Starts to report finished operations, under `token`.
  mutating func watchStorage(token: UInt64) throws(SystemCallError)
  /// Has an operation done by the thread that owns the files, after all that were submitted before.
  mutating func submit(_ operation: StorageOperation, _ bytes: consuming ByteBuffer)
  /// The next finished operation, in the order of submission, or nil.
  mutating func nextCompletion() -> StorageCompletion?
}

extension Platform where Self: ~Copyable {
  /// Takes no notice.
  public mutating func noteWritten(_ bytes: Span<UInt8>, to socket: Descriptor, isMessage: Bool) {}

  /// Receives once, behind what `buffer` holds; the more of a long request is there, the more at once.
  mutating func receive(from socket: Descriptor, into buffer: inout ByteBuffer) -> ReceiveResult {
    var free = buffer.freeSpace(
      max(ReactorLimits.receiveBytes, min(buffer.count, ReactorLimits.longReceiveBytesMax)))
    let result = receive(from: socket, into: &free)
    if case .bytes(let count) = result { buffer.commit(count) }
    return result
  }

  /// Sends what there is room for of a part of `buffer`.
  mutating func send(to socket: Descriptor, _ buffer: borrowing ByteBuffer, _ part: Range<Int>) -> SendResult {
    send(to: socket, buffer.span.extracting(part))
  }

  /// Is told of a part of `buffer` that was written for a client.
  mutating func noteWritten(
    _ buffer: borrowing ByteBuffer, _ part: Range<Int>, to socket: Descriptor, isMessage: Bool
  ) {
    noteWritten(buffer.span.extracting(part), to: socket, isMessage: isMessage)
  }

  /// Sends what there is room for of a buffer of the pool, from an offset on.
  mutating func send(
    to socket: Descriptor, _ pool: borrowing BufferPool, _ id: BufferID, from offset: Int
  ) -> SendResult {
    send(to: socket, pool[id], offset..<pool[id].count)
  }
}
