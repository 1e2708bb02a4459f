import Bytes
import Store
import TestSupport
import Testing

@testable import Commands

/// What commands write down of their changes, and what comes of it when it is applied.
@Suite struct RecordingTests {
  /// A session that writes its changes down, and is handed blocks of them.
  private static func recording(_ now: Int64 = 1_700_000_000_123) -> Session {
    let session = Session(now: now)
    session.executor.beginRecording(frame: 1, isGating: true)
    return session
  }

  private static func apply(_ records: [UInt8], to session: Session, time: Int64) throws -> Int {
    try session.executor.apply(records.span, time: time)
  }

  /// All keys with values and expiry.
  private static func contents(_ session: Session) -> [[UInt8]: (value: [UInt8], expiry: Expiry)] {
    var contents: [[UInt8]: (value: [UInt8], expiry: Expiry)] = [:]
    var cursor: UInt64 = 0
    repeat {
      cursor = session.executor.keyspace.scanEntries(
        cursor: cursor, count: 100, bytes: 1 << 20, now: session.executor.now
      ) { contents[$0.copied] = ($1.copied, $2) }
    } while cursor != 0
    return contents
  }

  private static func expectSame(_ first: Session, _ second: Session, _ comment: Comment) {
    let one = contents(first)
    let other = contents(second)
    #expect(Set(one.keys) == Set(other.keys), comment)
    for (key, entry) in one {
      #expect(other[key]?.value == entry.value, comment)
      #expect(other[key]?.expiry == entry.expiry, comment)
    }
  }

  private static func line(_ generator: inout SeededGenerator) -> String {
    let key = "key:\(Int.random(in: 0..<12, using: &generator))"
    let other = "key:\(Int.random(in: 0..<12, using: &generator))"
    let number = Int.random(in: 0..<300, using: &generator)
    let text = String(repeating: "x", count: number) + "\(number)"
    let lines = [
      "SET \(key) \(text)", "SET \(key) \(number)", "SET \(key) \(number) KEEPTTL",
      "SET \(key) \(text) PX \(number + 1)",
      "APPEND \(key) \(text)", "SETRANGE \(key) \(number) abc", "SETRANGE \(key) \(number * 9) \(text)",
      "SETBIT \(key) \(number * 7) \(number & 1)", "INCRBY \(key) \(number)", "INCRBYFLOAT \(key) 1.5",
      "DEL \(key) \(other)",
      "EXPIRE \(key) \(number)", "PEXPIRE \(key) \(number)", "EXPIRE \(key) -1", "PERSIST \(key)",
      "RENAME \(key) \(other)", "COPY \(key) \(other) REPLACE", "MSET \(key) \(text) \(other) \(number)",
      "GETDEL \(key)",
      "GETEX \(key) PX \(number + 1)", "GETSET \(key) \(text)", "BITOP XOR \(key) \(other) \(key)",
      "SETNX \(key) \(text)",
      "GET \(key)",
    ]
    if Int.random(in: 0..<400, using: &generator) == 0 { return "FLUSHALL" }
    return lines.randomElement(using: &generator) ?? ""
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func `what is recorded gives the same keys when it is applied`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let session = Self.recording()
    let copy = Session()
    for turn in 0..<300 {
      for _ in 0..<Int.random(in: 1...9, using: &generator) { session.run(Self.line(&generator)) }
      session.executor.removeExpired(limit: 100)
      let time = session.executor.log.earliestTime
      let count = session.executor.log.recordCount
      let block = session.executor.log.take(replacement: ByteBuffer())
      if count > 0 {
        let applied = try Self.apply(block.span.extracting(64...).copied, to: copy, time: time)
        #expect(applied == count)
      }
      session.executor.now += Int64.random(in: 0..<40, using: &generator)
      copy.executor.now = session.executor.now
      if turn.isMultiple(of: 50) { Self.expectSame(session, copy, "seed \(seed), turn \(turn)") }
    }
    Self.expectSame(session, copy, "seed \(seed)")
    copy.executor.keyspace.checkInvariants()
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func `a base of no one moment is right once what was recorded since it began is applied over it`(seed: UInt64) throws
  {
    var generator = SeededGenerator(seed: seed &+ 1000)
    let session = Self.recording()
    for _ in 0..<200 { session.run(Self.line(&generator)) }
    _ = session.executor.log.take(replacement: ByteBuffer())

    session.run("SETRANGE large 300000 x")
    var base = EntryRecords()
    var since: [(records: [UInt8], time: Int64)] = []
    while !base.isComplete {
      session.executor.append(to: &base, keys: 1, bytes: 50_000)
      for _ in 0..<Int.random(in: 0..<4, using: &generator) { session.run(Self.line(&generator)) }
      session.run("SETRANGE large \(Int.random(in: 0..<400_000, using: &generator)) abc")
      let time = session.executor.log.earliestTime
      since.append((session.executor.log.take(replacement: ByteBuffer()).span.extracting(64...).copied, time))
      session.executor.now += 5
    }

    let copy = Session()
    _ = try Self.apply(base.buffer.span.copied, to: copy, time: session.executor.now)
    for block in since { _ = try Self.apply(block.records, to: copy, time: block.time) }
    copy.executor.now = session.executor.now
    Self.expectSame(session, copy, "seed \(seed)")
    copy.executor.keyspace.checkInvariants()
  }

  @Test func `bytes that are no record are refused, at the place where they stand`() {
    let session = Session()
    let good: [UInt8] = [1, 1, UInt8(ascii: "k"), 1, UInt8(ascii: "v")]
    for bad in [[0], [7], [1], [1, 2, 65], [1, 1, 65, 200], [2, 1, 65, 0, 0], [6, 1, 65], [4, 1, 65, 1]] as [[UInt8]] {
      #expect(throws: ApplyFault.malformed(offset: good.count)) { try Self.apply(good + bad, to: session, time: 0) }
    }
    // A patch that ends beyond the length which it gives its value.
    let patch: [UInt8] = [6, 1, 65] + [UInt8](repeating: 0xFF, count: 8) + [4, 3, 2, 1, 2]
    #expect(throws: ApplyFault.malformed(offset: 0)) { try Self.apply(patch, to: session, time: 0) }
  }

  @Test func `a part of a value is applied although a base says that its key had expired by then`() throws {
    var records = ByteBuffer()
    MutationLog.appendPatch(
      Array("k".utf8).span, expiry: .at(1_000), total: 300_000, offset: 0, Array("aaa".utf8).span, to: &records)
    var later = ByteBuffer()
    MutationLog.appendPatch(
      Array("k".utf8).span, expiry: .never, total: 300_000, offset: 3, Array("bbb".utf8).span, to: &later)
    let session = Session(now: 3_000)
    _ = try Self.apply(records.span.copied, to: session, time: 500)
    _ = try Self.apply(later.span.copied, to: session, time: 2_000)
    #expect(session.run("GETRANGE k 0 5") == "$6\r\naaabbb\r\n")
    #expect(session.run("TTL k") == ":-1\r\n")
  }

  @Test func `a small change of a large value is recorded as that change`() {
    let session = Self.recording()
    session.run("SETRANGE big 1000000 x")
    _ = session.executor.log.take(replacement: ByteBuffer())
    session.run("APPEND big yz")
    session.run("SETBIT big 7 1")
    #expect(session.executor.log.bytes < 100)
  }

  // MARK: - Gates

  @Test(arguments: [
    ("GET touched", true), ("GET other", false), ("EXISTS other touched", true), ("MGET other others", false),
    ("MGET other touched", true), ("DBSIZE", true), ("SCAN 0", true), ("KEYS *", true), ("PING", false),
    ("SET other 1", true), ("OBJECT ENCODING other", true), ("TTL touched", true), ("RANDOMKEY", true), ("INFO", false),
  ])
  func `a reply waits for what it may have seen`(line: String, waits: Bool) {
    let session = Self.recording()
    session.run("SET touched 1")
    #expect(session.executor.gate == 1)
    session.run(line)
    #expect((session.executor.gate == 1) == waits, "\(line)")
  }

  @Test func `a change that is being written is waited for by its frame, and by none once it is safe`() {
    let session = Self.recording()
    session.run("SET a 1")
    session.executor.beginFrame()
    session.run("SET b 1")
    session.run("GET a")
    #expect(session.executor.gate == 1)
    session.run("GET b")
    #expect(session.executor.gate == 2)
    session.run("DBSIZE")
    #expect(session.executor.gate == 2)
    session.executor.endFrame()
    session.run("GET a")
    #expect(session.executor.gate == 0)
  }

  @Test func `all keys wait for a flush, absent ones too`() {
    let session = Self.recording()
    session.run("SET a 1")
    session.executor.beginFrame()
    session.executor.endFrame()
    session.run("FLUSHALL")
    session.run("GET never")
    #expect(session.executor.gate == 2)
  }

  @Test func `a transaction that a change has aborted waits for that change`() {
    let session = Self.recording()
    session.open(1, .resp2)
    session.run("WATCH a", of: 1)
    session.run("MULTI", of: 1)
    session.run("SET a 1")
    session.run("EXEC", of: 1)
    #expect(session.executor.gate == 1)
  }

  @Test func `the reply to a removal waits from its first byte on`() {
    let session = Self.recording()
    session.run("SET a value")
    session.executor.beginFrame()
    session.executor.endFrame()
    session.run("GETDEL a")
    #expect(session.executor.gate == 2)
    #expect(session.executor.gateOffset == 0)
  }
}
