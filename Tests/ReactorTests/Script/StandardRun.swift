// What a server goes through in its life, on a scripted machine: it loads what is there, serves clients who come and
// go, writes, switches segments, compacts, and is told to stop. It is the same each time, but for what fails. The
// clients know what they were told, and can tell of a disk whether it may be what such a server has left.

import Commands
import Glibc
import LinuxIO
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Reactor

/// One run, and what is known of it.
final class StandardRun {
  /// How it has ended.
  enum End: Equatable {
    /// The server did not start, and said why.
    case notStarted(String)
    case exited(Reactor.ExitStatus)
    /// It would not end.
    case running
  }

  let machine: ScriptedMachine
  private let sync: SyncMode
  private let lines = LogLines()
  private(set) var end = End.running
  /// Whether a new client was served when all was over but the stop.
  private(set) var isServedAtLast = false
  /// What keys hold for certain, and what else they may hold: requests that got no answer may be executed, or not.
  private var acknowledged: [String: String] = [:]
  private var possible: [String: Set<String?>] = [:]
  private var client: Peer?

  private static let segmentBytes: UInt64 = 1 << 16

  /// What it has logged of errors.
  var errors: [String] { lines.errors }

  init(_ sync: SyncMode, plan: CallFailures.Plan?) {
    self.sync = sync
    machine = ScriptedMachine(disk: Self.earlierDisk)
    machine.failures.plan = plan
    for number in 0..<8 { acknowledged["old\(number)"] = "value\(number)" }
    do {
      let scene = try Scene(sync, machine: machine, segmentBytes: Self.segmentBytes, log: lines.logger)
      serve(scene)
    } catch {
      end = .notStarted("\(error)")
    }
  }

  /// A disk that an earlier server was killed on: a base, a segment behind it.
  private static let earlierDisk: ScriptedDisk = {
    guard let scene = try? Scene(.always, segmentBytes: segmentBytes) else { return ScriptedDisk() }
    let client = scene.connect()
    for number in 0..<6 { _ = scene.ask(client, "SET old\(number) value\(number)") }
    scene.server.beginCompaction("test")
    scene.settle()
    for number in 6..<8 { _ = scene.ask(client, "SET old\(number) value\(number)") }
    return scene.machine.disk
  }()

  // MARK: - The run

  private func serve(_ scene: Scene) {
    for number in 0..<6 { set(scene, "a\(number)", String(repeating: "a", count: 10 << number) + "\(number)") }
    delete(scene, "old3")
    // Values beyond the largest block in a slab, with memory of their own.
    for number in 0..<4 {
      set(scene, "b\(number)", String(repeating: "b", count: 9_000 + number * 4_000) + "\(number)")
    }
    read(scene, "b3")
    for number in 0..<10 { set(scene, "c\(number % 4)", String(repeating: "c", count: 8_000) + "\(number)") }
    if scene.server.exitStatus == nil { scene.server.beginCompaction("test") }
    for number in 0..<3 { set(scene, "d\(number)", "value\(number)") }
    delete(scene, "b0")
    scene.wait(1_200)
    scene.settle()
    // The client closes its side, and another one comes.
    client?.end()
    scene.settle()
    client = nil
    set(scene, "e", "1")
    read(scene, "a1")
    // What is paused goes on within a second.
    scene.wait(1_000)
    scene.settle()
    // A connection may be lost on its way here; the next one is not.
    for _ in 0..<2 where !isServedAtLast {
      let last = scene.connect()
      scene.wait(300)
      isServedAtLast = scene.ask(last, "ECHO last") == "$4 last"
      last.end()
    }
    client?.end()
    machine.signals = [SIGTERM]
    scene.settle()
    scene.wait(6_500)
    scene.settle()
    end = scene.server.exitStatus.map { .exited($0) } ?? .running
  }

  private func set(_ scene: Scene, _ key: String, _ value: String) {
    change(scene, "SET \(key) \(value)", key, value, answers: ["+OK"])
  }

  private func delete(_ scene: Scene, _ key: String) { change(scene, "DEL \(key)", key, nil, answers: [":1", ":0"]) }

  private func change(_ scene: Scene, _ request: String, _ key: String, _ value: String?, answers: Set<String>) {
    let reply = ask(scene, request)
    if answers.contains(reply) {
      acknowledged[key] = value
      possible[key]?.remove(value)
    } else if !reply.hasPrefix("-") {
      possible[key, default: []].insert(value)
    }
  }

  private func read(_ scene: Scene, _ key: String) {
    let reply = ask(scene, "GET \(key)")
    guard let value = acknowledged[key], possible[key] == nil, !reply.isEmpty, !reply.hasPrefix("-") else { return }
    // It may be on its way in pieces.
    if !"$\(value.utf8.count) \(value)".hasPrefix(reply) { Issue.record("\(key) was shown as \(reply.prefix(40))") }
  }

  /// What a client is answered; nothing if it is not: then another one goes on.
  private func ask(_ scene: Scene, _ request: String) -> String {
    guard scene.server.exitStatus == nil else { return "" }
    let peer = client ?? scene.connect()
    client = peer
    let reply = scene.ask(peer, request)
    if reply.isEmpty || machine.sockets[peer.socket]!.isClosed {
      peer.end()
      client = nil
    }
    return reply
  }

  // MARK: - The truth

  /// What of a disk cannot be; nil if all can.
  func wrong(with disk: ScriptedDisk) -> String? {
    guard let scene = try? Scene(sync, disk: disk, segmentBytes: Self.segmentBytes) else {
      return "a server refuses what is on the disk"
    }
    let reader = scene.connect()
    for key in Set(acknowledged.keys).union(possible.keys).sorted() {
      let reply = scene.ask(reader, "GET \(key)")
      let value = reply == "$-1" ? nil : reply.split(separator: " ").last.map(String.init)
      if value != acknowledged[key], possible[key]?.contains(value) != true {
        return "\(key) is \(value?.prefix(20) ?? "not there"), not \(acknowledged[key]?.prefix(20) ?? "gone")"
      }
    }
    return nil
  }
}

/// Lines of a log that tell of errors, with what goes with them.
private final class LogLines: Sendable {
  private let lines = Mutex([String]())

  var errors: [String] { lines.withLock { $0 } }
  var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

  private func add(_ line: String) { lines.withLock { $0.append(line) } }

  private struct Handler: LogHandler {
    let lines: LogLines
    var logLevel = Logger.Level.error
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.message) \(event.metadata ?? [:])") }
  }
}
