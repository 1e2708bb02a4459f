// A plain blocking client with a time limit on every wait.

import Glibc

/// A connection to a server on this machine.
public final class Client {
  private var socket: Int32
  var received: [UInt8] = []
  var consumed = 0

  /// Connects to a TCP port, from 127.0.0.`source`; waits at most so many seconds for anything.
  public init(port: UInt16, source: UInt8 = 1, seconds: Int = 20) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { throw Self.failure("socket") }
    try setTimeouts(seconds)
    if source != 1 {
      try withAddress(127 << 24 | UInt32(source), port: 0) { address, length in
        Glibc.bind(socket, address, length)
      }
    }
    try withAddress(127 << 24 | 1, port: port) { address, length in
      Glibc.connect(socket, address, length)
    }
  }

  /// Connects to a unix socket.
  public init(path: String, seconds: Int = 20) throws {
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { throw Self.failure("socket") }
    try setTimeouts(seconds)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw Self.failure("connect") }
  }

  deinit { close() }

  /// Sends all of the bytes.
  public func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Self.failure("send") }
      sent += count
    }
  }

  /// Sends all of the text.
  public func send(_ text: String) throws { try send(Array(text.utf8)) }

  /// Sends what the socket takes without waiting; returns how many bytes that was.
  public func sendSome(_ bytes: [UInt8]) -> Int {
    max(0, Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)))
  }

  /// Receives and forgets what is there, without waiting.
  public func discardReceived() {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    _ = recv(socket, &bytes, bytes.count, Int32(MSG_DONTWAIT))
  }

  /// Receives and forgets at most so many bytes, without waiting; returns how many there were.
  public func takeSome(_ count: Int) -> Int {
    var bytes = [UInt8](repeating: 0, count: count)
    return max(0, recv(socket, &bytes, count, Int32(MSG_DONTWAIT)))
  }

  /// Whether the stream has ended or is broken, as far as is known without waiting.
  public func hasEnded() -> Bool {
    var byte: UInt8 = 0
    let count = recv(socket, &byte, 1, Int32(MSG_DONTWAIT) | Int32(MSG_PEEK))
    return count == 0 || count < 0 && errno != EAGAIN
  }

  /// Whether nothing was received that is not read.
  public var isEmpty: Bool { received.count == consumed }

  /// Receives what is there, without waiting; false once the stream has ended or broken.
  public func receiveAvailable() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = recv(socket, &chunk, chunk.count, Int32(MSG_DONTWAIT))
    guard count > 0 else { return count < 0 && errno == EAGAIN }
    received += chunk[..<count]
    return true
  }

  /// The next reply of what was received, or nil.
  public func nextReply() throws -> RESPValue? {
    defer { if consumed > 1 << 16 { compact() } }
    return try RESPValue.parse(received, at: &consumed)
  }

  /// The next line without its end; nil at the end of the stream.
  public func readLine() throws -> String? {
    while true {
      if let end = received[consumed...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: received[consumed..<end], as: UTF8.self)
        consumed = end + 1
        if consumed > 1 << 16 { compact() }
        return line
      }
      guard try receiveMore() else { return nil }
    }
  }

  /// Sends a request and reads its reply of one line.
  public func ask(_ request: String) throws -> String? {
    try send(request + "\n")
    return try readLine()
  }

  /// The next `count` bytes.
  public func read(count: Int) throws -> [UInt8] {
    while received.count - consumed < count {
      guard try receiveMore() else { throw TestFailure("the server closed the connection") }
    }
    defer { consumed += count }
    return Array(received[consumed..<consumed + count])
  }

  /// What was received and not read; waits for more if there is nothing.
  public func readSome() throws -> [UInt8] {
    if received.count == consumed, try !receiveMore() { throw TestFailure("the server closed the connection") }
    defer { received = []; consumed = 0 }
    return Array(received[consumed...])
  }

  /// Forgets what was received and not read; returns how many bytes that was.
  public func takeReceived() -> Int {
    defer { received = []; consumed = 0 }
    return received.count - consumed
  }

  /// Waits for more bytes, and forgets them; returns how many there were.
  public func receiveAndForget() throws -> Int {
    guard try receiveMore() else { throw TestFailure("the server closed the connection") }
    return takeReceived()
  }

  /// Everything until the end of the stream.
  public func readToEnd() throws -> String {
    while try receiveMore() {}
    defer { consumed = received.count }
    return String(decoding: received[consumed...], as: UTF8.self)
  }

  /// Every byte until the end of the stream, be it by a reset.
  public func readBytesToEnd() throws -> [UInt8] {
    do {
      while try receiveMore() {}
    } catch {
      guard errno == ECONNRESET else { throw error }
    }
    defer { consumed = received.count }
    return Array(received[consumed...])
  }

  /// Whether the server has ended the connection, by its end of stream or a reset; waits for either.
  public func isEnded() -> Bool {
    while true {
      do {
        if try !receiveMore() { return true }
      } catch {
        return errno == ECONNRESET || errno == EPIPE
      }
    }
  }

  /// Has each piece go into a segment of its own, rather than wait for others: TCP_NODELAY.
  public func sendAtOnce() {
    var isOn: Int32 = 1
    setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Sends a byte out of band: MSG_OOB.
  public func sendUrgent(_ byte: UInt8) { _ = Glibc.send(socket, [byte], 1, Int32(MSG_OOB)) }

  /// Says that nothing more will be sent.
  public func shutDownWriting() { shutdown(socket, Int32(SHUT_WR)) }

  /// Closes the connection.
  public func close() {
    if socket >= 0 { Glibc.close(socket) }
    socket = -1
  }

  /// Closes the connection with a reset.
  public func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    close()
  }

  /// Makes the kernel keep no more than about so many received bytes for this client.
  public func setReceiveBuffer(_ bytes: Int32) {
    var bytes = bytes
    setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Waits for more bytes; false at the end of the stream.
  func receiveMore() throws -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = recv(socket, &chunk, chunk.count, 0)
    guard count >= 0 else { throw Self.failure("recv") }
    received += chunk[..<count]
    return count > 0
  }

  func compact() {
    received.removeFirst(consumed)
    consumed = 0
  }

  private func setTimeouts(_ seconds: Int) throws {
    var time = timeval(tv_sec: seconds, tv_usec: 0)
    let length = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, length)
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, length)
  }

  private func withAddress(
    _ host: UInt32, port: UInt16, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = host.bigEndian
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        call($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw Self.failure("connect") }
  }

  private static func failure(_ call: String) -> TestFailure {
    TestFailure("\(call): \(String(cString: strerror(errno)))")
  }
}

/// Raises this process's limit on open files as far as it may.
public func raiseOpenFileLimit() {
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  limit.rlim_cur = limit.rlim_max
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
