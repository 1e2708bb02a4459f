// Requests whose frames are right and whose arguments make no sense: numbers at their edges, moments, offsets,
// patterns.

extension BadInput {
  private static let noInteger: Sent = "-ERR value is not an integer or out of range\r\n"
  private static let noFloat: Sent = "-ERR value is not a valid float\r\n"
  private static let overflow: Sent = "-ERR increment or decrement would overflow\r\n"
  private static let syntax: Sent = "-ERR syntax error\r\n"

  /// An amount that INCRBY does not take.
  private static func amount(_ name: String, _ text: Sent) -> BadInput {
    .resp("an amount that \(name)", .request("INCRBY", "n", text), noInteger)
  }

  static let integers: [BadInput] = [
    amount("is 2⁶³", "9223372036854775808"),
    amount("is below -2⁶³", "-9223372036854775809"),
    amount("has a sign", "+1"),
    amount("has a leading zero", "01"),
    amount("is minus zero", "-0"),
    amount("is empty", ""),
    amount("is a sign", "-"),
    amount("has a space in front", " 1"),
    amount("has a space behind", "1 "),
    amount("has a NUL behind", "1\0"),
    amount("has a line end behind", "1\r\n"),
    amount("has a fraction", "1.0"),
    amount("is hexadecimal", "0x10"),
    amount("has an exponent", "1e3"),
    amount("has a separator", "1_000"),
    amount("is of digits that are not ASCII", "١٢"),
    amount("is of a hundred digits", .repeating("9", 100)),
    .requests("the greatest integer and one", ["SET n 9223372036854775807", "INCR n"], "+OK\r\n" + overflow, keys: 1),
    .requests("the least integer less one", ["SET n -9223372036854775808", "DECR n"], "+OK\r\n" + overflow, keys: 1),
    .requests(
      "the least integer, taken", ["DECRBY n -9223372036854775808"], "-ERR decrement would overflow\r\n"),
    .requests(
      "the least integer from minus one", ["SET n -1", "INCRBY n -9223372036854775808", "GET n"],
      "+OK\r\n" + overflow + "$2\r\n-1\r\n", keys: 1),
    .requests(
      "from one end to the other", ["SET n -9223372036854775808", "INCRBY n 9223372036854775807", "INCRBY n 1"],
      "+OK\r\n:-1\r\n:0\r\n", keys: 1),
    .resp(
      "a value with a space as a number", .request("SET", "n", "1 ") + .request("INCR", "n"), "+OK\r\n" + noInteger,
      keys: 1),
    .resp(
      "an empty value as a number", .request("SET", "n", "") + .request("INCR", "n"), "+OK\r\n" + noInteger, keys: 1),
  ]

  static let floats: [BadInput] = [
    .requests("not a number", ["INCRBYFLOAT n nan"], noFloat),
    .requests("infinity", ["INCRBYFLOAT n inf"], "-ERR increment would produce NaN or Infinity\r\n"),
    .requests("minus infinity", ["INCRBYFLOAT n -Infinity"], "-ERR increment would produce NaN or Infinity\r\n"),
    .requests("a float beyond all", ["INCRBYFLOAT n 1e5000"], noFloat),
    .requests("a float with a tail", ["INCRBYFLOAT n 1.5x"], noFloat),
    .requests("a float without digits", ["INCRBYFLOAT n ."], noFloat),
    .requests("an exponent without digits", ["INCRBYFLOAT n 1e"], noFloat),
    .requests("two signs", ["INCRBYFLOAT n --1"], noFloat),
    .resp("an empty float", .request("INCRBYFLOAT", "n", ""), noFloat),
    .resp("a float behind a space", .request("INCRBYFLOAT", "n", " 1"), noFloat),
    .resp("a float before a space", .request("INCRBYFLOAT", "n", "1 "), noFloat),
    .resp("a float with a NUL", .request("INCRBYFLOAT", "n", "1\0"), noFloat),
    .requests("a hexadecimal float", ["INCRBYFLOAT n 0x1p3"], "$1\r\n8\r\n", keys: 1),
    .requests("minus zero as a float", ["INCRBYFLOAT n -0"], "$1\r\n0\r\n", keys: 1),
    .requests("a float that is nearly nothing", ["INCRBYFLOAT n 1e-4000"], "$1\r\n0\r\n", keys: 1),
    .requests("a tenth and two tenths", ["SET n 0.1", "INCRBYFLOAT n 0.2"], "+OK\r\n$3\r\n0.3\r\n", keys: 1),
    .requests(
      "twice the greatest float", ["SET n 1.1e4932", "INCRBYFLOAT n 1.1e4932"],
      "+OK\r\n-ERR increment would produce NaN or Infinity\r\n", keys: 1),
    .requests("a word as a float", ["SET n word", "INCRBYFLOAT n 1"], "+OK\r\n" + noFloat, keys: 1),
  ]

  private static func expiry(_ command: Sent) -> Sent { "-ERR invalid expire time in '" + command + "' command\r\n" }

  static let moments: [BadInput] = [
    .requests("an expiry of 0 s", ["SET k v EX 0"], expiry("set")),
    .requests("an expiry of -1 s", ["SET k v EX -1"], expiry("set")),
    .requests("an expiry of 2⁶³ - 1 s", ["SET k v EX 9223372036854775807"], expiry("set")),
    .requests("an expiry of 2⁶³ - 1 ms", ["SET k v PX 9223372036854775807"], expiry("set")),
    .requests("an expiry of a word", ["SET k v EX soon"], noInteger),
    .requests("an expiry without its number", ["SET k v EX"], syntax),
    .requests("two expiries", ["SET k v EX 10 PX 10"], syntax),
    .requests("NX and XX", ["SET k v NX XX"], syntax),
    .requests("SETEX of 0 s", ["SETEX k 0 v"], expiry("setex")),
    .requests("PSETEX of -1 ms", ["PSETEX k -1 v"], expiry("psetex")),
    .requests(
      "EXPIRE of 2⁶³ - 1 s", ["SET k v", "EXPIRE k 9223372036854775807"], "+OK\r\n" + expiry("expire"), keys: 1),
    .requests(
      "PEXPIRE of 2⁶³ - 1 ms", ["SET k v", "PEXPIRE k 9223372036854775807"], "+OK\r\n" + expiry("pexpire"), keys: 1),
    .requests("EXPIRE of -2⁶³ s", ["SET k v", "EXPIRE k -9223372036854775808"], "+OK\r\n" + expiry("expire"), keys: 1),
    .requests("EXPIRE of -1 s", ["SET k v", "EXPIRE k -1"], "+OK\r\n:1\r\n"),
    .requests("EXPIREAT of 0", ["SET k v", "EXPIREAT k 0", "GET k"], "+OK\r\n:1\r\n$-1\r\n"),
    .requests("GETEX of 0 s", ["SET k v", "GETEX k EX 0"], "+OK\r\n" + expiry("getex"), keys: 1),
    .requests(
      "EXPIRE with NX and XX", ["SET k v", "EXPIRE k 10 NX XX"],
      "+OK\r\n-ERR NX and XX, GT or LT options at the same time are not compatible\r\n", keys: 1),
  ]

  private static let offset: Sent = "-ERR offset is out of range\r\n"
  private static let tooLong: Sent = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"
  private static let bitOffset: Sent = "-ERR bit offset is not an integer or out of range\r\n"

  static let offsets: [BadInput] = [
    .requests("a part before the beginning", ["SETRANGE k -1 v"], offset),
    .requests("a part beyond half a gigabyte", ["SETRANGE k 536870912 v"], tooLong),
    .requests("a part at 2⁶³ - 1", ["SETRANGE k 9223372036854775807 v"], tooLong),
    .requests("a part at 2⁶³", ["SETRANGE k 9223372036854775808 v"], noInteger),
    .resp("no part beyond everything", .request("SETRANGE", "k", "4294967296", ""), ":0\r\n"),
    .requests(
      "a range of all integers", ["SET k v", "GETRANGE k -9223372036854775808 9223372036854775807"],
      "+OK\r\n$1\r\nv\r\n", keys: 1),
    .requests(
      "a range the wrong way round", ["SET k v", "GETRANGE k 9223372036854775807 -9223372036854775808"],
      "+OK\r\n$0\r\n\r\n", keys: 1),
    .requests("bit 2³²", ["SETBIT k 4294967296 1"], bitOffset),
    .requests("bit -1", ["SETBIT k -1 1"], bitOffset),
    .requests("a bit that is 2", ["SETBIT k 0 2"], "-ERR bit is not an integer or out of range\r\n"),
    .requests("the last bit of nothing", ["GETBIT k 4294967295"], ":0\r\n"),
    .requests("a search for bit 2", ["BITPOS k 2"], "-ERR The bit argument must be 1 or 0.\r\n"),
    .requests("a count of bits in half a range", ["SET k v", "BITCOUNT k 0"], "+OK\r\n" + syntax, keys: 1),
    .requests(
      "BITOP NOT of two keys", ["BITOP NOT d a b"], "-ERR BITOP NOT must be called with a single source key.\r\n"),
    .requests("a cursor that is a word", ["SCAN abc"], "-ERR invalid cursor\r\n"),
    .requests("a cursor of 2⁶⁴", ["SCAN 18446744073709551616"], "-ERR invalid cursor\r\n"),
    .requests("a cursor of 2⁶⁴ - 1", ["SCAN 18446744073709551615"], "*2\r\n$1\r\n0\r\n*0\r\n"),
    .requests("SCAN of 0 keys", ["SCAN 0 COUNT 0"], syntax),
    .requests("SCAN of -1 keys", ["SCAN 0 COUNT -1"], syntax),
    .requests("SCAN of 2⁶³ - 1 keys", ["SCAN 0 COUNT 9223372036854775807"], "*2\r\n$1\r\n0\r\n*0\r\n"),
    .requests("SCAN of a type that is not there", ["SCAN 0 TYPE zebra"], "*2\r\n$1\r\n0\r\n*0\r\n"),
    .requests("database 1", ["SELECT 1"], "-ERR DB index is out of range\r\n"),
    .requests("database 2⁶³", ["SELECT 9223372036854775808"], noInteger),
    .requests("RESP4", ["HELLO 4"], "-NOPROTO unsupported protocol version\r\n"),
    .requests("a protocol that is a word", ["HELLO x"], "-ERR Protocol version is not an integer or out of range\r\n"),
    .requests("a pause of -1 ms", ["CLIENT PAUSE -1"], "-ERR timeout is negative\r\n"),
    .requests("a payload that is none", ["RESTORE k 0 garbage"], "-ERR DUMP payload version or checksum are wrong\r\n"),
    .requests("a payload with a TTL of -1", ["RESTORE k -1 x"], "-ERR Invalid TTL value, must be >= 0\r\n"),
    .resp("an empty payload", .request("RESTORE", "k", "0", ""), "-ERR DUMP payload version or checksum are wrong\r\n"),
    .requests("MSET of half a pair", ["MSET a 1 b"], "-ERR wrong number of arguments for 'mset' command\r\n"),
    .requests("MULTI twice", ["MULTI", "MULTI", "EXEC"], "+OK\r\n-ERR MULTI calls can not be nested\r\n*0\r\n"),
    .requests("EXEC alone", ["EXEC"], "-ERR EXEC without MULTI\r\n"),
    .requests("DISCARD alone", ["DISCARD"], "-ERR DISCARD without MULTI\r\n"),
    .requests(
      "WATCH within MULTI", ["MULTI", "WATCH k", "EXEC"], "+OK\r\n-ERR WATCH inside MULTI is not allowed\r\n*0\r\n"),
    .requests(
      "a transaction with a mistake", ["MULTI", "SET k v", "SET k", "EXEC"],
      "+OK\r\n+QUEUED\r\n-ERR wrong number of arguments for 'set' command\r\n"
        + "-EXECABORT Transaction discarded because of previous errors.\r\n"),
    .requests(
      "a command that is not there", ["NOSUCH a b"],
      "-ERR unknown command 'NOSUCH', with args beginning with: 'a' 'b' \r\n"),
    .resp(
      "a command with a NUL in an argument", .request("NOSUCH", "a\0b"),
      "-ERR unknown command 'NOSUCH', with args beginning with: 'a' \r\n"),
    .requests(
      "a list's command", ["LPUSH k v"], "-ERR unknown command 'LPUSH', with args beginning with: 'k' 'v' \r\n",
      unlikeRedis: "Only strings are stored."),
  ]

  /// KEYS with a pattern, while there is one key; and whether it matches.
  private static func pattern(_ name: String, _ pattern: Sent, _ key: Sent, _ matches: Bool, unlikeRedis: String? = nil)
    -> BadInput
  {
    let found: Sent = matches ? "*1\r\n$\(key.bytes.count)\r\n" + key + "\r\n" : "*0\r\n"
    return .resp(
      "a pattern \(name)", .request("SET", key, "v") + .request("KEYS", pattern), "+OK\r\n" + found, keys: 1,
      unlikeRedis: unlikeRedis)
  }

  static let patterns: [BadInput] = [
    pattern("of stars that nearly match", .repeating("a*", 60) + "b", .repeating("a", 5_000), false),
    pattern("of 250 stars", .repeating("*", 250), "key", true),
    pattern("of stars and question marks", .repeating("*?", 100), .repeating("k", 99), false),
    pattern("with an open bracket", "[a", "a", true),
    pattern("that is an open bracket", "[", "[", false),
    pattern("with an open negated bracket", "[^", "a", true),
    pattern("with an empty set", "[]", "]", false),
    pattern("with a range the wrong way round", "[z-a]", "m", true),
    pattern("with half a range", "[a-", "-", true),
    pattern("that ends in a backslash", "a\\", "a\\", true),
    pattern("with an escaped star", "\\*", "x", false),
    pattern("with an escape in a set", "[\\]]", "]", true),
    pattern("that is empty", "", "a", false),
    pattern("with a NUL", "a\0?", "a\0b", true),
    pattern("of 256 bytes", .repeating("?", 256), .repeating("k", 256), true),
    .resp(
      "a pattern of 257 bytes", .request("KEYS", .repeating("?", 257)),
      "-ERR pattern of 257 bytes: at most 256 are allowed\r\n", unlikeRedis: "Patterns have at most 256 bytes."),
  ]
}
