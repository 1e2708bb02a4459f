// A server that compacts while it is written to, cut off after each operation of its disk: by a kill, which leaves what
// was done, and by a power cut, which leaves what was synced and any part of the rest.

import Commands
import LinuxIO
import TestSupport
import Testing

@testable import Reactor

@Suite struct CompactionStepTests {
  /// What one client has been told, key by key.
  private struct Story {
    var acknowledged: [String: String] = [:]
    /// The request that is not answered yet, and what its key holds after it.
    var pending: (key: String, value: String?)?

    /// Whether a server may hold this.
    func allows(_ key: String, _ value: String?) -> Bool {
      if let pending, pending.key == key, pending.value == value { return true }
      return acknowledged[key] == value
    }

    mutating func acknowledge() {
      if let pending { acknowledged[pending.key] = pending.value }
      pending = nil
    }
  }

  private static let keys = (0..<12).map { "k\($0)" } + ["log"]

  @Test(arguments: SyncMode.allCases.filter { $0 != .no })
  func `cut off after any operation, everything that was answered is found again`(_ sync: SyncMode) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let scene = try Scene(sync, segmentBytes: 1 << 16)
    let client = scene.connect()
    var story = Story()
    var compactions: UInt64 = 0
    var stages: Set<String> = []
    var steps = 0
    for number in 0..<4_000 where compactions < 3 {
      if story.pending == nil { Self.send(number, &story, &random, scene, client) }
      scene.disk()
      if sync == .everysec, random.next() % 8 == 0 { scene.wait(1_000) }
      if !client.take().isEmpty { story.acknowledge() }
      if scene.server.compaction.completedAt > 0, !scene.server.isCompacting {
        scene.server.compaction.completedAt = 0
        compactions += 1
      }
      stages.insert("\(scene.server.compaction.stage)")
      // Every operation of a compaction, some of the others.
      guard scene.server.isCompacting || number.isMultiple(of: 20) else { continue }
      steps += 1
      try Self.check(scene.machine.disk, sync, story, "seed \(seed), killed after operation \(number)")
      let left = scene.machine.disk.afterPowerCut(&random)
      let comment = "seed \(seed), power cut after operation \(number)"
      if sync == .always { try Self.check(left, sync, story, comment) } else { try Self.load(left, sync, comment) }
    }
    #expect(compactions == 3)
    #expect(stages.isSuperset(of: ["scanning", "finishing", "naming", "removing"]))
    #expect(steps > 50)
  }

  private static func send(
    _ number: Int, _ story: inout Story, _ random: inout SeededGenerator, _ scene: Scene, _ client: Peer
  ) {
    let key = keys[Int(random.next() % UInt64(keys.count))]
    let old = story.acknowledged[key]
    if key == "log", let old, old.utf8.count < 6_000 {
      story.pending = (key, old + "\(number),")
      scene.send(client, "APPEND \(key) \(number),")
    } else if old != nil, random.next() % 4 == 0 {
      story.pending = (key, nil)
      scene.send(client, "DEL \(key)")
    } else {
      let value = "\(number)-" + String(repeating: "x", count: 1_000 + Int(random.next() % 4_000))
      story.pending = (key, value)
      scene.send(client, "SET \(key) \(value)")
    }
  }

  @discardableResult
  private static func load(_ disk: ScriptedDisk, _ sync: SyncMode, _ comment: String) throws -> Scene {
    do {
      return try Scene(sync, disk: disk, segmentBytes: 1 << 16)
    } catch {
      throw TestFailure("\(comment): \(error), files \(disk.fileNames)")
    }
  }

  private static func check(_ disk: ScriptedDisk, _ sync: SyncMode, _ story: Story, _ comment: String) throws {
    let after = try load(disk, sync, comment)
    for key in keys {
      let found = after.server.value(of: key)
      guard !story.allows(key, found) else { continue }
      let expected = story.acknowledged[key]?.prefix(20) ?? "gone"
      throw TestFailure("\(comment): \(key) is \(found?.prefix(20) ?? "gone"), not \(expected)")
    }
  }

  @Test func `an expired key does not come back when the wall clock is set back while no server runs`() throws {
    let scene = try Scene()
    let client = scene.connect()
    _ = scene.ask(client, "SET k 1 PX 50")
    scene.machine.wall += 100
    #expect(scene.ask(client, "GET k") == "$-1")
    // Whatever is journalled next says how late it was.
    #expect(scene.ask(client, "SET other 1") == "+OK")
    let after = try Scene(disk: scene.machine.disk, wall: scene.machine.wall - 3_600_000)
    #expect(after.ask(after.connect(), "GET k") == "$-1")
  }

  @Test func `a key that was stored after the clock was set back is there after a crash until its time`() throws {
    let scene = try Scene()
    let client = scene.connect()
    #expect(scene.ask(client, "SET gone 1 PX 50") == "+OK")
    scene.machine.wall += 100
    #expect(scene.ask(client, "GET gone") == "$-1")
    scene.wait(1_500)
    scene.settle()
    scene.machine.wall -= 3_600_000
    #expect(scene.ask(client, "SET k 1 PX 60000") == "+OK")
    for (moved, reply) in [(-7_200_000, "$1 1"), (0, "$1 1"), (59_000, "$1 1"), (60_001, "$-1")] {
      let after = try Scene(disk: scene.machine.disk, wall: scene.machine.wall + Int64(moved))
      #expect(after.ask(after.connect(), "GET k") == reply, "moved by \(moved)")
      #expect(after.ask(after.connect(), "GET gone") == "$-1", "moved by \(moved)")
    }
  }

  @Test func `a key that expires is there after a restart until its time, whichever way the clock was moved`() throws {
    let scene = try Scene()
    let client = scene.connect()
    let deadline = scene.machine.wall + 60_000
    _ = scene.ask(client, "SET k 1 PXAT \(deadline)")
    for (moved, reply) in [(-3_600_000, "$1 1"), (0, "$1 1"), (59_000, "$1 1"), (60_001, "$-1"), (3_600_000, "$-1")] {
      let after = try Scene(disk: scene.machine.disk, wall: scene.machine.wall + Int64(moved))
      #expect(after.ask(after.connect(), "GET k") == reply, "moved by \(moved)")
    }
  }
}

extension Server where P: ~Copyable {
  /// What a key holds.
  fileprivate func value(of key: String) -> String? {
    let bytes = Array(key.utf8)
    let hash = executor.keyspace.hash(bytes.span)
    guard let value = executor.keyspace.value(of: bytes.span, hash: hash, now: executor.now) else { return nil }
    return String(decoding: (0..<value.count).map { value[$0] }, as: UTF8.self)
  }
}
