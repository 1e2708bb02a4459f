// The catalogue of bad inputs: what one client sends, by name, and what exactly has to come of it. Each input is sent
// whole and then byte by byte, to one server after the other inputs of its kind, while another client goes on working.

import TestSupport

/// Something that no well-meaning client sends, and its outcome.
struct BadInput: Sendable {
  /// How the connection goes on behind the reply.
  enum Ending: Sendable {
    /// It lives, and answers the next request.
    case lives
    /// The server closes it.
    case closes
    /// It lives, and the server waits for the rest of a request, until the client says that nothing more will come.
    case waits
  }

  let name: String
  let input: Sent
  /// All that the server answers.
  let reply: Sent
  let ending: Ending
  /// How many keys there are afterwards, where there was none.
  var keys = 0
  /// What the server's memory may grow by meanwhile, at its greatest.
  var memoryBytesMax = 6 << 20
  /// Whether Redis knows the dialect, and has to answer the same.
  var isForRedis = false
  /// Why Redis answers something else, if it does.
  var unlikeRedis: String?

  /// An input to a connection that speaks lines.
  static func lines(
    _ name: String, _ input: Sent, _ reply: Sent, _ ending: Ending = .lives, keys: Int = 0,
    memoryBytesMax: Int = 6 << 20
  ) -> BadInput {
    BadInput(name: name, input: input, reply: reply, ending: ending, keys: keys, memoryBytesMax: memoryBytesMax)
  }

  /// An input to a connection that speaks RESP.
  static func resp(
    _ name: String, _ input: Sent, _ reply: Sent, _ ending: Ending = .lives, keys: Int = 0,
    memoryBytesMax: Int = 6 << 20, unlikeRedis: String? = nil
  ) -> BadInput {
    BadInput(
      name: name, input: input, reply: reply, ending: ending, keys: keys, memoryBytesMax: memoryBytesMax,
      isForRedis: true, unlikeRedis: unlikeRedis)
  }

  /// A protocol error of RESP: the sentence, and the end.
  static func fault(_ name: String, _ input: Sent, _ sentence: Sent, unlikeRedis: String? = nil) -> BadInput {
    let reply = "-ERR Protocol error: " + sentence + "\r\n"
    return resp(name, input, reply, .closes, unlikeRedis: unlikeRedis)
  }

  /// Requests in RESP, their words parted by spaces, with arguments that make no sense.
  static func requests(
    _ name: String, _ requests: [String], _ reply: Sent, keys: Int = 0, unlikeRedis: String? = nil
  ) -> BadInput {
    resp(name, .requests(requests), reply, keys: keys, unlikeRedis: unlikeRedis)
  }

  /// A request that is sent behind the input, to see whether the connection lives, and its reply.
  var probe: (request: Sent, reply: Sent) {
    isForRedis ? (.requests(["ECHO alive"]), "$5\r\nalive\r\n") : ("ECHO alive\n", "VALUE alive\n")
  }

  /// All that comes until the end of the stream, the probe's reply included.
  var wholeReply: [UInt8] { ending == .lives ? reply.bytes + probe.reply.bytes : reply.bytes }
}

/// Bytes, written as text where they are text.
struct Sent: ExpressibleByStringInterpolation, Sendable {
  var bytes: [UInt8]

  init(stringLiteral text: String) { bytes = Array(text.utf8) }
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Bytes that need not be text.
  static func raw(_ bytes: UInt8...) -> Sent { Sent(bytes) }

  /// The same text so many times.
  static func repeating(_ text: String, _ count: Int) -> Sent {
    Sent(Array(String(repeating: text, count: count).utf8))
  }

  /// Requests in RESP, their words parted by spaces.
  static func requests(_ requests: [String]) -> Sent {
    Sent(
      requests.flatMap { request in
        RESPClient.encode(request.utf8.split(separator: UInt8(ascii: " ")).map { Array($0) })
      })
  }

  /// A request in RESP.
  static func request(_ words: Sent...) -> Sent { Sent(RESPClient.encode(words.map(\.bytes))) }

  static func + (left: Sent, right: Sent) -> Sent { Sent(left.bytes + right.bytes) }
}
