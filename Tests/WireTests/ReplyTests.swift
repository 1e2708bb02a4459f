import Bytes
import Testing
import Wire

/// What a writer writes in one dialect, as text.
private func written(_ dialect: Dialect, _ write: (inout ReplyWriter) -> Void) -> String {
  written {
    $0.dialect = dialect
    write(&$0)
  }
}

/// A reply and how it is spelt in each dialect.
private struct Spelling: Sendable, CustomTestStringConvertible {
  let write: @Sendable (inout ReplyWriter) -> Void
  let spelt: [Dialect: String]

  init(line: String, resp2: String, resp3: String? = nil, _ write: @escaping @Sendable (inout ReplyWriter) -> Void) {
    self.write = write
    spelt = [.line: line, .resp2: resp2, .resp3: resp3 ?? resp2]
  }

  var testDescription: String { spelt[.resp2] ?? "" }
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct ReplyTests {
  private static let alone = [
    Spelling(line: "OK\n", resp2: "+OK\r\n") { $0.ok() },
    Spelling(line: "QUEUED\n", resp2: "+QUEUED\r\n") { $0.status("QUEUED") },
    Spelling(line: "VALUE hi\n", resp2: "$2\r\nhi\r\n") { $0.value(bytes("hi").span) },
    Spelling(line: "VALUE \"a\\r\\nb\"\n", resp2: "$4\r\na\r\nb\r\n") { $0.value(bytes("a\r\nb").span) },
    Spelling(line: "VALUE \"\"\n", resp2: "$0\r\n\r\n") { $0.value([UInt8]().span) },
    Spelling(line: "VALUE 17\n", resp2: "$2\r\n17\r\n") { $0.value(decimal: 17) },
    Spelling(line: "VALUE 18446744073709551615\n", resp2: "$20\r\n18446744073709551615\r\n") {
      $0.value(decimal: .max)
    },
    Spelling(line: "ERROR key not found\n", resp2: "$-1\r\n", resp3: "_\r\n") { $0.null() },
    Spelling(line: "ERROR key not found\n", resp2: "$-1\r\n", resp3: "_\r\n") { $0.notFound() },
    Spelling(line: "NONE\n", resp2: "*-1\r\n", resp3: "_\r\n") { $0.nullArray() },
    Spelling(line: "VALUE -7\n", resp2: ":-7\r\n") { $0.integer(-7) },
    Spelling(line: "VALUE 1.5\n", resp2: "$3\r\n1.5\r\n", resp3: ",1.5\r\n") { $0.double(bytes("1.5").span) },
    Spelling(line: "OK\n", resp2: ":1\r\n") { $0.removed(true) },
    Spelling(line: "ERROR key not found\n", resp2: ":0\r\n") { $0.removed(false) },
    Spelling(line: "KEY k\n", resp2: "$1\r\nk\r\n") { $0.key(bytes("k").span) },
    Spelling(
      line: "# A\n\nb:1\nEND 3\n", resp2: "$12\r\n# A\r\n\r\nb:1\r\n\r\n", resp3: "=16\r\ntxt:# A\r\n\r\nb:1\r\n\r\n"
    ) {
      $0.verbatim(bytes("# A\r\n\r\nb:1\r\n").span)
    },
    Spelling(line: "a\nb\nEND 2\n", resp2: "$3\r\na\nb\r\n", resp3: "=7\r\ntxt:a\nb\r\n") {
      $0.verbatim(bytes("a\nb").span)
    },
    Spelling(line: "END 0\n", resp2: "$0\r\n\r\n", resp3: "=4\r\ntxt:\r\n") { $0.verbatim([UInt8]().span) },
    Spelling(line: "ERROR no memory\n", resp2: "-OOM no memory\r\n") { $0.error("OOM", "no memory") },
    Spelling(line: "ERROR a  b c\n", resp2: "-ERR a  b c\r\n") { $0.error("ERR") { $0.append("a\r\nb\nc") } },
    Spelling(line: "+PONG\r\n", resp2: "+PONG\r\n") { $0.raw(bytes("+PONG\r\n").span) },
  ]

  @Test(arguments: alone)
  private func `each kind of reply is spelt in each dialect`(reply: Spelling) {
    for (dialect, text) in reply.spelt {
      #expect(written(dialect, reply.write) == text)
      #expect(written(dialect) { writer in for _ in 0..<2 { reply.write(&writer) } } == text + text)
    }
  }

  private static let lists = [
    Spelling(line: "END 0\n", resp2: "*0\r\n") { $0.array(0) },
    Spelling(line: "VALUE a\nNONE\nEND 2\n", resp2: "*2\r\n$1\r\na\r\n$-1\r\n", resp3: "*2\r\n$1\r\na\r\n_\r\n") {
      $0.array(2)
      $0.value(bytes("a").span)
      $0.null()
    },
    Spelling(
      line: "VALUE a\nVALUE 1\nVALUE b\nVALUE 2\nEND 4\n", resp2: "*4\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n:2\r\n",
      resp3: "%2\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n:2\r\n"
    ) {
      $0.map(2)
      $0.value(bytes("a").span)
      $0.integer(1)
      $0.value(bytes("b").span)
      $0.integer(2)
    },
    Spelling(line: "VALUE a\nEND 1\n", resp2: "*1\r\n$1\r\na\r\n", resp3: "~1\r\n$1\r\na\r\n") {
      $0.set(1)
      $0.value(bytes("a").span)
    },
    Spelling(line: "VALUE a\nEND 1\n", resp2: "*1\r\n$1\r\na\r\n", resp3: ">1\r\n$1\r\na\r\n") {
      $0.push(1)
      $0.value(bytes("a").span)
    },
    Spelling(
      line: "OK\nERROR no\nVALUE x\nVALUE y\nNONE\nEND 5\n",
      resp2: "*6\r\n+OK\r\n-ERR no\r\n*2\r\n$1\r\nx\r\n$1\r\ny\r\n*0\r\n*-1\r\n*0\r\n",
      resp3: "*6\r\n+OK\r\n-ERR no\r\n*2\r\n$1\r\nx\r\n$1\r\ny\r\n*0\r\n_\r\n*0\r\n"
    ) {
      $0.array(6)
      $0.ok()
      $0.error("ERR", "no")
      $0.array(2)
      $0.value(bytes("x").span)
      $0.value(bytes("y").span)
      $0.array(0)
      $0.nullArray()
      $0.array(0)
    },
    Spelling(line: "a\nb\nOK\nEND 3\n", resp2: "*2\r\n$3\r\na\nb\r\n+OK\r\n", resp3: "*2\r\n=7\r\ntxt:a\nb\r\n+OK\r\n")
    {
      $0.array(2)
      $0.verbatim(bytes("a\nb").span)
      $0.ok()
    },
    Spelling(line: "GET key\nget it\nEND 2\n", resp2: "*2\r\n$7\r\nGET key\r\n+get it\r\n") {
      $0.array(2)
      $0.text("GET key")
      $0.status(bytes("get it").span)
    },
    Spelling(line: "KEY a\nKEY b\nEND 2\n", resp2: "*2\r\n$1\r\na\r\n$1\r\nb\r\n") {
      $0.dialect == .line ? () : $0.array(2)
      $0.key(bytes("a").span)
      $0.key(bytes("b").span)
      $0.end(2)
    },
  ]

  @Test(arguments: lists)
  private func `each kind of list is spelt in each dialect`(list: Spelling) {
    for (dialect, text) in list.spelt {
      #expect(written(dialect, list.write) == text)
      // What follows a list stands alone again.
      let then = written(dialect) { $0.null() }
      #expect(
        written(dialect) {
          list.write(&$0)
          $0.null()
        } == text + then)
    }
  }

  @Test func `lists in lists end together`() {
    for depth in 1...16 {
      let write: (inout ReplyWriter) -> Void = { writer in
        for _ in 0..<depth { writer.array(1) }
        writer.integer(5)
      }
      #expect(written(.line, write) == "VALUE 5\nEND 1\n")
      #expect(written(.resp2, write) == String(repeating: "*1\r\n", count: depth) + ":5\r\n")
    }
  }

  @Test(arguments: [0, 1, 9, 10, 250])
  func `a list whose count is known at its end reads as any other`(count: Int) {
    let kinds: [(AggregateKind, (inout ReplyWriter, Int) -> Void)] = [
      (.array, { $0.array($1) }), (.map, { $0.map($1) }), (.set, { $0.set($1) }), (.push, { $0.push($1) }),
    ]
    for (kind, begin) in kinds {
      for dialect in [Dialect.line, .resp2, .resp3] {
        let elements: (inout ReplyWriter) -> Void = { writer in
          for index in 0..<(kind == .map ? 2 * count : count) { writer.integer(Int64(index)) }
        }
        let counted = written(dialect) {
          $0.array(2)
          $0.ok()
          begin(&$0, count)
          elements(&$0)
          $0.ok()
        }
        let deferred = written(dialect) {
          $0.array(2)
          $0.ok()
          let list = $0.beginDeferred()
          elements(&$0)
          $0.endDeferred(list, kind, count: count)
          $0.ok()
        }
        #expect(deferred == counted)
      }
    }
  }

  @Test func `deferred lists may be nested and stand alone`() {
    let write: (inout ReplyWriter) -> Void = { writer in
      let outer = writer.beginDeferred()
      for _ in 0..<3 {
        let inner = writer.beginDeferred()
        writer.integer(1)
        writer.integer(2)
        writer.endDeferred(inner, count: 2)
      }
      writer.endDeferred(outer, count: 3)
    }
    #expect(written(.resp2, write) == "*3\r\n" + String(repeating: "*2\r\n:1\r\n:2\r\n", count: 3))
    #expect(written(.line, write) == String(repeating: "VALUE 1\nVALUE 2\n", count: 3) + "END 6\n")
  }

  @Test func `a refusal is spelt for whoever opened the connection`() {
    #expect(written(.line) { $0.refusal(.http) }.hasPrefix("ERROR this is not an HTTP server"))
    #expect(written(.line) { $0.refusal(.resp) }.hasPrefix("-ERR the Redis protocol is not spoken here"))
    #expect(written(.resp2) { $0.fault(.foreign(.tls)) } == "-ERR TLS is not spoken here: connect without it\r\n")
  }

  @Test(arguments: [0, 1, 9, 10, 99, 100, 101, 999, 1_000, 65_535, 65_536])
  func `a value of any length says how long it is`(length: Int) {
    let value = String(repeating: "v", count: length)
    #expect(written(.resp2) { $0.value(bytes(value).span) } == "$\(length)\r\n\(value)\r\n")
  }

  @Test(arguments: [0, 9, 10, 99, 100, -1, -9, -10, Int64.max, Int64.min, 1_000_000_000, 999_999_999])
  func `an integer of any length is written in decimal`(number: Int64) {
    #expect(written(.resp3) { $0.integer(number) } == ":\(number)\r\n")
  }
}
