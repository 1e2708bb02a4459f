// Sizes one below a limit, at it, and one beyond it, for each limit that a flag sets; and what a client may not send
// before its password.

extension BadInput {
  /// The flags of the server that these are sent to.
  static let limitFlags = [
    "--max-key-bytes", "10", "--max-value-bytes", "20", "--max-line-bytes", "200", "--max-arguments", "5",
  ]

  private static func x(_ count: Int) -> Sent { .repeating("x", count) }

  private static let line: Sent = "ERROR the line is too long: at most 200 bytes are allowed (--max-line-bytes)\n"
  private static let key: Sent = "key of 11 bytes: at most 10 are allowed (--max-key-bytes)"
  private static let value: Sent = "value of 21 bytes: at most 20 are allowed (--max-value-bytes)"
  private static let growth: Sent =
    "ERROR the value would be too long: at most 20 bytes are allowed (--max-value-bytes)\n"
  private static let words: Sent = "ERROR too many arguments: at most 5 are allowed (--max-arguments)\n"
  private static let count: Sent = "-ERR Protocol error: invalid multibulk length\r\n"
  private static let length: Sent = "-ERR Protocol error: invalid bulk length\r\n"

  static let limitsInLines: [BadInput] = [
    .lines("a key a byte below the limit", "PUT " + x(9) + " v\n", "OK\n", keys: 1),
    .lines("a key at the limit", "PUT " + x(10) + " v\n", "OK\n", keys: 1),
    .lines("a key a byte beyond the limit", "PUT " + x(11) + " v\n", "ERROR " + key + "\n"),
    .lines("a quoted key at the limit", "PUT \"" + .repeating("\\x78", 10) + "\" v\n", "OK\n", keys: 1),
    .lines("a quoted key beyond the limit", "GET \"" + .repeating("\\x78", 11) + "\"\n", "ERROR " + key + "\n"),
    .lines("one of several keys beyond the limit", "DEL a " + x(11) + "\n", "ERROR " + key + "\n"),
    .lines("a value a byte below the limit", "PUT k " + x(19) + "\n", "OK\n", keys: 1),
    .lines("a value at the limit", "PUT k " + x(20) + "\n", "OK\n", keys: 1),
    .lines("a value a byte beyond the limit", "PUT k " + x(21) + "\n", "ERROR " + value + "\n"),
    .lines(
      "a value beyond the limit by APPEND", "PUT k " + x(20) + "\nAPPEND k y\n",
      "OK\n" + growth, keys: 1),
    .lines("a value beyond the limit by SETRANGE", "SETRANGE k 20 y\n", growth),
    .lines("a line a byte below the limit", "ECHO " + x(194) + "\n", "VALUE " + x(194) + "\n"),
    .lines("a line at the limit", "ECHO " + x(195) + "\n", "VALUE " + x(195) + "\n"),
    .lines("a line at the limit and a CR", "ECHO " + x(195) + "\r\n", "VALUE " + x(195) + "\n"),
    .lines("a line a byte beyond the limit", "ECHO " + x(196) + "\n", line),
    .lines("a line a byte beyond the limit and a CR", "ECHO " + x(196) + "\r\n", line),
    .lines("a line far beyond the limit", x(300_000) + "\nPING\n", line + "PONG\n"),
    .lines("a line beyond the limit without its end", x(300_000), line, .waits),
    .lines("spaces beyond the limit", .repeating(" ", 201) + "\nPING\n", line + "PONG\n"),
    .lines("as many words as allowed", "DEL a b c d e\n", "VALUE 0\n"),
    .lines("a word more than allowed", "DEL a b c d e f\n", words),
    .lines("a hundred words", "DEL" + .repeating(" a", 98) + "\n", words),
  ]

  static let limitsInRESP: [BadInput] = [
    .resp("a key at the limit", .request("SET", x(10), "v"), "+OK\r\n", keys: 1),
    .resp("a key a byte beyond the limit", .request("SET", x(11), "v"), "-ERR " + key + "\r\n"),
    .resp("a value at the limit", .request("SET", "k", x(20)), "+OK\r\n", keys: 1),
    .resp("a value a byte beyond the limit", "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$21\r\n", length, .closes),
    .resp("as many words as allowed", .request("DEL", "a", "b", "c", "d"), ":0\r\n"),
    .resp("a word more than allowed", "*6\r\n", count, .closes),
    .resp("a typed word more than allowed", "*0\r\nDEL a b c d e\r\n", count, .closes),
  ]

  /// What a client may not do before its password.
  static let beforeThePassword: [BadInput] = [
    .resp("a request", .request("GET", "k"), unauthenticated, .waits),
    .resp("a command that is not there", .request("NOSUCH"), unauthenticated, .waits),
    .resp("ten words", .request("DEL", "1", "2", "3", "4", "5", "6", "7", "8", "9"), unauthenticated, .waits),
    .resp("eleven words", "*11\r\n", "-ERR Protocol error: unauthenticated multibulk length\r\n", .closes),
    .resp("a word of 16 KiB", .request("GET", x(16_384)), unauthenticated, .waits),
    .resp(
      "a word of a byte more", "*2\r\n$3\r\nGET\r\n$16385\r\n", "-ERR Protocol error: unauthenticated bulk length\r\n",
      .closes),
    .resp(
      "a wrong password", .request("AUTH", "wrong"),
      "-WRONGPASS invalid username-password pair or user is disabled.\r\n", .waits),
    .resp(
      "a password and a byte", .request("AUTH", "open sesame\0"),
      "-WRONGPASS invalid username-password pair or user is disabled.\r\n", .waits),
    .resp(
      "another user", .request("AUTH", "root", "open sesame"),
      "-WRONGPASS invalid username-password pair or user is disabled.\r\n", .waits),
    .resp(
      "HELLO alone", .request("HELLO", "3"),
      "-NOAUTH HELLO must be called with the client already authenticated, "
        + "otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and "
        + "select the RESP protocol version at the same time\r\n",
      .waits),
    .lines("a line", "PUT k v\n", "ERROR the password comes first: AUTH password\n", .waits),
    .lines("a listing", "LIST\n", "ERROR the password comes first: AUTH password\n", .waits),
    .lines(
      "a password after three wrong ones", "AUTH a\nAUTH b\nAUTH c\nAUTH \"open sesame\"\n",
      wrong + wrong + wrong + "OK\n"),
  ]

  private static let unauthenticated: Sent = "-NOAUTH Authentication required.\r\n"
  private static let wrong: Sent = "ERROR invalid username-password pair or user is disabled.\n"

  /// Large inputs, to a server with the limits that it has by itself.
  static let large: [BadInput] = [
    .lines("a line of 2 MiB", "ECHO " + x(2_097_147) + "\n", "VALUE " + x(2_097_147) + "\n", memoryBytesMax: 24 << 20),
    .lines(
      "a line of 2 MiB and a byte", "ECHO " + x(2_097_148) + "\nPING\n",
      "ERROR the line is too long: at most 2097152 bytes are allowed (--max-line-bytes)\nPONG\n",
      memoryBytesMax: 12 << 20),
    .lines(
      "a line of 40 MB without its end", x(40_000_000),
      "ERROR the line is too long: at most 2097152 bytes are allowed (--max-line-bytes)\n", .waits,
      memoryBytesMax: 12 << 20),
    .resp("a key of 16 KiB", .request("SET", x(16_384), "v"), "+OK\r\n", keys: 1),
    .resp(
      "a key of a byte more", .request("SET", x(16_385), "v"),
      "-ERR key of 16385 bytes: at most 16384 are allowed (--max-key-bytes)\r\n",
      unlikeRedis: "Keys have a limit of their own."),
    .resp(
      "twenty thousand unknown commands", .repeating("*1\r\n$1\r\nx\r\n", 20_000),
      .repeating("-ERR unknown command 'x', with args beginning with: \r\n", 20_000), memoryBytesMax: 12 << 20),
    .resp(
      "a request of a hundred thousand words", "*100001\r\n$3\r\nDEL\r\n" + .repeating("$1\r\nk\r\n", 100_000),
      ":0\r\n", memoryBytesMax: 16 << 20),
    .lines(
      "a hundred thousand words in a line", "DEL" + .repeating(" k", 100_000) + "\n", "VALUE 0\n",
      memoryBytesMax: 16 << 20),
    .lines("a hundred thousand empty lines", .repeating("\n", 100_000), ""),
    .resp("a hundred thousand requests of no words", .repeating("*0\r\n", 100_000), ""),
  ]
}
