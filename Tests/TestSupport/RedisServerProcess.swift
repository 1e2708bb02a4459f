// Debian's redis-server in a process of its own: on a free port, in a temporary folder, keeping nothing.

import Glibc

/// A running `redis-server`.
public final class RedisServerProcess {
  /// Its process number.
  public private(set) var pid: pid_t = 0
  /// The TCP port that it listens on.
  public private(set) var port: UInt16 = 0
  private let folder: TemporaryFolder

  /// Starts a server with these flags beside its own, and waits until it is ready.
  public init(_ flags: [String] = []) throws {
    folder = try TemporaryFolder()
    // Between the choice of a port and its use someone else may take it.
    for _ in 0..<5 where port == 0 { try start(flags, on: freePort()) }
    if port == 0 { throw TestFailure("redis-server is not ready; its log: \(readFile(folder.path + "/log"))") }
  }

  deinit {
    if port != 0 { end() }
  }

  private func start(_ flags: [String], on candidate: UInt16) throws {
    let own = [
      "--port", "\(candidate)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder.path,
      "--enable-debug-command", "yes",
    ]
    pid = try spawn(["redis-server"] + own + flags, output: folder.path + "/log", errors: folder.path + "/err")
    let deadline = now() + 20
    while now() < deadline {
      if readFile(folder.path + "/log").contains("Ready to accept connections") {
        port = candidate
        return
      }
      if exitStatus(of: pid) != nil { return }
      usleep(5_000)
    }
    end()
  }

  private func end() {
    kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
  }
}

/// A TCP port of this machine that nothing listens on.
public func freePort() throws -> UInt16 {
  let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  defer { close(socket) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(127 << 24 | 1).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let result = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
      bind(socket, pointer, length) == 0 ? getsockname(socket, pointer, &length) : -1
    }
  }
  guard result == 0 else { throw TestFailure("no free port: \(String(cString: strerror(errno)))") }
  return UInt16(bigEndian: address.sin_port)
}
