// The client's side of a stream socket: finding an address, and connecting to it without waiting.

import CLinux
import Glibc

/// Why an address cannot be connected to, in one line for the person who asked for it.
public struct ConnectError: Error, CustomStringConvertible, Sendable {
  /// The line.
  public let description: String

  init(_ address: ListenAddress, _ reason: String) { description = "cannot connect to \(address): \(reason)" }
}

/// A TCP address, resolved, in the form that connect(2) takes.
public struct RemoteAddress: Sendable {
  private let storage: sockaddr_storage
  private let length: socklen_t
  private let shown: ListenAddress

  /// Looks the host up and takes its first address; a unix socket's path is refused.
  public init(_ address: ListenAddress) throws(ConnectError) {
    guard case .tcp(let host, let port) = address else { throw ConnectError(address, "only TCP is spoken here") }
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var resolved: UnsafeMutablePointer<addrinfo>?
    let failure = getaddrinfo(host, String(port), &hints, &resolved)
    guard failure == 0, let found = resolved else {
      throw ConnectError(address, String(cString: gai_strerror(failure)))
    }
    defer { freeaddrinfo(resolved) }
    var storage = sockaddr_storage()
    memcpy(&storage, found.pointee.ai_addr, Int(found.pointee.ai_addrlen))
    self.storage = storage
    length = found.pointee.ai_addrlen
    shown = address
  }

  /// Begins to connect a new non-blocking socket with TCP_NODELAY; it is writable once connected, and then
  /// `Socket.takeError` tells whether that worked.
  ///
  /// From 127.0.0.1 + `loopbackSource` if that is given, so that more connections to one port are possible than one
  /// address has ports.
  public func connect(loopbackSource: UInt32? = nil) throws(ConnectError) -> Descriptor {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let number = retryingInterrupts { socket(Int32(storage.ss_family), type, 0) }
    guard number >= 0 else { throw ConnectError(shown, String(cString: strerror(errno))) }
    let descriptor = Descriptor(rawValue: number)
    do throws(SystemCallError) {
      try begin(descriptor, loopbackSource)
    } catch {
      descriptor.close()
      throw ConnectError(shown, error.reason)
    }
    return descriptor
  }

  private func begin(_ descriptor: Descriptor, _ loopbackSource: UInt32?) throws(SystemCallError) {
    try set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY)
    if let loopbackSource {
      // Without a port of its own yet, the kernel need only keep the whole four-tuple unique (ip(7)).
      try set(descriptor, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT)
      var source = sockaddr_in()
      source.sin_family = sa_family_t(AF_INET)
      source.sin_addr.s_addr = (0x7F00_0001 + loopbackSource).bigEndian
      try withUnsafePointer(to: &source) { pointer throws(SystemCallError) in
        let generic = UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self)
        try check("bind") { bind(descriptor.rawValue, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) }
      }
    }
    try withUnsafePointer(to: storage) { pointer throws(SystemCallError) in
      let generic = UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self)
      let result = retryingInterrupts { Glibc.connect(descriptor.rawValue, generic, length) }
      guard result == 0 || errno == EINPROGRESS else { throw SystemCallError(call: "connect", number: errno) }
    }
  }

  private func set(_ socket: Descriptor, _ level: Int32, _ option: Int32) throws(SystemCallError) {
    var value: Int32 = 1
    try check("setsockopt") {
      setsockopt(socket.rawValue, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
  }
}

extension Socket {
  /// The error that a socket has met without a call to tell it to, a failed connect say; taken, so nil the next time.
  public static func takeError(of socket: Descriptor) -> SystemCallError? {
    var number: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    mustSucceed("getsockopt") { getsockopt(socket.rawValue, SOL_SOCKET, SO_ERROR, &number, &length) }
    return number == 0 ? nil : SystemCallError(call: "connect", number: number)
  }
}
