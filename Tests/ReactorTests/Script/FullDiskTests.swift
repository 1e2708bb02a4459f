// A disk that has little room or none: nothing is executed that cannot be written, and nobody is left waiting.

import Commands
import LinuxIO
import TestSupport
import Testing

@testable import Reactor

@Suite struct FullDiskTests {
  static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

  /// A scene whose disk has so many bytes more than what it holds when the first keys are stored.
  static func scene(free: Int, segmentBytes: UInt64 = 1 << 20, sync: SyncMode = .always) throws -> (
    Scene, Peer
  ) {
    let scene = try Scene(sync, segmentBytes: segmentBytes)
    let client = scene.connect()
    #expect(scene.ask(client, "MSET a 1 large \(text(600_000))") == "+OK")
    scene.wait(1_000)
    scene.settle()
    scene.machine.disk.capacity = scene.machine.disk.used + free
    return (scene, client)
  }

  /// Stores values until even a short one is refused; returns how many were stored.
  static func fill(_ scene: Scene, _ client: Peer) -> Int {
    var count = 0
    for bytes in [10_000, 300] {
      while count < 2_000 {
        let reply = scene.ask(client, "SET k\(count) \(text(bytes))")
        if reply.hasPrefix("-MISCONF") { break }
        #expect(reply == "+OK", "it hangs")
        guard reply == "+OK" else { return 0 }
        count += 1
      }
    }
    return count
  }

  @Test func `what needs more room than there is waits until it is there`() throws {
    let scene = try Scene()
    let client = scene.connect()
    scene.settle()
    scene.send(client, "SET a \(Self.text(3 << 20))")
    scene.turn(100)
    #expect(client.take() == "")
    #expect(scene.server.executor.log.recordCount == 0, "nothing is executed that may not be written")
    #expect(scene.machine.pending.contains { $0.operation.isReservation })
    scene.settle()
    #expect(client.take() == "+OK")
  }

  @Test(arguments: [
    ["SET huge \(text(400_000))"], ["MSET b 1 huge \(text(400_000))"], ["RENAME large huge"],
    ["RENAMENX large huge"], ["COPY large huge"], ["BITOP NOT huge large"],
    ["MULTI", "SET b 1", "RENAME large huge", "EXEC"], ["MULTI", "SETRANGE z 500000 x", "RENAME z huge", "EXEC"],
    ["MULTI", "SET huge \(text(400_000))", "EXEC"],
  ])
  func `what the disk has no room for is refused and nothing of it is done`(_ requests: [String]) throws {
    let (scene, client) = try Self.scene(free: 100_000)
    for request in requests.dropLast() { _ = scene.ask(client, request) }
    let reply = scene.ask(client, requests.last!)
    #expect(reply.hasPrefix(requests.count > 1 ? "-EXECABORT" : "-MISCONF"), "\(reply.prefix(100))")
    #expect(scene.ask(client, "EXISTS a large huge b z") == ":2")
    let other = scene.connect()
    #expect(scene.ask(other, "SET small 1") == "+OK", "there is room for less")
    #expect(scene.ask(other, "RENAME small less") == "+OK")
    scene.machine.disk.capacity = .max
    scene.wait(1_000)
    for request in requests.dropLast() { _ = scene.ask(client, request) }
    let later = scene.ask(client, requests.last!)
    #expect(!later.contains("-"), "\(later.prefix(100))")
    #expect(scene.ask(client, "EXISTS huge") == ":1")
  }

  @Test func `a quoted request that waits for room is parsed as it came`() throws {
    let scene = try Scene()
    let person = Peer(scene.machine, scene.machine.connect())
    scene.settle()
    let line = #"SET "k \"1\" \\" ""# + Self.text(3 << 19) + "\\\\\\n\"\n"
    scene.machine.sockets[person.socket]!.input += Array(line.utf8)
    for _ in 0..<100 { scene.turn() }
    #expect(scene.machine.sockets[person.socket]!.output.isEmpty)
    scene.settle()
    scene.machine.sockets[person.socket]!.input += Array("STRLEN \"k \\\"1\\\" \\\\\"\nGET k\n".utf8)
    scene.settle()
    let output = String(decoding: scene.machine.sockets[person.socket]!.output, as: UTF8.self)
    #expect(output == "OK\nVALUE \((3 << 19) + 2)\nERROR key not found\n", "\(output)")
  }

  @Test(arguments: [SyncMode.always, .everysec, .no])
  func `removals go on as long as there is room for them, and are then refused and not held`(_ sync: SyncMode) throws {
    // Nothing to gain from a compaction: all that is stored is live.
    let (scene, client) = try Self.scene(free: 100_000, sync: sync)
    let count = Self.fill(scene, client)
    scene.wait(1_000)
    scene.settle()
    #expect(scene.ask(client, "SET more 1").hasPrefix("-MISCONF"))
    var removed = 0
    var reply = ":1"
    for index in 0..<count where reply == ":1" {
      reply = scene.ask(client, "DEL k\(index)")
      if reply == ":1" { removed += 1 }
    }
    #expect(removed > 10)
    #expect(reply == ":1" || reply.hasPrefix("-MISCONF"), "\(reply)")
    #expect(scene.ask(client, "GET a") == "$1 1")
    #expect(scene.ask(client, "FLUSHALL") == "+OK", "that makes room")
    for _ in 0..<10 where scene.ask(client, "SET more 1") != "+OK" {
      scene.wait(1_000)
      scene.settle()
    }
    #expect(scene.ask(client, "GET more") == "$1 1")
    let after = try Scene(sync, disk: scene.machine.disk)
    #expect(after.ask(after.connect(), "DBSIZE") == ":1")
  }

  @Test func `on a full disk a compaction begins though the journal is short for its segments`() throws {
    let (scene, client) = try Self.scene(free: 1_000_000, segmentBytes: 64 << 20)
    #expect(Self.fill(scene, client) > 0)
    #expect(scene.server.journal.room.isFull)
    #expect(scene.server.compaction.completedCount == 0)
    #expect(scene.ask(client, "FLUSHALL") == "+OK")
    scene.wait(1_000)
    scene.settle()
    #expect(scene.server.compaction.completedCount == 1)
    scene.wait(1_000)
    scene.settle()
    #expect(scene.ask(client, "SET more \(Self.text(100_000))") == "+OK")
    #expect(!scene.server.journal.room.isFull)
  }

  @Test func `a compaction that fails is tried again later and later, but soon if much was removed`() throws {
    let scene = try Scene(segmentBytes: 1 << 16)
    let client = scene.connect()
    scene.machine.fault = { operation in
      guard case .write(let name, _, _) = operation, name.hasSuffix(".new") else { return nil }
      return SystemCallError(call: "pwrite", number: 28)
    }
    var pauses: [UInt64] = []
    for _ in 0..<4 {
      let before = scene.server.compaction.failures
      for _ in 0..<1_000 where scene.server.compaction.failures == before {
        #expect(scene.ask(client, "SET a \(Self.text(5_000))") == "+OK")
        scene.wait(1_000)
        scene.settle()
      }
      pauses.append(scene.server.compaction.retryAt - scene.server.clock.milliseconds)
    }
    #expect(pauses[0] <= 10_000 && pauses[1] > 11_000 && pauses[3] > 60_000, "\(pauses)")
    scene.machine.fault = { _ in nil }
    _ = scene.ask(client, "FLUSHALL")
    scene.wait(1_000)
    scene.settle()
    #expect(scene.server.compaction.completedCount == 1)
  }

  @Test func `a server stops as ever on a full disk, and even without room for its last frame`() throws {
    let (scene, client) = try Self.scene(free: 100_000)
    #expect(Self.fill(scene, client) > 0)
    scene.machine.fault = { operation in
      operation.isSyncedWrite ? SystemCallError(call: "pwrite", number: 28) : nil
    }
    scene.machine.signals = [15]
    client.end()
    scene.settle()
    for _ in 0..<10 {
      scene.wait(1_000)
      scene.settle()
    }
    #expect(scene.server.exitStatus == .finished)
    let after = try Scene(disk: scene.machine.disk)
    #expect(after.ask(after.connect(), "GET a") == "$1 1")
  }

  @Test func `expired keys stay in memory while there is no room for their removal, and the loop rests`() throws {
    let (scene, client) = try Self.scene(free: 0)
    #expect(scene.ask(client, "SET short 1 PX 500") == "+OK")
    _ = Self.fill(scene, client)
    scene.server.executor.room.bytes = 0
    scene.machine.wall += 1_000
    let hasMore = scene.server.executor.runBackgroundWork(units: 100)
    #expect(!hasMore)
    #expect(scene.server.executor.nextWork == nil)
    #expect(scene.ask(client, "GET short") == "$-1")
    scene.wait(2_000)
    scene.settle()
    #expect(scene.server.executor.keyspace.volatileCount == 0)
  }
}
