// Bad inputs in the dialect of lines: ends of lines, bytes that are no text, quotes, and what other programs say.

extension BadInput {
  static let lineEnds: [BadInput] = [
    .lines("nothing at all", "", "", .waits),
    .lines("line feeds alone", "\n\n\n", ""),
    .lines("CR LF alone", "\r\n\r\n\r\n", ""),
    .lines("spaces and tabs alone", " \t \n\t\n", ""),
    .lines("a line without its end", "PUT k v", "", .waits),
    .lines("a line whose end is a CR", "PUT k v\r", "", .waits),
    .lines("CR LF", "PUT k v\r\nGET k\r\n", "OK\nVALUE v\n", keys: 1),
    .lines("two CRs before the LF", "PUT k v\r\r\nGET k\n", "OK\nVALUE \"v\\r\"\n", keys: 1),
    .lines("a CR within a value", "PUT k a\rb\nGET k\n", "OK\nVALUE \"a\\rb\"\n", keys: 1),
    .lines(
      "LF CR", "PUT k v\n\rGET k\n",
      "OK\nERROR unknown command \"\\rGET\": did you mean GET? HELP lists all commands\n",
      keys: 1),
    .lines("a vertical tab is no space", "PING\u{0B}x\n", unknown("PING\\x0bx", "PING")),
    .lines("spaces around a request", " \t PING \t \n", "PONG\n"),
    .lines("half a request after a whole one", "PUT k v\nPUT half", "OK\n", .waits, keys: 1),
  ]

  static let bytesThatAreNoText: [BadInput] = [
    .lines("NUL in a value", "PUT k a\0b\nGET k\n", "OK\nVALUE \"a\\x00b\"\n", keys: 1),
    .lines("NUL in a key", "PUT a\0b v\nLIST\n", "OK\nKEY \"a\\x00b\"\nEND 1\n", keys: 1),
    .lines("NUL alone", "\0\n", unknown("\\x00")),
    .lines("NUL before a verb", "\0PING\n", unknown("\\x00PING", "PING")),
    .lines("NUL behind a verb", "PING\0\n", unknown("PING\\x00", "PING")),
    .lines("NUL behind a verb that was just used", "COUNT\nCOUNT\0\n", "VALUE 0\n" + unknown("COUNT\\x00", "COUNT")),
    .lines("a thousand NULs", .repeating("\0", 1000) + "\n", unknown(String(repeating: "\\x00", count: 64) + "...")),
    .lines("bytes that never occur in UTF-8", "PUT k " + .raw(0xFF, 0xFE) + "\nGET k\n", shown("\\xff\\xfe"), keys: 1),
    .lines("an overlong NUL", "PUT k " + .raw(0xC0, 0x80) + "\nGET k\n", shown("\\xc0\\x80"), keys: 1),
    .lines("half a surrogate", "PUT k " + .raw(0xED, 0xA0, 0x80) + "\nGET k\n", shown("\\xed\\xa0\\x80"), keys: 1),
    .lines(
      "a character beyond the last", "PUT k " + .raw(0xF4, 0x90, 0x80, 0x80) + "\nGET k\n",
      shown("\\xf4\\x90\\x80\\x80"), keys: 1),
    .lines("a character cut short", "PUT k " + .raw(0xE2, 0x82) + "\nGET k\n", shown("\\xe2\\x82"), keys: 1),
    .lines("a continuation byte alone", "PUT k " + .raw(0x80) + "\nGET k\n", shown("\\x80"), keys: 1),
    .lines("a control character of Latin-1", "PUT k \u{85}\nGET k\n", shown("\\xc2\\x85"), keys: 1),
    .lines("an escape sequence of a terminal", "PUT k \u{1B}[2J\nGET k\n", shown("\\x1b[2J"), keys: 1),
    .lines("a backspace", "PUT k a\u{08}b\nGET k\n", shown("a\\x08b"), keys: 1),
    .lines("a byte order mark", "\u{FEFF}PING\n", unknown("\\xef\\xbb\\xbfPING")),
    .lines("UTF-16", "P\0I\0N\0G\0\n\0", unknown("P\\x00I\\x00N\\x00G\\x00"), .waits),
    .lines("text that is right to left", "PUT k \u{202E}abc\nGET k\n", "OK\nVALUE \u{202E}abc\n", keys: 1),
  ]

  static let quotes: [BadInput] = [
    .lines("an open quote", "GET \"a\n", "ERROR a quoted word has no closing quote: \(closing)\n"),
    .lines("a quote alone", "GET \"\n", "ERROR a quoted word has no closing quote: \(closing)\n"),
    .lines(
      "a backslash at the end of the line", "GET \"a\\\n", "ERROR a quoted word has no closing quote: \(closing)\n"),
    .lines("an escaped closing quote", "GET \"a\\\"\n", "ERROR a quoted word has no closing quote: \(closing)\n"),
    .lines("an unknown escape", "GET \"\\q\"\n", "ERROR unknown escape \\q in a quoted word: \(escapes)\n"),
    .lines("half a hexadecimal escape", "GET \"\\x4\"\n", "ERROR unknown escape \\x in a quoted word: \(escapes)\n"),
    .lines(
      "an escape that is no number", "GET \"\\xZZ\"\n", "ERROR unknown escape \\x in a quoted word: \(escapes)\n"),
    .lines("an escaped NUL byte", "GET \"\\\0\"\n", "ERROR unknown escape \\ in a quoted word: \(escapes)\n"),
    .lines(
      "an escaped line feed", "GET \"\\\nb\"\n",
      "ERROR a quoted word has no closing quote: \(closing)\n" + unknown("b\\\"")),
    .lines(
      "text behind a closing quote", "GET \"a\"b\n",
      "ERROR text right after a closing quote: put a space between words\n"),
    .lines(
      "text behind PUT's quoted value", "PUT k \"a\" b\n",
      "ERROR text after the quoted value: the line must end with its closing quote\n"),
    .lines(
      "a space behind PUT's quoted value", "PUT k \"a\" \n",
      "ERROR text after the quoted value: the line must end with its closing quote\n"),
    .lines("a quote within a word", "PUT k\"q v\nGET k\"q\n", "OK\nVALUE v\n", keys: 1),
    .lines("a quoted verb", "\"PI\\x4eG\"\n", "PONG\n"),
    .lines("an empty verb", "\"\" k\n", unknown("")),
    .lines("an empty key", "PUT \"\" v\nLIST\n", "OK\nKEY \"\"\nEND 1\n", keys: 1),
    .lines("PUT of a key alone", "PUT k\n", "ERROR PUT takes a key and a value: PUT key value\n"),
    .lines("PUT of a key and a space", "PUT k \n", "ERROR PUT takes a key and a value: PUT key value\n"),
    .lines("PUT of two spaces", "PUT k  \nGET k\n", "OK\nVALUE  \n", keys: 1),
    .lines("a quoted PUT is one too", "\"PUT\" k a  b\nGET k\n", "OK\nVALUE a  b\n", keys: 1),
  ]

  private static let closing = "end it with \" (a quote inside is \\\")"
  private static let escapes = "there are \\\" \\\\ \\n \\r \\t and \\x with two hexadecimal digits"

  private static func shown(_ value: String) -> Sent { "OK\nVALUE \"\(value)\"\n" }

  /// The answer to an unknown verb.
  static func unknown(_ verb: String, _ nearest: String? = nil) -> Sent {
    let advice = nearest.map { ": did you mean \($0)?" } ?? ":"
    return "ERROR unknown command \"\(verb)\"\(advice) HELP lists all commands\n"
  }
}
