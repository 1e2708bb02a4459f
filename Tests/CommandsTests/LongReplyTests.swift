import Bytes
import TestSupport
import Testing
import Wire

@testable import Commands

@Suite struct LongReplyTests {
  /// Noise, bytes that are compressed well, text, and text that has to stand in quotes at its end.
  private static let values: [[UInt8]] = {
    var generator = SeededGenerator(seed: 1)
    let count = 300_001
    let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let pattern = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7 % 50) }
    let text = Array(String(repeating: "grün und 日本語, ", count: count / 18).utf8)
    return [noise, pattern, text, text + [0xFF], Array("\"".utf8) + text]
  }()

  private func reply(to value: [UInt8], in dialect: Dialect) -> [UInt8] {
    var replies = ReplyWriter(capacity: 0)
    replies.dialect = dialect
    replies.value(value.span)
    return replies.buffer.span.copied
  }

  @Test(arguments: [Dialect.line, .resp2, .resp3], [1_000, 65_536, .max])
  func `a huge value is spelt as one that is written at once`(dialect: Dialect, bytes: Int) throws {
    for value in Self.values {
      let session = Session(dialect)
      session.run([[83, 69, 84], [107], value])
      let id = try #require(session.begin([Array("GET".utf8), [107]]))
      #expect(session.finish(id, bytes: bytes) == reply(to: value, in: dialect))
      session.checkInvariants()
    }
  }

  @Test func `each slice is as long as it may be`() throws {
    let session = Session()
    session.run([[83, 69, 84], [107], Self.values[0]])
    let id = try #require(session.begin([Array("GET".utf8), [107]]))
    for _ in 0..<30 { #expect(session.step(id, bytes: 10_000).bytes.count <= 10_020) }
  }

  @Test(arguments: 0..<5)
  func `a huge value is dumped as one that is dumped at once, whatever the slices`(index: Int) throws {
    let value = Self.values[index]
    var payload = ByteBuffer()
    DumpPayload.append(value.span, to: &payload)
    let expected = payload.span.copied
    for dialect in [Dialect.line, .resp2] {
      for bytes in [999, 65_536, .max] {
        let session = Session(dialect)
        session.run([[83, 69, 84], [107], value])
        let id = try #require(session.begin([Array("DUMP".utf8), [107]]))
        #expect(session.finish(id, bytes: bytes) == reply(to: expected, in: dialect))
        session.checkInvariants()
      }
    }
  }

  @Test func `what is dumped in slices is restored`() throws {
    let session = Session()
    for value in Self.values {
      session.run([[83, 69, 84], [107], value])
      let payload = try #require(session.bulk(bytes("DUMP"), bytes("k")))
      session.run([bytes("RESTORE"), bytes("r"), bytes("0"), payload, bytes("REPLACE")])
      #expect(session.bulk(bytes("GET"), bytes("r")) == value)
    }
  }

  /// What another client does to the key meanwhile.
  private static let changes = [
    "DEL k", "SET k x", "FLUSHALL", "SETRANGE k 5 x", "APPEND k x", "SETBIT k 7 1", "RENAME k l", "PEXPIRE k 1000",
    "GETDEL k", "SETRANGE k 600000 x", "GETEX k PX 5", "RESTORE k 0 x REPLACE", "MSET k 1", "BITOP NOT k k",
  ]

  @Test(arguments: changes, ["GET k", "DUMP k", "GETRANGE k 10 -10", "GETEX k", "GETDEL k", "GETSET k new"])
  func `a long reply is the value as it was when the command ran`(change: String, request: String) throws {
    for index in [0, 1] {
      let value = Self.values[index]
      let undisturbed = Session()
      undisturbed.run([[83, 69, 84], [107], value])
      let expected = undisturbed.run(request.split(separator: " ").map { Array($0.utf8) })

      let session = Session()
      session.open(1, .resp2)
      session.run([[83, 69, 84], [107], value])
      let id = try #require(session.begin(request.split(separator: " ").map { Array($0.utf8) }))
      var reply: [UInt8] = []
      for _ in 0..<12 { reply += session.step(id).bytes }
      session.run(change, of: 1)
      session.checkInvariants()
      reply += session.finish(id)
      #expect(reply == expected)
      while session.executor.runBackgroundWork(units: 100) {}
      session.checkInvariants()
    }
  }

  @Test func `a command that shows the old value and cannot store the new one replies with the error alone`() throws {
    let session = Session(memoryLimitBytes: 1 << 20)
    session.run([[83, 69, 84], [107], Self.values[0]])
    for request in [[bytes("GETSET"), [107]], [bytes("SET"), [107]]] {
      let tail = request[0] == bytes("SET") ? [bytes("GET")] : []
      let reply = session.run(request + [Array(repeating: 1, count: 2_000_000)] + tail)
      #expect(reply.starts(with: bytes("-OOM")))
      session.checkInvariants()
    }
    #expect(session.run("STRLEN k") == ":300001\r\n")
    #expect(session.bulk(bytes("GET"), bytes("k")) == Self.values[0])
  }

  @Test func `a long reply that nobody waits for any more gives everything back`() throws {
    for request in ["GET k", "DUMP k", "KEYS *", "KEYS k*"] {
      let session = Session()
      session.run([[83, 69, 84], [107], Self.values[1]])
      let before = session.executor.keyspace.memoryUse
      for steps in 0..<20 {
        let id = try #require(session.begin(request.split(separator: " ").map { Array($0.utf8) }))
        for _ in 0..<steps where !session.step(id, bytes: 30_000).isRunning { break }
        if session.executor.longReplies.isUnderWay(id) { session.executor.end(id) }
        session.checkInvariants()
      }
      #expect(session.executor.longReplies.buffers.inUse == 0)
      session.run("DEL k")
      session.checkInvariants()
      #expect(session.executor.keyspace.memoryUse.heldBytes <= before.heldBytes - 300_000)
    }
  }

  @Test(arguments: [Dialect.line, .resp2])
  func `within a transaction a huge value is an element of its reply`(dialect: Dialect) throws {
    let session = Session(dialect)
    session.run([[83, 69, 84], [107], Self.values[2]])
    for request in ["MULTI", "GET k", "SETRANGE k 0 x", "STRLEN k"] { session.run(request) }
    let value = reply(to: Self.values[2], in: dialect)
    let count = Self.values[2].count
    if dialect == .line {
      #expect(session.run([bytes("EXEC")]) == value + bytes("VALUE \(count)\nVALUE \(count)\nEND 3\n"))
    } else {
      #expect(session.run([bytes("EXEC")]) == bytes("*3\r\n") + value + bytes(":\(count)\r\n:\(count)\r\n"))
    }
    session.checkInvariants()
  }

  @Test func `a huge value that is not wanted is not shown`() throws {
    let session = Session()
    session.run([[83, 69, 84], [107], Self.values[0]])
    session.run("CLIENT REPLY SKIP")
    #expect(session.run("GET k") == "")
    #expect(session.run("PING") == "+PONG\r\n")
    session.run("DEL k")
    session.checkInvariants()
  }
}

/// Replies of a transaction that take too much together.
@Suite struct TransactionReplyTests {
  @Test(arguments: [Dialect.resp2, .line])
  func `beyond its bound each request of a transaction is answered with an error`(dialect: Dialect) {
    let session = Session(dialect)
    session.run("SETRANGE k 135000000 x")
    for request in ["MULTI", "STRLEN k", "GETRANGE k 0 -1", "GETDEL k", "INCR n", "STRLEN k", "GET n"] {
      session.run(request)
    }
    let reply = session.run([bytes("EXEC")])
    let error = "this was executed, but its reply makes the transaction's too long: at most 256 MiB"
    let refusal = "this was not executed: its reply could make the transaction's too long, over 256 MiB"
    if dialect == .line {
      // Each zero takes four bytes in quotes: the first value is too long already.
      let tail = "VALUE 135000001\nERROR \(error)\nERROR \(refusal)\nVALUE 1\nVALUE 135000001\nVALUE 1\nEND 6\n"
      #expect(reply == bytes(tail))
    } else {
      #expect(reply.starts(with: bytes("*6\r\n:135000001\r\n$135000001\r\n")))
      let end = bytes("x\r\n-ERR \(refusal)\r\n:1\r\n:135000001\r\n$1\r\n1\r\n")
      #expect(reply.suffix(end.count) == end[...])
    }
    #expect(session.run("EXISTS k") == (dialect == .line ? "VALUE 1\n" : ":1\r\n"))
    session.checkInvariants()
  }
}
