// What each mode waits for, and what it does when the disk fails or is full.

import Commands
import LinuxIO
import TestSupport
import Testing

@testable import Reactor

@Suite struct SyncModeTests {
  @Test func `everysec waits for the write and not for the sync, which comes within a second`() throws {
    let scene = try Scene(.everysec)
    let client = scene.connect()
    scene.send(client, "SET a 1")
    scene.turn(5)
    #expect(client.take() == "")
    scene.settle()
    #expect(client.take() == "+OK")
    scene.send(client, "SET a 2")
    while case .write(_, _, let isSynced) = scene.machine.pending.first?.operation {
      #expect(!isSynced)
      scene.disk()
    }
    #expect(client.take() == "+OK")
    scene.wait(1_100)
    #expect(scene.machine.pending.contains { if case .sync = $0.operation { true } else { false } })
  }

  @Test func `no waits for nothing`() throws {
    let scene = try Scene(.no)
    let client = scene.connect()
    scene.send(client, "SET a 1", "GET a", "DBSIZE")
    #expect(client.take() == "+OK $1 1 :1")
    #expect(!scene.machine.pending.isEmpty)
  }

  @Test(arguments: [SyncMode.no, .everysec])
  func `who was promised a synced write gets it though a weaker mode is set in the same turn`(_ mode: SyncMode) throws {
    let scene = try Scene(.always)
    let client = scene.connect()
    let admin = scene.connect()
    scene.settle()
    client.put(["SET a 1"])
    admin.put(["CONFIG SET appendfsync \(mode.rawValue)"])
    scene.turn(5)
    #expect(client.take() == "")
    #expect(admin.take() == "+OK")
    #expect(scene.machine.pending.first?.operation.isSyncedWrite == true)
    scene.disk()
    #expect(client.take() == "+OK")
    scene.send(client, "SET a 2")
    #expect(scene.machine.pending.contains { if case .write(_, _, false) = $0.operation { true } else { false } })
    scene.settle()
    #expect(client.take() == "+OK")
  }

  @Test func `the removal of a key whose time has come is written within a second`() throws {
    let scene = try Scene(.always)
    let client = scene.connect()
    #expect(scene.ask(client, "SET k 1 PX 50") == "+OK")
    let sequence = scene.server.journal.chain.nextSequence
    scene.machine.wall += 200
    scene.turn(3)
    #expect(scene.server.executor.keyspace.volatileCount == 0)
    #expect(scene.server.journal.chain.nextSequence == sequence, "it is not urgent")
    scene.wait(1_000)
    #expect(scene.server.journal.chain.nextSequence == sequence + 1)
    scene.settle()
    let after = try Scene(disk: scene.machine.disk, wall: scene.machine.wall - 3_600_000)
    #expect(after.ask(after.connect(), "GET k") == "$-1")
  }

  @Test(arguments: [5, 28, 9])
  func `a frame that cannot be synced ends the server, and nobody is told of it`(_ number: Int32) throws {
    let scene = try Scene()
    let client = scene.connect()
    let reader = scene.connect()
    #expect(scene.ask(client, "SET a 1") == "+OK")
    scene.machine.fault = { operation in
      operation.isSyncedWrite ? SystemCallError(call: "fdatasync", number: number) : nil
    }
    scene.send(client, "SET a 2")
    scene.send(reader, "GET a")
    scene.settle()
    scene.turn(10)
    #expect(scene.server.exitStatus == .failed)
    #expect(client.take() == "")
    #expect(reader.take() == "")
  }

  @Test(arguments: [SyncMode.always, .everysec])
  func `a full disk refuses what grows, while GET and DEL go on, until there is room`(_ sync: SyncMode) throws {
    let scene = try Scene(sync)
    let client = scene.connect()
    #expect(scene.ask(client, "SET a 1") == "+OK")
    #expect(scene.ask(client, "SET b 1") == "+OK")
    scene.machine.disk.capacity = scene.machine.disk.used
    for size in [10_000, 1] {
      let value = String(repeating: "x", count: size)
      var refused = ""
      for index in 0..<2_000 where refused.isEmpty {
        let reply = scene.ask(client, "SET k\(index) \(value)")
        if reply != "+OK" { refused = reply.isEmpty ? "held" : reply }
      }
      #expect(refused.hasPrefix("-MISCONF"))
    }
    scene.wait(2_000)
    let other = scene.connect()
    #expect(scene.ask(other, "SET c 1").hasPrefix("-MISCONF"))
    #expect(scene.ask(other, "INCR c").hasPrefix("-MISCONF"))
    #expect(scene.ask(other, "GET a") == "$1 1")
    #expect(scene.ask(other, "DEL b") == ":1")
    scene.machine.disk.capacity = .max
    scene.wait(1_000)
    scene.settle()
    #expect(scene.ask(other, "SET c 1") == "+OK")
  }

  @Test func `room that is asked for while the segment ends does not stop the next one`() throws {
    let scene = try Scene(segmentBytes: 1 << 19)
    let client = scene.connect()
    for index in 0..<600 {
      // A frame is done before the room that was asked for behind it: the next frame may end the segment.
      let count = 1_000 + index * 7_919 % 30_000
      scene.send(client, "SET k\(index % 7) \(String(repeating: "x", count: count))")
      for _ in 0..<200 where client.isSilent { scene.disk() }
      let reply = client.take()
      #expect(reply == "+OK", "write \(index)")
      if reply != "+OK" { return }
    }
    #expect(scene.server.journal.segment.number > 10)
  }

  @Test func `room that cannot be had for a segment that is being left fails nothing`() throws {
    let scene = try Scene(segmentBytes: 1 << 22)
    let client = scene.connect()
    scene.settle()
    scene.server.journal.room.retryAt = scene.server.clock.milliseconds
    scene.turn()
    #expect(scene.machine.pending.contains { $0.operation.isReservation })
    scene.machine.fault = { $0.isReservation ? SystemCallError(call: "fallocate", number: 28) : nil }
    scene.server.beginCompaction("test")
    scene.turn()
    #expect(scene.server.journal.switching == .cutting)
    scene.disk()
    scene.machine.fault = { _ in nil }
    scene.settle()
    #expect(scene.server.exitStatus == nil)
    #expect(scene.ask(client, "SET k 1") == "+OK")
  }

  @Test func `with more changes than the disk takes writes wait, and reads go on`() throws {
    let scene = try Scene(.no)
    let clients = (0..<8).map { _ in scene.connect() }
    let value = String(repeating: "x", count: 1 << 20)
    for _ in 0..<10 {
      for client in clients { scene.send(client, "SET k \(value)") }
    }
    for client in clients { _ = client.take() }
    scene.send(clients[0], "SET last 1")
    scene.turn(10)
    #expect(clients[0].take() == "")
    let reader = scene.connect()
    scene.send(reader, "GET nothing")
    #expect(reader.take() == "$-1")
    scene.settle()
    scene.turn(10)
    #expect(clients[0].take().hasSuffix("+OK"))
  }

  @Test func `keys that expire while the server stops are gone, and its journal can be read`() throws {
    let scene = try Scene()
    let client = scene.connect()
    #expect(scene.ask(client, "MSET a 1 b 1") == "+OK")
    #expect(scene.ask(client, "SET k 1 PX 500") == "+OK")
    #expect(scene.ask(client, "SET l 1 PX 5000") == "+OK")
    scene.send(client, "SET a 2")
    scene.machine.signals = [15]
    client.end()
    // The time of one key comes while the last change is on its way, of the other while its removal is.
    scene.turn(3)
    scene.machine.wall += 1_000
    scene.turn(3)
    for _ in 0..<20 where scene.server.journal.progress == .open { scene.disk() }
    #expect(scene.server.journal.progress == .closing)
    scene.machine.wall += 10_000
    scene.turn(3)
    scene.settle()
    scene.wait(1_000)
    scene.settle()
    #expect(scene.server.exitStatus == .finished)
    let after = try Scene(disk: scene.machine.disk, wall: scene.machine.wall - 3_600_000)
    let reader = after.connect()
    #expect(after.ask(reader, "MGET a b k l") == "*4 $1 2 $1 1 $-1 $-1")
  }

  @Test(arguments: SyncMode.allCases)
  func `SIGTERM writes what is left, and says so in a last frame`(_ sync: SyncMode) throws {
    let scene = try Scene(sync)
    let client = scene.connect()
    scene.send(client, "SET a 1")
    scene.machine.signals = [15]
    client.end()
    scene.settle()
    scene.wait(6_000)
    scene.settle()
    #expect(scene.server.exitStatus == .finished)
    var random = SeededGenerator(seed: 1)
    let after = try Scene(sync, disk: scene.machine.disk.afterPowerCut(&random))
    #expect(after.ask(after.connect(), "GET a") == "$1 1")
  }
}

extension StorageOperation {
  /// Whether it asks for room on the disk.
  var isReservation: Bool { if case .reserve = self { true } else { false } }
}

extension Peer {
  /// Whether nothing has come since the last time.
  var isSilent: Bool { machine.sockets[socket]!.output.isEmpty }
}
