import Bytes
import Testing

@testable import LoadGenerator

@Suite("Replies, as the load generator reads them")
struct ReplyReaderTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let dialect: Dialect
    let kind: RequestKind
    let reply: String
    let misses: Int
    let errors: Int
    var testDescription: String { "\(dialect) \(kind) \(reply.prefix(40).debugDescription)" }

    init(_ dialect: Dialect, _ kind: RequestKind, _ reply: String, misses: Int = 0, errors: Int = 0) {
      self.dialect = dialect
      self.kind = kind
      self.reply = reply
      self.misses = misses
      self.errors = errors
    }
  }

  static let shape = DataShape(keyCount: 100, keyBytes: 6, valueBytes: 4...4)

  static let cases: [Case] = [
    Case(.line, .get, "VALUE vvvv\n"),
    Case(.line, .get, "VALUE another length 12\n"),
    Case(.line, .get, "ERROR key not found\n", misses: 1),
    Case(.line, .get, "ERROR key is longer than 16384 bytes\n", errors: 1),
    Case(.line, .get, "OK\n", errors: 1),
    Case(.line, .put, "OK\n"),
    Case(.line, .put, "ERROR out of memory\n", errors: 1),
    Case(.line, .ping, "PONG\n"),
    Case(.line, .list, "KEY key:00\nKEY key:01\nKEY END 2\nKEY 7\nEND 4\n"),
    Case(.line, .list, "END 0\n"),
    Case(.line, .list, "ERROR no such command\n", errors: 1),
    Case(.resp, .get, "$4\r\nvvvv\r\n"),
    Case(.resp, .get, "$12\r\na\r\n$1\r\nb\r\n-E\r\n"),
    Case(.resp, .get, "$0\r\n\r\n"),
    Case(.resp, .get, "$-1\r\n", misses: 1),
    Case(.resp, .get, "_\r\n", misses: 1),
    Case(.resp, .get, "-ERR no\r\n", errors: 1),
    Case(.resp, .put, "+OK\r\n"),
    Case(.resp, .put, ":1\r\n", errors: 1),
    Case(.resp, .list, "*3\r\n$6\r\nkey:00\r\n$2\r\n*1\r\n$6\r\nkey:01\r\n"),
    Case(.resp, .list, "*0\r\n"),
    Case(.memcached, .get, "VALUE key:07 0 4\r\nvvvv\r\nEND\r\n"),
    Case(.memcached, .get, "VALUE key:07 0 8\r\nv\r\nEND\r\n\r\nEND\r\n"),
    Case(.memcached, .get, "END\r\n", misses: 1),
    Case(.memcached, .put, "STORED\r\n"),
    Case(.memcached, .put, "SERVER_ERROR out of memory\r\n", errors: 1),
    Case(.memcached, .ping, "VERSION 1.6.18\r\n"),
  ]

  @Test(arguments: cases)
  func `a reply counts as what it says, wherever it is cut`(_ example: Case) {
    let bytes = Array((example.reply + example.reply).utf8)
    for cut in 0...bytes.count {
      let counts = read([Array(bytes[..<cut]), Array(bytes[cut...])], example)
      #expect(counts.replies == 2, "cut at \(cut)")
      #expect(counts.misses == 2 * example.misses, "cut at \(cut)")
      #expect(counts.errors == 2 * example.errors, "cut at \(cut)")
    }
    #expect(read(bytes.map { [$0] }, example).replies == 2, "byte by byte")
  }

  @Test(arguments: [
    (Dialect.line, ["VALUE vvvv\n", "OK\n", "PONG\n"]),
    (.resp, ["$4\r\nvvvv\r\n", "+OK\r\n", "+PONG\r\n"]),
    (.memcached, ["VALUE key:07 0 4\r\nvvvv\r\nEND\r\n", "STORED\r\n"]),
  ])
  func `the usual replies are as long as expected, and so jumped over`(_ dialect: Dialect, _ replies: [String]) {
    let reader = ReplyReader(dialect: dialect, shape: Self.shape)
    for (expectation, reply) in zip(reader.expectations, replies) {
      #expect(expectation.count == reply.utf8.count)
      #expect(Array(reply.utf8).starts(with: expectation.prefix))
    }
  }

  @Test(arguments: cases)
  func `a reply counts as what it says when values differ in length`(_ example: Case) {
    var shape = Self.shape
    shape.valueBytes = 1...20
    let counts = read([Array((example.reply + example.reply).utf8)], example, shape)
    #expect(counts.replies == 2)
    #expect(counts.misses == 2 * example.misses)
    #expect(counts.errors == 2 * example.errors)
  }

  @Test func `the first error is kept to be shown`() {
    var reader = ReplyReader(dialect: .line, shape: Self.shape)
    var progress = ReplyProgress()
    var turn = 0
    var input = ByteBuffer()
    input.append("VALUE vvvv\nERROR first\nERROR second\n")
    let counts = reader.read(input, &progress, kinds: [.get], turn: &turn)
    #expect(counts.errors == 2)
    #expect(reader.firstError == "ERROR first\n")
  }

  @Test func `replies are told apart by the order of the mix`() {
    let kinds = RequestMix(gets: 2, puts: 1).kinds
    var reader = ReplyReader(dialect: .line, shape: Self.shape)
    var progress = ReplyProgress()
    var turn = 0
    var input = ByteBuffer()
    for kind in kinds + kinds { input.append(kind == .get ? "VALUE vvvv\n" : "OK\n") }
    let counts = reader.read(input, &progress, kinds: kinds, turn: &turn)
    #expect(counts.replies == 6)
    #expect(counts.errors == 0)
  }

  private func read(_ chunks: [[UInt8]], _ example: Case, _ shape: DataShape = Self.shape) -> ReplyCounts {
    var reader = ReplyReader(dialect: example.dialect, shape: shape)
    var progress = ReplyProgress()
    var turn = 0
    var total = ReplyCounts()
    for chunk in chunks {
      var input = ByteBuffer()
      input.append(chunk.span)
      let counts = reader.read(input, &progress, kinds: [example.kind], turn: &turn)
      total.replies += counts.replies
      total.misses += counts.misses
      total.errors += counts.errors
    }
    return total
  }
}
