// The places where Swiftlet's replies differ from those of Redis 7.0 on purpose, each with its reason. Whatever is not
// listed here has to be the same to the byte.

import Glibc
import TestSupport

/// A documented difference.
struct Difference: Sendable {
  /// What differs.
  let what: String
  /// Why it does.
  let reason: String
  /// Whether these replies to a request differ in that way: Redis's, then Swiftlet's.
  let covers: @Sendable (Words, RESPValue, RESPValue) -> Bool

  init(
    _ what: String, because reason: String, covers: @escaping @Sendable (Words, RESPValue, RESPValue) -> Bool
  ) {
    self.what = what
    self.reason = reason
    self.covers = covers
  }
}

enum Differences {
  /// Differences of single replies.
  static let all: [Difference] = [
    Difference(
      "An error shows at most 128 bytes of a word that was sent.",
      because: "Whoever sends megabytes in the wrong place shall not get megabytes back."
    ) { request, redis, swiftlet in
      guard case .error(let theirs) = redis, case .error(let ours) = swiftlet else { return false }
      let common = zip(theirs, ours).prefix { $0 == $1 }.count
      return theirs.count > ours.count && common >= 128 && request.contains { $0.count > 128 }
    },
    Difference(
      "A line end at the end of an error is shown as a space.",
      because: "Elsewhere in an error it is shown as a space too; Redis cuts the last one off."
    ) { _, redis, swiftlet in
      guard case .error(let theirs) = redis, case .error(let ours) = swiftlet else { return false }
      return ours.starts(with: theirs) && ours.dropFirst(theirs.count).allSatisfy { $0 == UInt8(ascii: " ") }
    },
    Difference(
      "An empty key matches a pattern of several stars.",
      because: "A star stands for any bytes or none, so that several mean what one does; in Redis they do not here."
    ) { request, redis, swiftlet in
      guard ["KEYS", "SCAN"].contains(Step.verb(of: request)), request.contains(Array("**".utf8)) else { return false }
      return Comparison.sorted(keys(swiftlet).filter { $0 != .bulk([]) }) == Comparison.sorted(keys(redis))
    },
    Difference(
      "OBJECT IDLETIME is refused.", because: "No time of a key's last use is kept: it would cost bytes for each key."
    ) { request, redis, swiftlet in
      isRequest(request, "OBJECT", "IDLETIME") && redis.integer != nil && swiftlet.isError
    },
    Difference(
      "OBJECT ENCODING tells int, embstr or raw by the value alone.",
      because: "There is one encoding, and a value does not remember by which command it was made."
    ) { request, redis, swiftlet in
      isRequest(request, "OBJECT", "ENCODING") && isEncoding(redis) && isEncoding(swiftlet)
    },
    Difference(
      "OBJECT REFCOUNT is 1 where Redis tells how often it refers to a value.",
      because: "Values are not shared."
    ) { request, redis, swiftlet in
      isRequest(request, "OBJECT", "REFCOUNT") && redis.integer != nil && swiftlet.integer != nil
    },
    Difference(
      "A connection's name has at most 128 bytes.", because: "It is kept for as long as the client likes."
    ) { request, redis, swiftlet in
      ["HELLO", "CLIENT"].contains(Step.verb(of: request)) && request.contains { $0.count > 128 } && !redis.isError
        && swiftlet.text?.hasPrefix("ERR Client names cannot contain") == true
    },
    Difference(
      "A moment of expiry after the year 10889 is that year's.", because: "A key's deadline is kept in 48 bits."
    ) { request, redis, swiftlet in
      guard let theirs = redis.integer, let ours = swiftlet.integer, theirs > ours else { return false }
      let latest: Int64 = (1 << 48) - 64
      let untilThen = latest - wallMilliseconds()
      return switch Step.verb(of: request) {
      case "PEXPIRETIME": ours == latest
      case "EXPIRETIME": ours == (latest + 500) / 1_000
      case "PTTL": abs(ours - untilThen) < 10_000
      case "TTL": abs(ours - untilThen / 1_000) < 10
      default: false
      }
    },
    Difference(
      "MEMORY USAGE knows no key that has expired.",
      because: "An expired key is never visible; Redis shows one that was stored with a moment in the past."
    ) { request, redis, swiftlet in
      isRequest(request, "MEMORY", "USAGE") && redis.integer != nil && [.nullBulk, .null].contains(swiftlet)
    },
    Difference(
      "HELP of a command lists other lines.", because: "They derive from the table of commands."
    ) { request, redis, swiftlet in
      request.count == 2 && request[1].text.uppercased() == "HELP" && redis.elements != nil && swiftlet.elements != nil
    },
  ]

  /// Differences that the streams avoid, as all that follows differs with them.
  static let avoided: [(what: String, reason: String)] = [
    (
      "A subcommand with too many arguments is refused for their number, and not queued within MULTI.",
      "Their number follows from the table of commands; Redis finds out about some of them only as it executes them."
    ),
    (
      "CLIENT REPLY ON within a transaction that was begun while replies were off shows nothing of that transaction.",
      "Redis shows the replies from then on without the list that they are elements of."
    ),
  ]

  /// Inputs of the wire whose answers differ.
  static let ofTheWire: [(input: String, what: String)] = [
    ("*1048577\r\n", "A request of more words than --max-arguments allows is refused when it is announced."),
    ("*1\r\n$4\r\nPINGxx", "The bytes behind a bulk string have to be CRLF; Redis skips two bytes whatever they are."),
  ]

  /// Whether what two replies differ in is listed.
  static func cover(_ request: Words, _ redis: RESPValue, _ swiftlet: RESPValue) -> Bool {
    all.contains { $0.covers(request, redis, swiftlet) }
  }

  private static func isRequest(_ request: Words, _ verb: String, _ subcommand: String) -> Bool {
    Step.verb(of: request) == verb && request.count > 1 && request[1].text.uppercased() == subcommand
  }

  /// Milliseconds since 1970-01-01 UTC.
  private static func wallMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }

  private static func isEncoding(_ reply: RESPValue) -> Bool {
    ["int", "embstr", "raw"].contains(reply.text)
  }

  /// The keys in a reply to KEYS or SCAN.
  private static func keys(_ reply: RESPValue) -> [RESPValue] {
    guard let elements = reply.elements else { return [] }
    if elements.count == 2, let keys = elements[1].elements { return keys }
    return elements
  }
}

extension [UInt8] {
  fileprivate var text: String { String(decoding: self, as: UTF8.self) }
}
