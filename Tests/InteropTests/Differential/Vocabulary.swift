// What the random streams say: for each command templates of its arguments, and options of which some are put behind
// them.

/// A command, and how requests for it are made.
struct Phrase {
  let verb: String
  /// How often it stands among the others.
  let weight: Int
  /// Its arguments, one of these at a time: tokens of `WordGenerator.word`, `k+` for one key or several, `kv+` for
  /// pairs.
  let arguments: [String]
  /// What may stand behind them, in any number and order.
  let options: [String]

  init(_ verb: String, _ weight: Int, _ arguments: String..., options: [String] = []) {
    self.verb = verb
    self.weight = weight
    self.arguments = arguments
    self.options = options
  }

  func words(_ generator: inout WordGenerator) -> Words {
    var request: Words = [generator.word(Substring(verb))]
    for token in generator.pick(arguments).split(separator: " ") {
      switch token {
      case "k+": for _ in 0...generator.number(0...3) { request.append(generator.word("k")) }
      case "kv+":
        for _ in 0...generator.number(0...2) { request += [generator.word("k"), generator.word("v")] }
      default: request.append(generator.word(token))
      }
    }
    if !options.isEmpty {
      for _ in 0..<generator.pick([0, 0, 1, 1, 1, 2, 2, 3]) {
        request += generator.pick(options).split(separator: " ").map { generator.word($0) }
      }
    }
    if generator.once(in: 9) { Self.spoil(&request, &generator) }
    return request
  }

  /// Makes something wrong with a request, most likely.
  private static func spoil(_ request: inout Words, _ generator: inout WordGenerator) {
    switch generator.number(0...3) {
    case 0 where request.count > 1: request.removeLast()
    case 1 where !Vocabulary.containers.contains(Step.verb(of: request)): request.append(generator.edge())
    case _ where request.count > 1: request[generator.number(1...request.count - 1)] = generator.edge()
    default: request[0].append(UInt8(ascii: "x"))
    }
    // A long name is a documented difference, and with it the version that HELLO would have switched to.
    if Step.verb(of: request) == "HELLO" { request = request.map { Array($0.prefix(100)) } }
  }
}

enum Vocabulary {
  /// Commands of several: see `Differences.avoided` for why they are not given more arguments than they take.
  static let containers: Set = [
    "CLIENT", "COMMAND", "CONFIG", "FUNCTION", "LATENCY", "MEMORY", "OBJECT", "PUBSUB", "SCRIPT", "SLOWLOG",
  ]

  /// Commands that the streams leave out: some that Redis 7.0 has not, some that other tests use, and those that write
  /// to a disk that neither server has here.
  static let leftOut: Set = [
    "PUT", "DELETE", "LIST", "COUNT", "HELP", "DELIFEQ",
    "SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "QUIT", "EVAL", "EVALSHA", "WAIT", "INFO", "LOLWUT",
    "DEBUG", "SHUTDOWN", "SAVE", "BGSAVE", "BGREWRITEAOF",
  ]

  private static let times = ["EX s", "PX ms", "EXAT S", "PXAT MS"]
  private static let conditions = ["NX", "XX", "GT", "LT"]

  static let strings: [Phrase] = [
    Phrase("SET", 30, "k v", options: times + ["NX", "XX", "GET", "KEEPTTL", "EX -S", "PXAT -S", "edge"]),
    Phrase("GET", 12, "k"),
    Phrase("SETNX", 3, "k v"),
    Phrase("SETEX", 3, "k s v", "k -S v"),
    Phrase("PSETEX", 3, "k ms v", "k -S v"),
    Phrase("GETSET", 3, "k v"),
    Phrase("GETDEL", 3, "k"),
    Phrase("GETEX", 6, "k", options: times + ["PERSIST", "EX -S", "edge"]),
    Phrase("MGET", 3, "k+"),
    Phrase("MSET", 4, "kv+", "kv+ k"),
    Phrase("MSETNX", 3, "kv+", "kv+ k"),
    Phrase("APPEND", 5, "k v"),
    Phrase("STRLEN", 3, "k"),
    Phrase("GETRANGE", 8, "k r r"),
    Phrase("SUBSTR", 3, "k r r"),
    Phrase("SETRANGE", 6, "k off v", "k r v"),
    Phrase("INCR", 5, "counter", "k"),
    Phrase("DECR", 4, "counter", "k"),
    Phrase("INCRBY", 6, "counter n", "k n"),
    Phrase("DECRBY", 6, "counter n", "k n"),
    Phrase("INCRBYFLOAT", 12, "float f", "float f", "k f"),
    Phrase("LCS", 6, "k k", options: ["LEN", "IDX", "MINMATCHLEN n", "WITHMATCHLEN", "edge"]),
  ]

  static let bits: [Phrase] = [
    Phrase("SETBIT", 8, "bits boff bit", "k boff bit"),
    Phrase("GETBIT", 5, "bits boff", "k boff", "k edge"),
    Phrase("BITCOUNT", 7, "k", "bits", "k r r", "bits r r BIT", "bits r r BYTE", "k r", "k r r edge"),
    Phrase("BITPOS", 9, "k bit", "bits bit r", "bits bit r r", "bits bit r r BIT", "k bit r r BYTE", "k bit r r edge"),
    Phrase("BITOP", 7, "AND k k+", "OR bits k+", "XOR k k+", "NOT k k", "NOT k k+", "edge k k+"),
  ]

  static let keys: [Phrase] = [
    Phrase("DEL", 3, "k", "k+"),
    Phrase("UNLINK", 2, "k+"),
    Phrase("EXISTS", 3, "k+"),
    Phrase("TYPE", 2, "k"),
    Phrase("TOUCH", 2, "k+"),
    Phrase("EXPIRE", 7, "k s", "k -S", "k edge", options: conditions),
    Phrase("PEXPIRE", 6, "k ms", "k -S", options: conditions + ["edge"]),
    Phrase("EXPIREAT", 7, "k S", options: conditions),
    Phrase("PEXPIREAT", 7, "k MS", options: conditions),
    Phrase("TTL", 3, "k"),
    Phrase("PTTL", 3, "k"),
    Phrase("EXPIRETIME", 4, "k"),
    Phrase("PEXPIRETIME", 4, "k"),
    Phrase("PERSIST", 4, "k"),
    Phrase("RENAME", 5, "k k"),
    Phrase("RENAMENX", 4, "k k"),
    Phrase("COPY", 6, "k k", options: ["REPLACE", "DB bit", "edge"]),
    Phrase("RANDOMKEY", 1, ""),
    Phrase("KEYS", 4, "pat"),
    Phrase("SCAN", 5, "0", "0", "edge", options: ["MATCH pat", "TYPE string", "TYPE list", "COUNT edge", "edge"]),
    Phrase("DBSIZE", 1, ""),
    Phrase("FLUSHDB", 1, "", "ASYNC", "SYNC", "edge"),
    Phrase("FLUSHALL", 1, "", "ASYNC", "SYNC", "edge", "SYNC ASYNC"),
    Phrase("DUMP", 4, "k"),
    Phrase("RESTORE", 3, "k 0 v", "k edge v", options: ["REPLACE", "ABSTTL", "IDLETIME n", "FREQ n", "edge"]),
    Phrase(
      "OBJECT", 5, "ENCODING k", "REFCOUNT k", "IDLETIME k", "FREQ k", "edge k", "ENCODING", "ENCODING k k", "edge"),
    Phrase("MEMORY", 3, "USAGE k", "USAGE k SAMPLES n", "USAGE k SAMPLES", "USAGE", "edge"),
  ]

  static let transactions: [Phrase] = [
    Phrase("MULTI", 16, "", "", "", "", "", "", "edge"),
    Phrase("EXEC", 20, "", "", "", "", "", "", "edge"),
    Phrase("DISCARD", 3, "", "", "", "edge"),
    Phrase("WATCH", 10, "k+"),
    Phrase("UNWATCH", 2, ""),
  ]

  static let connections: [Phrase] = [
    Phrase("PING", 2, "", "v", "v v"),
    Phrase("ECHO", 2, "v"),
    Phrase(
      "HELLO", 5, "", "2", "3", "3", "edge", "4", "3 SETNAME name", "2 AUTH default v", "3 AUTH v v", "3 SETNAME",
      "3 edge", "2 AUTH default v SETNAME name"),
    Phrase("AUTH", 2, "v", "default v", "v v", "v v v"),
    Phrase("SELECT", 2, "0", "1", "edge"),
    Phrase("RESET", 1, ""),
    Phrase(
      "CLIENT", 9, "ID", "INFO", "LIST", "LIST TYPE normal", "LIST TYPE edge", "LIST ID edge", "LIST edge", "GETNAME",
      "SETNAME name", "NO-EVICT ON", "NO-EVICT OFF", "NO-EVICT edge", "REPLY ON", "REPLY edge", "UNPAUSE",
      "PAUSE 0 edge", "KILL edge", "KILL ID edge", "KILL TYPE edge", "KILL ADDR 1.2.3.4:5", "KILL USER edge", "edge",
      "KILL ADDR 1.2.3.4:5 SKIPME edge", "KILL LADDR 1.2.3.4:5 SKIPME yes", "", "ID edge", "GETNAME edge"),
    Phrase("PUBLISH", 2, "chan v"),
    Phrase(
      "PUBSUB", 4, "CHANNELS", "CHANNELS pat", "NUMSUB", "NUMSUB chan chan", "NUMPAT", "NUMPAT edge", "edge",
      "SHARDCHANNELS", "SHARDNUMSUB", "SHARDNUMSUB chan", ""),
  ]

  static let server: [Phrase] = [
    Phrase("TIME", 1, ""),
    Phrase("LASTSAVE", 1, ""),
    Phrase("ROLE", 1, ""),
    Phrase("COMMAND", 3, "COUNT", "GETKEYS SET k v", "GETKEYS MSET kv+", "GETKEYS PING", "GETKEYS edge", "edge"),
    Phrase("CONFIG", 2, "GET edge", "SET edge v", "RESETSTAT", "edge", "GET", "SET v"),
    Phrase("SLOWLOG", 2, "LEN", "RESET", "GET edge", "edge"),
    Phrase("LATENCY", 1, "LATEST", "RESET", "HISTORY edge", "edge"),
    Phrase("SCRIPT", 1, "FLUSH", "FLUSH SYNC", "FLUSH ASYNC", "FLUSH edge"),
    Phrase("FUNCTION", 1, "FLUSH", "FLUSH SYNC", "FLUSH ASYNC", "FLUSH edge"),
    Phrase("NOSUCH", 2, "", "v", "edge edge edge edge", "v v v v v v v v"),
  ]

  static let all = strings + bits + keys + transactions + connections + server
}
