// Whether two replies to one request say the same. Most have to be the same bytes; what Redis leaves open (an order, a
// moment, a number of the server's own) is looked at as far as it is laid down.

import TestSupport

enum Comparison {
  /// Seconds by which the two servers' clocks may be read apart.
  private static let toleranceSeconds: Int64 = 3

  /// Whether the replies agree; `queued` are the requests that an EXEC has carried out.
  static func agree(_ request: Words, _ redis: [UInt8], _ swiftlet: [UInt8], queued: [Words]) throws -> Bool {
    if redis == swiftlet { return true }
    let (redis, swiftlet) = (try RESPValue(whole: redis), try RESPValue(whole: swiftlet))
    guard Step.verb(of: request) == "EXEC", let ours = swiftlet.elements, let theirs = redis.elements,
      ours.count == theirs.count, ours.count == queued.count
    else { return agree(request, redis, swiftlet) }
    return zip(queued, zip(theirs, ours)).allSatisfy { agree($0, $1.0, $1.1) }
  }

  /// Whether the replies to one request agree.
  static func agree(_ request: Words, _ redis: RESPValue, _ swiftlet: RESPValue) -> Bool {
    if redis == swiftlet { return true }
    if redis.isError != swiftlet.isError { return Differences.cover(request, redis, swiftlet) }
    let hasSameShape = !redis.isError && shape(redis) == shape(swiftlet)
    let agrees =
      switch Step.verb(of: request) {
      case "TTL", "EXPIRETIME": areNear(redis, swiftlet, toleranceSeconds)
      case "PTTL", "PEXPIRETIME": areNear(redis, swiftlet, toleranceSeconds * 1_000)
      case "KEYS": sorted(redis) == sorted(swiftlet)
      case "SCAN": scansAgree(request, redis, swiftlet)
      case "HELLO": greetingsAgree(redis, swiftlet)
      case "RANDOMKEY", "TIME", "LASTSAVE", "INFO", "LOLWUT": hasSameShape
      case "CLIENT": isOne(of: ["ID", "INFO", "LIST"], request) && hasSameShape
      case "OBJECT": isOne(of: ["IDLETIME", "FREQ"], request) && hasSameShape
      case "MEMORY": isOne(of: ["USAGE", "DOCTOR", "MALLOC-STATS", "STATS"], request) && hasSameShape
      case "COMMAND": commandsAgree(request, redis, swiftlet)
      case "SLOWLOG": isOne(of: ["GET", "LEN"], request) && !redis.isError
      case "PUBSUB": isOne(of: ["CHANNELS"], request) && sorted(redis) == sorted(swiftlet)
      default: false
      }
    return agrees || Differences.cover(request, redis, swiftlet)
  }

  private static func isOne(of names: Set<String>, _ request: Words) -> Bool {
    request.count > 1 && names.contains(String(decoding: request[1], as: UTF8.self).uppercased())
  }

  /// What kind of reply it is.
  static func shape(_ value: RESPValue) -> String {
    switch value {
    case .status(let text): "+\(String(decoding: text, as: UTF8.self))"
    case .error(let text): "-\(String(decoding: text, as: UTF8.self).prefix { $0 != " " })"
    case .integer: ":"
    case .bulk: "$"
    case .nullBulk: "$-1"
    case .nullArray: "*-1"
    case .null: "_"
    case .array(let elements): "*\(elements.count)"
    case .map(let elements): "%\(elements.count / 2)"
    case .set(let elements): "~\(elements.count)"
    case .push(let elements): ">\(elements.count)"
    case .other(let kind, _): String(UnicodeScalar(kind))
    }
  }

  private static func areNear(_ redis: RESPValue, _ swiftlet: RESPValue, _ tolerance: Int64) -> Bool {
    guard let theirs = redis.integer, let ours = swiftlet.integer, theirs >= 0, ours >= 0 else { return false }
    return max(theirs, ours) - min(theirs, ours) <= tolerance
  }

  private static func sorted(_ value: RESPValue) -> [String]? { value.elements.map(sorted) }

  /// Replies in an order that depends on nothing but them.
  static func sorted(_ values: [RESPValue]) -> [String] { values.map { "\($0)" }.sorted() }

  /// How many commands there are is each server's own.
  private static func commandsAgree(_ request: Words, _ redis: RESPValue, _ swiftlet: RESPValue) -> Bool {
    guard request.count == 1 || isOne(of: ["COUNT", "LIST"], request) else { return false }
    return shape(redis).first == shape(swiftlet).first
  }

  /// Scans from the beginning agree in what they find, as there are few keys; others in that they are answered.
  private static func scansAgree(_ request: Words, _ redis: RESPValue, _ swiftlet: RESPValue) -> Bool {
    guard let theirs = redis.elements, let ours = swiftlet.elements, ours.count == 2, theirs.count == 2 else {
      return false
    }
    guard request.count > 1, request[1] == Array("0".utf8), theirs[0] == .bulk([48]), ours[0] == .bulk([48]) else {
      return shape(theirs[0]) == shape(ours[0]) && theirs[1].elements != nil && ours[1].elements != nil
    }
    return sorted(theirs[1]) == sorted(ours[1])
  }

  /// HELLO's replies agree in all but the connection's number and the version.
  private static func greetingsAgree(_ redis: RESPValue, _ swiftlet: RESPValue) -> Bool {
    guard shape(redis) == shape(swiftlet), var theirs = redis.elements, let ours = swiftlet.elements,
      ours.count == theirs.count
    else { return false }
    for index in stride(from: 0, to: theirs.count - 1, by: 2) where ["id", "version"].contains(theirs[index].text) {
      guard shape(theirs[index + 1]) == shape(ours[index + 1]) else { return false }
      theirs[index + 1] = ours[index + 1]
    }
    return theirs == ours
  }
}
