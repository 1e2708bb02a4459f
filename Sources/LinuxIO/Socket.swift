// Stream sockets as the event loop uses them: every call returns at once, and every outcome that a peer or a full
// machine can bring about is a case of the result, not an error.

import CLinux
import Glibc

/// What came of accepting a connection.
public enum AcceptResult: Sendable {
  /// A new connection, non-blocking and close-on-exec.
  case connection(Descriptor)
  /// No connection is waiting.
  case nothingWaiting
  /// The one that was waiting is gone again; there may be more.
  case aborted
  /// The process or the system has no descriptor or memory for it; it goes on waiting.
  case exhausted(SystemCallError)
}

/// What came of receiving.
public enum ReceiveResult: Sendable {
  /// So many bytes, at least one.
  case bytes(Int)
  /// Nothing is there yet.
  case wouldBlock
  /// The peer has closed its side: nothing more will come.
  case endOfStream
  /// The connection is gone.
  case broken(SystemCallError)
}

/// What came of sending.
public enum SendResult: Sendable {
  /// So many bytes were taken, perhaps fewer than offered.
  case bytes(Int)
  /// There is no room.
  case wouldBlock
  /// The connection is gone.
  case broken(SystemCallError)
}

/// The system calls on stream sockets.
public enum Socket {
  /// Accepts one waiting connection, which inherits TCP_NODELAY and keep-alive from the listener (tcp(7), on Linux).
  public static func accept(from listener: Descriptor) -> AcceptResult {
    let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let number = retryingInterrupts { accept4(listener.rawValue, nil, nil, flags) }
    if number >= 0 { return .connection(Descriptor(rawValue: number)) }
    switch errno {
    case EAGAIN: return .nothingWaiting
    case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted(SystemCallError(call: "accept4", number: errno))
    // accept(2): pending network errors of the new connection, and a firewall's refusal, arrive here.
    case ECONNABORTED, ENETDOWN, EPROTO, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH, EPERM,
      ENOSR, ESOCKTNOSUPPORT, EPROTONOSUPPORT, ETIMEDOUT:
      return .aborted
    default: unexpected("accept4", errno)
    }
  }

  /// Receives what is there, up to the length of `buffer`, which is not empty.
  public static func receive(from socket: Descriptor, into buffer: inout MutableSpan<UInt8>) -> ReceiveResult {
    precondition(!buffer.isEmpty, "there is room to receive into")
    let count = buffer.withUnsafeMutableBufferPointer { bytes in
      retryingInterrupts { recv(socket.rawValue, bytes.baseAddress, bytes.count, 0) }
    }
    if count > 0 { return .bytes(count) }
    if count == 0 { return .endOfStream }
    if errno == EAGAIN { return .wouldBlock }
    return .broken(connectionError("recv", errno))
  }

  /// Sends what there is room for of `bytes`, which is not empty; a closed peer gives no SIGPIPE.
  public static func send(to socket: Descriptor, _ bytes: Span<UInt8>) -> SendResult {
    let count = bytes.withUnsafeBufferPointer { bytes in
      retryingInterrupts { Glibc.send(socket.rawValue, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
    }
    if count >= 0 { return .bytes(count) }
    if errno == EAGAIN { return .wouldBlock }
    return .broken(connectionError("send", errno))
  }

  /// Tells the peer that nothing more will be sent; receiving goes on.
  public static func shutDownWriting(_ socket: Descriptor) {
    if shutdown(socket.rawValue, Int32(SHUT_WR)) != 0 && errno != ENOTCONN { unexpected("shutdown", errno) }
  }

  /// The peer's address as text: `127.0.0.1:50412`, `[::1]:50412`, or `unix`.
  public static func peerName(of socket: Descriptor) -> String {
    name { getpeername(socket.rawValue, $0, $1) }
  }

  /// The address that the peer has connected to, as text.
  public static func localName(of socket: Descriptor) -> String {
    name { getsockname(socket.rawValue, $0, $1) }
  }

  private static func name(
    _ ask: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> String {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
    let isKnown = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        ask(address, &length) == 0
          && getnameinfo(
            address, length, &host, socklen_t(host.count), &port, socklen_t(port.count),
            NI_NUMERICHOST | NI_NUMERICSERV) == 0
      }
    }
    if storage.ss_family == sa_family_t(AF_UNIX) { return "unix" }
    guard isKnown else { return "unknown" }
    let name = host.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    let number = port.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    return storage.ss_family == sa_family_t(AF_INET6) ? "[\(name)]:\(number)" : "\(name):\(number)"
  }

  /// The error of a connection that its peer, the network or the kernel's memory has ended.
  private static func connectionError(_ call: StaticString, _ number: Int32) -> SystemCallError {
    switch number {
    case EBADF, EFAULT, EINVAL, ENOTSOCK, EDESTADDRREQ, EISCONN, EOPNOTSUPP: unexpected(call, number)
    default: SystemCallError(call: call, number: number)
    }
  }
}
