// Opening a listening socket: resolve, bind, listen; and for a unix socket, telling the file that a dead process left
// behind from the one on which a living server answers.

import CLinux
import Glibc

/// Why an address cannot be listened on, in one line for the person who asked for it.
public struct ListenError: Error, CustomStringConvertible, Sendable {
  /// The line.
  public let description: String

  init(_ address: ListenAddress, _ reason: String) { description = "cannot listen on \(address): \(reason)" }
}

/// A listening socket; whoever holds it has to call `close`.
public struct Listener: Sendable {
  /// What to register and accept from.
  public let descriptor: Descriptor
  /// Where it listens, with the port that the kernel chose.
  public let address: ListenAddress
  /// Device and inode of the unix socket's file, so that only our own file is removed.
  private var socketFile: FileIdentity?

  /// Creates a description of a socket that listens.
  public init(descriptor: Descriptor, address: ListenAddress) {
    self.init(descriptor: descriptor, address: address, socketFile: nil)
  }

  private init(descriptor: Descriptor, address: ListenAddress, socketFile: FileIdentity?) {
    self.descriptor = descriptor
    self.address = address
    self.socketFile = socketFile
  }

  /// Connections that wait to be accepted; the kernel lowers it to net.core.somaxconn.
  private static let backlog: Int32 = 65_535

  /// Binds and listens, on each address that a host's name stands for; what is accepted inherits TCP_NODELAY and
  /// keep-alive (a dead peer is noticed after 7 minutes).
  public static func open(_ address: ListenAddress) throws(ListenError) -> [Listener] {
    switch address {
    case .tcp(let host, let port): try openTCP(host: host, port: port)
    case .unix(let path): [try openUnix(path: path)]
    }
  }

  /// Stops listening and removes the unix socket's file if it is still the one made here.
  public func close() {
    if case .unix(let path) = address, let socketFile, FileIdentity(path: path) == socketFile { unlink(path) }
    descriptor.close()
  }

  // MARK: - TCP

  private static func openTCP(host: String, port: UInt16) throws(ListenError) -> [Listener] {
    let shown = ListenAddress.tcp(host: host, port: port)
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE
    var resolved: UnsafeMutablePointer<addrinfo>?
    let failure = getaddrinfo(host, String(port), &hints, &resolved)
    guard failure == 0 else { throw ListenError(shown, String(cString: gai_strerror(failure))) }
    defer { freeaddrinfo(resolved) }
    var listeners: [Listener] = []
    var next = resolved
    while let found = next {
      next = found.pointee.ai_next
      do throws(SystemCallError) {
        // A free port that the kernel chose for the first address is asked for on the others.
        let chosen = listeners.first.map { boundPort(of: $0.descriptor) } ?? port
        let socket = try listenTCP(found.pointee, port: chosen)
        listeners.append(Listener(descriptor: socket, address: .tcp(host: host, port: boundPort(of: socket))))
      } catch {
        // A name may stand for addresses of a family that this machine does not have.
        if !listeners.isEmpty, error.number == EAFNOSUPPORT || error.number == EADDRNOTAVAIL { continue }
        for listener in listeners { listener.close() }
        throw ListenError(shown, error.reason)
      }
    }
    return listeners
  }

  private static func listenTCP(_ found: addrinfo, port: UInt16) throws(SystemCallError) -> Descriptor {
    let socket = try makeSocket(found.ai_family)
    do throws(SystemCallError) {
      try configureTCP(socket, family: found.ai_family)
      // The port lies at the same place in both families' addresses.
      UnsafeMutableRawPointer(found.ai_addr).storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
      try check("bind") { bind(socket.rawValue, found.ai_addr, found.ai_addrlen) }
      try check("listen") { listen(socket.rawValue, backlog) }
      return socket
    } catch {
      socket.close()
      throw error
    }
  }

  private static func configureTCP(_ socket: Descriptor, family: Int32) throws(SystemCallError) {
    try set(socket, SOL_SOCKET, SO_REUSEADDR, 1)
    if family == AF_INET6 { try set(socket, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
    let tcp = Int32(IPPROTO_TCP)
    try set(socket, tcp, TCP_NODELAY, 1)
    try set(socket, SOL_SOCKET, SO_KEEPALIVE, 1)
    try set(socket, tcp, TCP_KEEPIDLE, 300)
    try set(socket, tcp, TCP_KEEPINTVL, 40)
    try set(socket, tcp, TCP_KEEPCNT, 3)
  }

  private static func boundPort(of socket: Descriptor) -> UInt16 {
    var storage = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        _ = mustSucceed("getsockname") {
          getsockname(socket.rawValue, address, &length)
        }
      }
    }
    return UInt16(bigEndian: storage.sin6_port)  // at the same offset as sin_port
  }

  // MARK: - Unix

  private static func openUnix(path: String) throws(ListenError) -> Listener {
    let shown = ListenAddress.unix(path: path)
    guard let address = sockaddr_un(path: path) else {
      throw ListenError(shown, "a socket's path has at most 107 bytes, none of them NUL")
    }
    let socket: Descriptor
    do { socket = try makeSocket(AF_UNIX) } catch { throw ListenError(shown, error.reason) }
    if isDeadSocket(path, address) { unlink(path) }
    do {
      try address.give(to: socket)
      try check("listen") { listen(socket.rawValue, backlog) }
    } catch {
      socket.close()
      let reason = error.number == EADDRINUSE ? "a server answers there, or it is not a socket" : error.reason
      throw ListenError(shown, reason)
    }
    return Listener(descriptor: socket, address: shown, socketFile: FileIdentity(path: path))
  }

  /// Whether the file is a socket on which nobody listens: connecting to it is refused.
  private static func isDeadSocket(_ path: String, _ address: sockaddr_un) -> Bool {
    guard let file = FileIdentity(path: path), file.isSocket, let probe = try? makeSocket(AF_UNIX) else { return false }
    defer { probe.close() }
    let result = address.with { pointer, length in retryingInterrupts { connect(probe.rawValue, pointer, length) } }
    return result != 0 && errno == ECONNREFUSED
  }

  // MARK: - Shared

  private static func makeSocket(_ family: Int32) throws(SystemCallError) -> Descriptor {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    return Descriptor(rawValue: try check("socket") { socket(family, type, 0) })
  }

  private static func set(
    _ socket: Descriptor, _ level: Int32, _ option: Int32, _ value: Int32
  ) throws(SystemCallError) {
    var value = value
    try check("setsockopt") {
      setsockopt(socket.rawValue, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
  }
}

/// Which file a path names: device and inode (stat(2)).
private struct FileIdentity: Equatable, Sendable {
  let device: dev_t
  let inode: ino_t
  let isSocket: Bool

  init?(path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    device = status.st_dev
    inode = status.st_ino
    isSocket = status.st_mode & S_IFMT == S_IFSOCK
  }
}

extension sockaddr_un {
  /// The address of a path of at most 107 bytes; nil if it is longer.
  fileprivate init?(path: String) {
    self.init()
    sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: sun_path), !bytes.contains(0) else { return nil }
    withUnsafeMutableBytes(of: &sun_path) { $0.copyBytes(from: bytes) }
  }

  /// Names `socket` by this address: bind(2).
  fileprivate func give(to socket: Descriptor) throws(SystemCallError) {
    try check("bind") { with { bind(socket.rawValue, $0, $1) } }
  }

  /// Lends the address in the form that bind(2) and connect(2) take.
  fileprivate func with(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var copy = self
    return withUnsafeMutablePointer(to: &copy) { pointer in
      let generic = UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self)
      return body(generic, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
}
