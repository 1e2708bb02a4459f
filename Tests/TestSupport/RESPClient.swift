// A blocking client that speaks the Redis protocol: requests are lists of words, replies are the bytes as they came.

/// A connection that speaks the Redis protocol.
public final class RESPClient {
  /// The connection below.
  public let client: Client

  /// Connects to a TCP port; waits at most so many seconds for anything.
  public init(port: UInt16, seconds: Int = 20) throws { client = try Client(port: port, seconds: seconds) }

  /// A request as it goes over the wire.
  public static func encode(_ words: [[UInt8]]) -> [UInt8] {
    var bytes = Array("*\(words.count)\r\n".utf8)
    for word in words {
      bytes += Array("$\(word.count)\r\n".utf8)
      bytes += word
      bytes += [13, 10]
    }
    return bytes
  }

  /// Sends requests in one piece.
  public func send(_ requests: [[[UInt8]]]) throws { try client.send(requests.flatMap(Self.encode)) }

  /// The bytes of the next reply, or of the next push.
  public func readReply() throws -> [UInt8] {
    let start = client.consumed
    var end = start
    while try RESPValue.parse(client.received, at: &end) == nil {
      guard try client.receiveMore() else { throw TestFailure("the server closed the connection") }
    }
    let reply = Array(client.received[start..<end])
    client.consumed = end
    if end > 1 << 14 { client.compact() }
    return reply
  }

  /// Sends a request and reads its reply.
  @discardableResult
  public func ask(_ words: [UInt8]...) throws -> RESPValue { try ask(words) }

  /// Sends a request and reads its reply.
  @discardableResult
  public func ask(_ words: [[UInt8]]) throws -> RESPValue {
    try send([words])
    return try RESPValue(whole: readReply())
  }

  /// Sends a request, its words parted by spaces, and reads its reply.
  @discardableResult
  public func ask(_ text: String) throws -> RESPValue {
    try ask(text.split(separator: " ").map { Array($0.utf8) })
  }
}
