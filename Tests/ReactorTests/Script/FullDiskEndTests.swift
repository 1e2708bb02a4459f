// A disk that was full: whatever it was that went wrong for want of room goes on by itself once there is room again,
// and a disk that only this server has filled is emptied by removals.

import Commands
import LinuxIO
import TestSupport
import Testing

@testable import Reactor

@Suite struct FullDiskEndTests {
  private static func fail(_ number: Int32 = 28) -> SystemCallError { SystemCallError(call: "pwrite", number: number) }

  /// Lets seconds pass in which the disk does what it is asked to.
  private static func rest(_ scene: Scene, seconds: Int = 2) {
    for _ in 0..<seconds * 2 {
      scene.wait(500)
      scene.settle()
    }
  }

  @Test func `a frame that found no room is written though a compaction waits for its segment`() throws {
    let scene = try Scene()
    let client = scene.connect()
    let other = scene.connect()
    #expect(scene.ask(client, "SET a 1") == "+OK")
    scene.machine.fault = { $0.isSyncedWrite ? Self.fail() : nil }
    scene.send(client, "SET b 1")
    scene.send(other, "BGREWRITEAOF")
    #expect(scene.server.compaction.stage == .wantsSegment)
    scene.settle()
    #expect(scene.server.journal.room.isFull)
    #expect(client.take() == "")
    scene.machine.fault = { _ in nil }
    Self.rest(scene)
    #expect(client.take() == "+OK")
    #expect(scene.ask(client, "SET c 1") == "+OK")
    #expect(scene.server.compaction.completedCount == 1)
  }

  @Test func `SAVE fails when there is no room for the segment that it needs, and succeeds when there is`() throws {
    let scene = try Scene()
    scene.machine.fault = { operation in
      guard case .reserve(JournalLimits.spareName, _, _) = operation else { return nil }
      return SystemCallError(call: "fallocate", number: 28)
    }
    let client = scene.connect()
    scene.settle()
    scene.send(client, "SAVE")
    #expect(scene.server.compaction.stage == .wantsSegment)
    #expect(scene.server.journalDeadline == scene.server.journal.nextRetryAt, "it wakes for that")
    Self.rest(scene)
    #expect(client.take().hasPrefix("-ERR"))
    #expect(scene.server.compaction.stage == .idle)
    #expect(scene.server.journalDeadline == scene.server.compaction.retryAt, "and for the next time")
    scene.machine.fault = { _ in nil }
    Self.rest(scene)
    #expect(scene.ask(client, "SAVE") == "+OK")
    #expect(scene.server.compaction.failures == 0)
  }

  @Test func `removals leave the room that a compaction needs to begin, so that FLUSHALL ends a full disk`() throws {
    let scene = try Scene()
    let client = scene.connect()
    #expect(scene.ask(client, "MSET " + (0..<3_000).map { "t\($0) x" }.joined(separator: " ")) == "+OK")
    #expect(scene.ask(client, "SET large \(FullDiskTests.text(400_000))") == "+OK")
    Self.rest(scene)
    scene.machine.disk.capacity = scene.machine.disk.used + 100_000
    #expect(FullDiskTests.fill(scene, client) > 0)
    Self.rest(scene)
    var removed = 0
    while removed < 3_000, scene.ask(client, "DEL t\(removed)") == ":1" { removed += 1 }
    #expect(removed > 10 && removed < 3_000)
    #expect(scene.ask(client, "FLUSHALL") == "+OK")
    Self.rest(scene, seconds: 5)
    #expect(scene.ask(client, "SET more 1") == "+OK")
    #expect(try Scene(disk: scene.machine.disk).server.executor.keyspace.count == 1)
  }

  @Test func `a full disk is emptied key by key`() throws {
    let (scene, client) = try FullDiskTests.scene(free: 100_000)
    let count = FullDiskTests.fill(scene, client)
    for key in ["large", "a"] + (0..<count).map({ "k\($0)" }) {
      var reply = scene.ask(client, "DEL \(key)")
      for _ in 0..<10 where reply != ":1" {
        Self.rest(scene)
        reply = scene.ask(client, "DEL \(key)")
      }
      guard reply == ":1" else { throw TestFailure("\(key): \(reply)") }
    }
    Self.rest(scene)
    #expect(scene.ask(client, "SET more 1") == "+OK")
  }

  @Test func `where room cannot be reserved, a full disk counts as full until the frame that waits is written`() throws
  {
    let scene = try Scene()
    let client = scene.connect()
    #expect(scene.ask(client, "SET a 1") == "+OK")
    scene.machine.fault = { $0.isSyncedWrite ? Self.fail() : nil }
    #expect(scene.ask(client, "SET b 1") == "")
    for _ in 0..<50 {
      #expect(scene.server.journal.room.isFull)
      scene.wait(100)
      #expect(scene.server.journal.room.isFull)
      scene.disk()
    }
    scene.machine.fault = { _ in nil }
    Self.rest(scene)
    #expect(client.take() == "+OK")
    #expect(!scene.server.journal.room.isFull)
    #expect(scene.ask(client, "SET c 1") == "+OK")
  }

  @Test func `a file that may not be longer is like a disk that is full`() throws {
    let scene = try Scene()
    let client = scene.connect()
    #expect(scene.ask(client, "SET a 1") == "+OK")
    scene.machine.fault = { operation in
      operation.isReservation || operation.isSyncedWrite ? Self.fail(27) : nil
    }
    scene.send(client, "SET b 1")
    scene.settle()
    #expect(scene.server.exitStatus == nil)
    #expect(scene.server.journal.room.isFull)
    scene.machine.fault = { _ in nil }
    Self.rest(scene)
    #expect(client.take() == "+OK")
  }

  @Test func `the removal of expired keys fits its room though they are longer than keys may be by now`() throws {
    let scene = try Scene()
    #expect(scene.ask(scene.connect(), "SET \(FullDiskTests.text(1_000)) 1 PX 500") == "+OK")
    let after = try Scene(disk: scene.machine.disk)
    after.server.executor.settings.keyBytesMax = 10
    after.settle()
    after.server.executor.room.bytes = after.server.executor.log.buffer.count + 700
    after.machine.wall += 1_000
    after.server.executor.now = after.machine.wall
    for _ in 0..<10 { _ = after.server.executor.runBackgroundWork(units: 100) }
    #expect(after.server.executor.log.buffer.count <= after.server.executor.room.bytes)
    after.wait(2_000)
    after.settle()
    #expect(after.server.executor.keyspace.volatileCount == 0)
  }

  @Test(arguments: [4_096, 10_000, 40_000])
  func `a server starts on a disk that has few bytes left, and says that it is full`(free: Int) throws {
    let scene = try Scene()
    let client = scene.connect()
    #expect(scene.ask(client, "MSET a 1 b 2") == "+OK")
    scene.machine.signals = [15]
    client.end()
    scene.settle()
    #expect(scene.server.exitStatus == .finished)
    var disk = scene.machine.disk
    _ = disk.perform(.remove(JournalLimits.spareName), [])
    disk.capacity = disk.used + free
    let after = try Scene(disk: disk)
    let other = after.connect()
    #expect(after.server.journal.room.isFull)
    #expect(after.ask(other, "GET a") == "$1 1")
    #expect(after.ask(other, "DEL a") == ":1")
    #expect(after.ask(other, "FLUSHALL") == "+OK")
    after.machine.disk.capacity = .max
    Self.rest(after)
    #expect(after.ask(other, "SET c 1") == "+OK")
  }

  @Test func `a torn tail that a full disk has no room to keep is cut off all the same`() throws {
    let scene = try Scene()
    #expect(scene.ask(scene.connect(), "SET a 1") == "+OK")
    scene.settle()
    var disk = scene.machine.disk
    let name = scene.server.journal.segment.name
    let torn = [UInt8](repeating: 7, count: 20_000)
    #expect(disk.perform(.write(name, offset: scene.server.journal.segment.position, isSynced: true), torn) == nil)
    _ = disk.perform(.remove(JournalLimits.spareName), [])
    disk.capacity = disk.used
    let after = try Scene(disk: disk)
    #expect(after.ask(after.connect(), "GET a") == "$1 1")
    #expect(!after.machine.disk.fileNames.contains { $0.contains("torn") }, "\(after.machine.disk.fileNames)")
  }
}
