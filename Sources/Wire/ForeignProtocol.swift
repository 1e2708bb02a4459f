// Protocols that reach the port by mistake or by malice, recognised by how they open.

import Bytes

/// A protocol that is turned away, because nobody who speaks it means to speak to this server.
public enum Refusal: Equatable, Sendable {
  /// A browser, or something that makes one send requests.
  case http
  /// A TLS client hello.
  case tls
  /// The Redis protocol, where only lines are spoken.
  case resp
}

/// Recognises what is not meant for this server.
enum ForeignProtocol {
  /// Whether the bytes from `position` on begin a TLS record: type 22 (handshake), then version 3.x (RFC 8446, 5.1).
  static func isTLS(_ input: Span<UInt8>, _ position: Int) -> Bool {
    position + 1 < input.count && input[position] == 0x16 && input[position + 1] == 0x03
  }

  /// Whether a line that begins with no space is one of an HTTP request: its first, `GET / HTTP/1.1`, which only opens
  /// a connection, or its `Host:` header.
  static func isHTTP(_ input: Span<UInt8>, _ line: Range<Int>, isOpening: Bool) -> Bool {
    let byte = input[line.lowerBound]
    if byte == UInt8(ascii: "h") || byte == UInt8(ascii: "H"), startsFolded(input, line, with: "HOST:") { return true }
    guard isOpening else { return false }
    let version: StaticString = " HTTP/1."
    var end = line.upperBound
    while end > line.lowerBound, LineByte.isSpace(input[end - 1]) { end -= 1 }
    let start = end - version.utf8CodeUnitCount - 1
    guard start >= line.lowerBound, LineByte.isDigit(input[end - 1]) else { return false }
    return startsFolded(input, start..<end, with: version)
  }

  private static func startsFolded(_ input: Span<UInt8>, _ range: Range<Int>, with literal: StaticString) -> Bool {
    guard range.count >= literal.utf8CodeUnitCount else { return false }
    for index in 0..<literal.utf8CodeUnitCount
    where ASCII.uppercased(input[range.lowerBound + index]) != literal.byte(index) {
      return false
    }
    return true
  }
}
