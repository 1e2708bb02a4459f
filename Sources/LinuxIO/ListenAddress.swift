/// Where to listen: an IP host and port, or the path of a unix socket.
public enum ListenAddress: Equatable, Sendable, CustomStringConvertible {
  /// A host name or literal address (without brackets), and a port; port 0 lets the kernel choose.
  case tcp(host: String, port: UInt16)
  /// A unix socket at this path.
  case unix(path: String)

  /// Reads `HOST:PORT`, `[IPv6]:PORT` or `unix:PATH`; nil if it is none of these.
  public init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst("unix:".count))
      guard !path.isEmpty else { return nil }
      self = .unix(path: path)
      return
    }
    guard let colon = text.lastIndex(of: ":") else { return nil }
    var host = text[..<colon]
    let digits = text[text.index(after: colon)...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let port = UInt16(digits) else {
      return nil
    }
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else { return nil }
    self = .tcp(host: String(host), port: port)
  }

  /// Whether only this machine can connect: a unix socket, `localhost`, 127.0.0.0/8 or ::1.
  public var isLocal: Bool {
    switch self {
    case .tcp(let host, _): host == "localhost" || host == "::1" || Self.isLoopback(host)
    case .unix: true
    }
  }

  /// Whether a host is an address of 127.0.0.0/8, and not a name that begins like one.
  private static func isLoopback(_ host: String) -> Bool {
    host.hasPrefix("127.") && host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }
  }

  /// The address as it is written in a flag.
  public var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }
}
