// Requests of the Redis protocol whose frames are wrong: counts, lengths, ends, and what was only announced.

extension BadInput {
  private static let badCount: Sent = "invalid multibulk length"
  private static let badLength: Sent = "invalid bulk length"
  private static let strict = "A count or length ends in CR LF; Redis skips a byte behind the CR whatever it is."

  static let counts: [BadInput] = [
    .fault("a count that is a word", "*abc\r\n", badCount),
    .fault("a count that is missing", "*\r\n", badCount),
    .fault("a count with a sign", "*+1\r\n", badCount),
    .fault("a count with a leading zero", "*01\r\n", badCount),
    .fault("a count behind a space", "* 1\r\n", badCount),
    .fault("a count before a space", "*1 \r\n", badCount),
    .fault("a count with a fraction", "*1.0\r\n", badCount),
    .fault("a count in hexadecimal", "*0x1\r\n", badCount),
    .fault(
      "a count with a NUL", "*1\0\r\n", badCount,
      unlikeRedis: "Redis looks for the line's end up to a NUL only, and waits."),
    .fault("minus nothing", "*-\r\n", badCount),
    .fault("minus zero", "*-0\r\n", badCount),
    .fault("2³¹ words", "*2147483648\r\n", badCount),
    .fault("2⁶³ - 1 words", "*9223372036854775807\r\n", badCount),
    .fault("2⁶³ words", "*9223372036854775808\r\n", badCount),
    .fault("2⁶⁴ + 1 words", "*18446744073709551617\r\n", badCount),
    .fault("a count of a hundred digits", "*" + .repeating("9", 100) + "\r\n", badCount),
    .fault(
      "a word more than --max-arguments", "*1048577\r\n", badCount,
      unlikeRedis: "A request of more words than --max-arguments allows is refused when it is announced."),
    .resp("as many words as --max-arguments", "*1048576\r\n$3\r\nDEL\r\n", "", .waits),
    .resp("a count of zero", "*0\r\n", ""),
    .resp("a count of -1", "*-1\r\n", ""),
    .resp("a count of -2⁶³", "*-9223372036854775808\r\n", ""),
    .fault("a count below -2⁶³", "*-9223372036854775809\r\n", badCount),
    .resp("a count that ends in LF", "*1\n$4\nPING\n", "", .waits),
    .fault("a count that ends in CR and no LF", "*1\rX", badCount, unlikeRedis: strict),
    .fault("a count without its end", "*" + .repeating("1", 65_536), "too big mbulk count string"),
    .resp("a count that may yet end", "*" + .repeating("1", 65_535), "", .waits),
    .resp("a star alone", "*", "", .waits),
    .fault(
      "a request before a bad count is answered", .requests(["SET k v", "ECHO a"]) + "*x\r\n", "",
      in: "+OK\r\n$1\r\na\r\n"),
  ]

  static let lengths: [BadInput] = [
    .fault("a word where a length should be", "*1\r\nPING\r\n", "expected '$', got 'P'"),
    .fault("a number where a length should be", "*1\r\n:4\r\n", "expected '$', got ':'"),
    .fault("an array within a request", "*1\r\n*1\r\n$4\r\nPING\r\n", "expected '$', got '*'"),
    .fault("a line end where a length should be", "*1\r\n\r\n", "expected '$', got ' '"),
    .fault("a length that is a word", "*1\r\n$abc\r\n", badLength),
    .fault("a length that is missing", "*1\r\n$\r\n", badLength),
    .fault("a length of -1", "*1\r\n$-1\r\n" + .requests(["SET k v"]), badLength),
    .fault("a length with a sign", "*1\r\n$+4\r\nPING\r\n", badLength),
    .fault("a length with a leading zero", "*1\r\n$04\r\nPING\r\n", badLength),
    .fault("a length before a space", "*1\r\n$4 \r\nPING\r\n", badLength),
    .fault("a byte more than half a gigabyte", "*1\r\n$536870913\r\n", badLength),
    .resp("half a gigabyte", "*1\r\n$536870912\r\nabc", "", .waits),
    .fault("2⁶³ bytes", "*1\r\n$9223372036854775808\r\n", badLength),
    .fault("2⁶⁴ bytes", "*1\r\n$18446744073709551616\r\n", badLength),
    .fault("2³² + 4 bytes", "*1\r\n$4294967300\r\nPING\r\n", badLength),
    .fault("a length without its end", "*1\r\n$" + .repeating("1", 65_536), "too big bulk count string"),
    .fault("a length that ends in CR and no LF", "*1\r\n$4\rXPING\r\n", badLength, unlikeRedis: strict),
    .fault(
      "a word longer than announced", "*1\r\n$4\r\nPINGPONG\r\n", "bulk string is not followed by CRLF",
      unlikeRedis: "The bytes behind a bulk string have to be CRLF; Redis skips two bytes whatever they are."),
    .resp("a word shorter than announced", "*1\r\n$6\r\nPING\r\n", "", .waits),
    .resp("fewer words than announced", "*2\r\n$4\r\nPING\r\n", "", .waits),
    .resp("a word cut short", "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nval", "", .waits),
    .resp("half a CR LF behind the last word", "*1\r\n$4\r\nPING\r", "", .waits),
    .resp(
      "a command without a name", "*1\r\n$0\r\n\r\n", "-ERR unknown command '', with args beginning with: \r\n"),
    .resp("a command with a NUL", .request("PI\0NG"), "-ERR unknown command 'PI', with args beginning with: \r\n"),
    .resp(
      "a command with a NUL behind it, after the same without", .requests(["ECHO a"]) + .request("ECHO\0", "a"),
      "$1\r\na\r\n-ERR unknown command 'ECHO', with args beginning with: 'a' \r\n"),
    .resp(
      "a command with a line end", .request("PI\r\nNG", "a"),
      "-ERR unknown command 'PI  NG', with args beginning with: 'a' \r\n"),
    .resp(
      "a key of all 256 bytes", .request("SET", every, every) + .request("GET", every),
      "+OK\r\n$256\r\n" + every + "\r\n", keys: 1),
    .resp("line ends between requests", .requests(["PING"]) + "\r\n\r\n\n" + .requests(["PING"]), "+PONG\r\n+PONG\r\n"),
    .resp("what follows QUIT", .requests(["QUIT", "SET k v"]), "+OK\r\n", .closes),
  ]

  static let typed: [BadInput] = [
    .fault("an open quote in a typed request", "*0\r\nECHO \"a\r\n", "unbalanced quotes in request"),
    .fault("an open apostrophe in a typed request", "*0\r\nECHO 'a\r\n", "unbalanced quotes in request"),
    .fault("text behind a quote in a typed request", "*0\r\nECHO \"a\"b\r\n", "unbalanced quotes in request"),
    .resp("a typed request that ends in LF", "*0\r\nPING\n", "+PONG\r\n"),
    .resp("a typed request with odd escapes", "*0\r\nECHO \"\\xZZ\\q\"\r\n", "$4\r\nxZZq\r\n"),
    .resp("a typed request without its end", "*0\r\nSET k v", "", .waits),
    .fault("a typed request of more than 64 KiB", "*0\r\n" + .repeating("x", 65_537), "too big inline request"),
    .resp("a typed request that may yet end", "*0\r\n" + .repeating("x", 65_536), "", .waits),
    .resp(
      "a typed request of 64 KiB", "*0\r\n" + .repeating("x", 65_536) + "\n",
      "-ERR unknown command '" + .repeating("x", 128) + "', with args beginning with: \r\n"),
    .resp(
      "a browser behind RESP", "*0\r\nHost: x\r\nSET evil 1\r\n",
      "-ERR this is not an HTTP server: requests are lines such as GET key\r\n", .closes,
      unlikeRedis: "One line says why; Redis closes without one."),
  ]

  /// A protocol error behind requests that are answered.
  private static func fault(_ name: String, _ input: Sent, _ sentence: Sent, in replies: Sent) -> BadInput {
    .resp(name, input, replies + "-ERR Protocol error: " + badCount + "\r\n", .closes, keys: 1)
  }

  private static let every = Sent(Array(0...255))
}
