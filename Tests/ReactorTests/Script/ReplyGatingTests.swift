// What a reply waits for, in each mode: the disk does one operation at a time, and after each it is seen who is told
// what.

import Commands
import LinuxIO
import TestSupport
import Testing

@testable import Reactor

@Suite struct ReplyGatingTests {
  /// A scene in which `a`, `b` and `gone` are on disk, `gone` no longer, and a change of `a` waits for the disk.
  private static func scene(_ sync: SyncMode = .always, write: String = "SET a 2") throws -> (Scene, Peer, Peer) {
    let scene = try Scene(sync)
    let writer = scene.connect()
    let reader = scene.connect()
    scene.send(writer, "MSET a 1 b 1")
    scene.settle()
    #expect(writer.take() == "+OK")
    scene.send(writer, write)
    return (scene, writer, reader)
  }

  @Test func `a reply to a write is sent when its sync has returned, and not before`() throws {
    let (scene, writer, _) = try Self.scene()
    scene.turn(10)
    #expect(writer.take() == "")
    #expect(scene.machine.pending.first?.operation.isSyncedWrite == true)
    scene.disk()
    #expect(writer.take() == "+OK")
  }

  @Test(arguments: [
    "GET a", "MGET b a", "EXISTS a", "EXISTS b a", "TTL a", "TYPE a", "STRLEN a", "GETRANGE a 0 -1", "SET a 3 NX",
    "DBSIZE", "KEYS *", "SCAN 0", "RANDOMKEY", "COUNT", "LIST", "OBJECT ENCODING a", "MEMORY USAGE a", "DUMP a",
    "LCS a b", "COPY a c", "MSETNX a 1 c 1", "GETDEL a", "GETEX a", "TOUCH a", "DEL a", "UNLINK b a", "EXPIRETIME a",
    "SETNX a 3", "BITCOUNT a", "GETBIT a 1", "RENAME a c", "RENAMENX b a", "PERSIST a",
  ])
  func `who may see an unsynced write waits for it`(_ request: String) throws {
    let (scene, _, reader) = try Self.scene()
    scene.send(reader, request)
    scene.turn(10)
    #expect(reader.take() == "")
    scene.settle()
    #expect(reader.take() != "")
  }

  @Test(arguments: ["GET b", "MGET b b", "EXISTS b", "STRLEN b", "PING", "ECHO x", "TTL b", "GET nothing"])
  func `who cannot see an unsynced write does not wait`(_ request: String) throws {
    let (scene, writer, reader) = try Self.scene()
    scene.send(reader, request)
    #expect(reader.take() != "")
    #expect(writer.take() == "")
  }

  @Test(arguments: [
    "DEL a", "FLUSHALL", "EXPIRE a 100", "SETEX a 10 x", "APPEND a 1", "SETRANGE a 1 x", "INCR a", "MSET a 5 c 1",
  ])
  func `each kind of write holds its own reply and those that see it`(_ request: String) throws {
    let (scene, writer, reader) = try Self.scene(write: request)
    scene.send(reader, "GET a")
    scene.turn(5)
    #expect(writer.take() == "")
    #expect(reader.take() == "")
    scene.settle()
    #expect(writer.take() != "")
    #expect(reader.take() != "")
  }

  @Test func `after FLUSHALL everybody waits who looks at any key`() throws {
    let (scene, _, reader) = try Self.scene(write: "FLUSHALL")
    scene.send(reader, "GET never-there")
    #expect(reader.take() == "")
    scene.disk()
    #expect(reader.take() == "$-1")
  }

  @Test func `a write that waits for the frame before is seen by nobody until its own frame is on disk`() throws {
    let (scene, writer, reader) = try Self.scene()
    let second = scene.connect()
    scene.send(second, "SET b 2")
    scene.send(reader, "GET b")
    scene.turn(5)
    scene.disk()
    #expect(writer.take() == "+OK")
    #expect(second.take() == "")
    #expect(reader.take() == "")
    scene.disk()
    #expect(second.take() == "+OK")
    #expect(reader.take() == "$1 2")
  }

  @Test func `a pipeline is answered in order, and up to its first write at once`() throws {
    let scene = try Scene()
    let client = scene.connect()
    scene.send(client, "GET a", "PING", "SET a 1", "GET b", "PING", "GET a")
    scene.turn(5)
    #expect(client.take() == "$-1 +PONG")
    scene.send(client, "PING")
    #expect(client.take() == "")
    scene.settle()
    #expect(client.take() == "+OK $-1 +PONG $1 1 +PONG")
  }

  @Test func `EXEC tells of a watched key that somebody changes only when that change is on disk`() throws {
    let scene = try Scene()
    let client = scene.connect()
    let other = scene.connect()
    _ = scene.ask(client, "SET k 1")
    _ = scene.ask(client, "WATCH k")
    scene.send(other, "SET k 2")
    scene.send(client, "MULTI", "SET x 1", "EXEC")
    scene.turn(5)
    #expect(client.take() == "+OK +QUEUED")
    scene.settle()
    #expect(client.take() == "*-1")
    #expect(scene.ask(client, "GET x") == "$-1")
  }

  @Test func `a transaction is one frame, and answered when that is on disk`() throws {
    let scene = try Scene()
    let client = scene.connect()
    scene.send(client, "MULTI", "SET a 1", "SET b 2", "GET a", "EXEC")
    scene.turn(5)
    #expect(client.take() == "+OK +QUEUED +QUEUED +QUEUED")
    #expect(scene.machine.pending.count { $0.operation.isSyncedWrite } == 1)
    scene.settle()
    #expect(client.take() == "*3 +OK +OK $1 1")
  }

  @Test func `a message that was published behind a change is held with it`() throws {
    let (scene, _, reader) = try Self.scene()
    let publisher = scene.connect()
    _ = scene.ask(reader, "SUBSCRIBE news")
    scene.settle()
    scene.send(publisher, "PUBLISH news before", "SET b 2", "PUBLISH news after")
    scene.turn(5)
    #expect(reader.take() == "*3 $7 message $4 news $6 before")
    #expect(publisher.take() == ":1")
    scene.settle()
    #expect(reader.take() == "*3 $7 message $4 news $5 after")
    #expect(publisher.take() == "+OK :1")
  }

  @Test func `what is for a connection that waits for two frames comes in order when both are on disk`() throws {
    let (scene, _, reader) = try Self.scene()
    let publisher = scene.connect()
    _ = scene.ask(reader, "HELLO 3")
    _ = scene.ask(reader, "SUBSCRIBE news")
    scene.send(publisher, "SET a 4")
    // The reader waits for the frame on its way, and then is told of a change in the next one.
    scene.send(reader, "GET a")
    let other = scene.connect()
    scene.send(other, "SET b 2", "PUBLISH news changed")
    scene.turn(5)
    scene.disk()
    scene.turn(5)
    let first = reader.take()
    scene.settle()
    let all = first + reader.take()
    #expect(all == "$1 4>3 $7 message $4 news $7 changed", "\(all)")
    #expect(first == "$1 4" || first == "", "the message waits for its own frame")
  }

  @Test func `a message does not overtake replies that its subscriber waits for`() throws {
    let (scene, _, reader) = try Self.scene()
    let publisher = scene.connect()
    // RESP3, in which a subscriber may ask what it likes.
    _ = scene.ask(reader, "HELLO 3")
    _ = scene.ask(reader, "SUBSCRIBE news")
    scene.send(publisher, "SET a 3")
    scene.send(reader, "GET a")
    scene.send(publisher, "PING")
    let third = scene.connect()
    scene.send(third, "PUBLISH news hello")
    scene.turn(5)
    #expect(reader.take() == "")
    scene.settle()
    #expect(reader.take() == "$1 3 >3 $7 message $4 news $5 hello")
  }

  @Test func `a long listing tells nothing of a write that is not on disk`() throws {
    let scene = try Scene()
    let writer = scene.connect()
    let reader = scene.connect()
    for index in 0..<3_000 { writer.put(["SET key:\(index) 1"]) }
    scene.settle()
    _ = writer.take()
    scene.send(writer, "SET new 1")
    scene.send(reader, "LIST")
    scene.turn(50)
    #expect(reader.take() == "")
    scene.settle()
    scene.turn(200)
    #expect(reader.take().contains("new"))
  }

  @Test func `a lock that is not on disk yet is not told to be another's`() throws {
    let (scene, _, reader) = try Self.scene()
    let script = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"
    let words = ["EVAL", script, "1", "a", "other"].map { Array($0.utf8) }
    scene.machine.sockets[reader.socket]!.input += RESPClient.encode(words)
    scene.turn(5)
    #expect(reader.take() == "")
    scene.settle()
    #expect(reader.take() == ":0")
  }

  @Test func `a key that has expired holds nobody up`() throws {
    let scene = try Scene()
    let client = scene.connect()
    _ = scene.ask(client, "SET k 1 PX 50")
    scene.machine.wall += 100
    scene.send(client, "GET k", "DEL k", "EXISTS k")
    #expect(client.take() == "$-1 :0 :0")
  }

  @Test func `a reply that is held is not sent to who has left, and a half-closed client gets it`() throws {
    let (scene, writer, reader) = try Self.scene()
    scene.send(reader, "SET b 9")
    writer.end()
    scene.turn(5)
    #expect(writer.take() == "")
    scene.settle()
    #expect(writer.take() == "+OK")
    #expect(scene.machine.sockets[writer.socket]!.isClosed)
    #expect(reader.take() == "+OK")
  }
}

extension StorageOperation {
  /// Whether it is a frame that is made durable.
  var isSyncedWrite: Bool { if case .write(_, let offset, true) = self { offset > 0 } else { false } }
}
