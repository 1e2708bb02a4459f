import Bytes
import TestSupport
import Testing

@testable import Commands

/// Whether requests are held to the room that there is for what they record.
@Suite struct RecordRoomTests {
  private static func recording() -> Session {
    let session = Session()
    session.executor.beginRecording(frame: 1, isGating: true)
    return session
  }

  private static func line(_ generator: inout SeededGenerator) -> String {
    let key = String(repeating: "k", count: Int.random(in: 1..<200, using: &generator))
    let other = "o\(Int.random(in: 0..<3, using: &generator))"
    let number = Int.random(in: 0..<3_000, using: &generator)
    let text = String(repeating: "x", count: number)
    return [
      "SET \(key) \(text)", "SET \(key) 1\(text) PXAT 1", "SETRANGE \(key) \(number) 1\(text)",
      "APPEND \(key) 1\(text)",
      "SETRANGE \(key) 3000 x", "SETBIT \(key) \(number * 8) 1", "SET \(key) 1e4900", "INCRBYFLOAT \(key) 1e4900",
      "RENAME \(key) \(other)", "RENAMENX \(key) \(other)", "COPY \(key) \(other) REPLACE", "BITOP NOT \(other) \(key)",
      "BITOP OR \(key) \(key) \(other)", "MSET \(key) 1\(text) \(other) 1\(text)", "GETSET \(key) 1\(text)",
      "DEL \(key) \(other) o1 o2", "GETEX \(key) PX 100", "GETDEL \(key)", "PEXPIRE \(key) 1", "PERSIST \(key)",
      "SETEX \(key) 100 1\(text)", "SETNX \(key) 1\(text)", "INCR \(other)", "GET \(key)",
    ].randomElement(using: &generator) ?? ""
  }

  @Test(arguments: 0..<16 as Range<UInt64>)
  func `no request records more than there was room for`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let session = Self.recording()
    session.executor.room.refusedFrom = 0
    var refused = 0
    for _ in 0..<4_000 {
      let line = Self.line(&generator)
      let before = session.executor.log.buffer.count
      session.executor.room.bytes = before + Int.random(in: 0..<12_000, using: &generator)
      session.executor.room.reservedBytes = Int.random(in: 0..<200, using: &generator)
      if session.run(line).hasPrefix("-MISCONF") {
        refused += 1
        #expect(session.executor.log.buffer.count == before, "\(line.prefix(80))")
      }
      #expect(session.executor.log.buffer.count <= session.executor.room.bytes, "\(line.prefix(80))")
      if session.executor.log.buffer.count > 100_000 {
        _ = session.executor.log.take(replacement: ByteBuffer())
      }
      session.executor.now += 1
    }
    #expect(refused > 100 && refused < 3_500)
  }

  @Test func `what DUMP has compressed needs the room of its value`() {
    let session = Self.recording()
    session.run("SETRANGE large 100000 x")
    let payload = session.bulk(Array("DUMP".utf8), Array("large".utf8)) ?? []
    #expect(payload.count < 5_000)
    session.executor.room.refusedFrom = 0
    session.executor.room.bytes = session.executor.log.buffer.count + 100_000
    let request = [Array("RESTORE".utf8), Array("copy".utf8), Array("0".utf8), payload]
    #expect(String(decoding: session.run(request), as: UTF8.self).hasPrefix("-MISCONF"))
    session.executor.room.bytes += 20_000
    #expect(session.run(request) == Array("+OK\r\n".utf8))
  }

  @Test func `removals may use what is kept for them and other changes may not`() {
    let session = Self.recording()
    session.run("SET a 1")
    session.executor.room.refusedFrom = 0
    session.executor.room.bytes = session.executor.log.buffer.count + 2_000
    session.executor.room.reservedBytes = 2_000
    #expect(session.run("SET b 1").hasPrefix("-MISCONF"))
    #expect(session.run("RENAME a b").hasPrefix("-MISCONF"))
    #expect(session.run("DEL a") == ":1\r\n")
    session.executor.room.bytes = session.executor.log.buffer.count + 200
    #expect(session.run("DEL a").hasPrefix("-MISCONF"))
    #expect(session.run("FLUSHALL") == "+OK\r\n")
  }

  @Test(arguments: [1, 7, 100])
  func `a transaction is executed whole or not at all however short its words are`(pairCount: Int) {
    var executed = 0
    for room in stride(from: 0, to: 12_000, by: 60) {
      let session = Self.recording()
      session.executor.room.refusedFrom = 0
      session.executor.room.bytes = 100_000
      session.run("MULTI")
      session.run("SET x 1")
      session.run("MSET" + (0..<pairCount).map { " \(UnicodeScalar(UInt8(33 + $0 % 90))) v" }.joined())
      session.run("DEL x")
      session.run("SET y 1")
      session.executor.room.bytes = room
      let reply = session.run("EXEC")
      if reply.hasPrefix("*4\r\n") {
        executed += 1
        #expect(reply == "*4\r\n+OK\r\n+OK\r\n:1\r\n+OK\r\n")
        #expect(session.executor.log.buffer.count <= room)
      } else {
        #expect(reply.hasPrefix("-EXECABORT"))
        #expect(session.run("DBSIZE") == ":0\r\n")
      }
    }
    #expect(executed > 0 && executed < 200)
  }
}
