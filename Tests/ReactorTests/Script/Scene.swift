// A server on a scripted machine, with clients that speak RESP; time passes and the disk works when the test says so.

import Bytes
import Commands
import LinuxIO
import Logging
import TestSupport
import Testing

@testable import Reactor

/// A server, its machine, and what a test does to both.
final class Scene {
  let machine: ScriptedMachine
  var server: Server<ScriptedPlatform>

  /// Starts a server on a disk, and lets it load what is there.
  convenience init(
    _ sync: SyncMode = .always, disk: ScriptedDisk = ScriptedDisk(), segmentBytes: UInt64 = 1 << 20,
    wall: Int64 = 1_700_000_000_000
  ) throws {
    let machine = ScriptedMachine(disk: disk)
    machine.wall = wall
    try self.init(sync, machine: machine, segmentBytes: segmentBytes)
    guard server.exitStatus == nil else { throw TestFailure("the server refuses what is on its disk") }
  }

  /// Starts a server on a machine, and lets it load what is on its disk, or end.
  init(
    _ sync: SyncMode, machine: ScriptedMachine, segmentBytes: UInt64,
    log: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  ) throws {
    self.machine = machine
    var configuration = ServerConfiguration()
    configuration.storage = StorageConfiguration(directory: "data", sync: sync)
    configuration.segmentBytes = segmentBytes
    server = try Server.start(
      platform: ScriptedPlatform(machine: machine), configuration: configuration, log: log)
    for _ in 0..<10_000 where server.executor.isLoading && server.exitStatus == nil { turn() }
  }

  /// Has the loop run so many turns.
  func turn(_ count: Int = 1) { for _ in 0..<count where server.exitStatus == nil { server.turn() } }

  /// Has the disk do so many operations, if so many wait, and the loop take note.
  func disk(_ count: Int = 1) {
    for _ in 0..<count where !machine.pending.isEmpty {
      machine.doNext()
      turn(2)
    }
  }

  /// Has the disk work until it has nothing to do.
  func settle() {
    turn(3)
    var operations = 0
    repeat {
      while !machine.pending.isEmpty, operations < 100_000 {
        disk()
        operations += 1
      }
      turn(3)
    } while !machine.pending.isEmpty && operations < 100_000 && server.exitStatus == nil
  }

  /// Lets time pass.
  func wait(_ milliseconds: Int) {
    for _ in 0..<milliseconds / 100 {
      machine.monotonic += 100_000_000
      machine.wall += 100
      turn()
    }
  }

  /// A client that is connected.
  func connect() -> Peer {
    let peer = Peer(machine, machine.connect())
    turn()
    return peer
  }

  /// Sends requests in one piece, and lets the loop see them.
  func send(_ peer: Peer, _ requests: String...) {
    peer.put(requests)
    turn(2)
  }

  /// What a request is answered when the disk does all that it is asked to.
  func ask(_ peer: Peer, _ request: String) -> String {
    peer.put([request])
    for _ in 0..<200 where !machine.sockets[peer.socket]!.input.isEmpty { turn() }
    settle()
    return peer.take()
  }
}

/// The other end of a connection.
final class Peer {
  let machine: ScriptedMachine
  let socket: Int32

  init(_ machine: ScriptedMachine, _ socket: Int32) {
    self.machine = machine
    self.socket = socket
  }

  /// Sends requests, whose words are parted by spaces.
  func put(_ requests: [String]) {
    for request in requests {
      machine.sockets[socket]!.input += RESPClient.encode(
        request.utf8.split(separator: UInt8(ascii: " ")).map { Array($0) })
    }
  }

  /// What has come since the last time, its line ends shown as spaces.
  func take() -> String {
    defer { machine.sockets[socket]!.output = [] }
    return String(decoding: machine.sockets[socket]!.output, as: UTF8.self)
      .split(separator: "\r\n", omittingEmptySubsequences: false).dropLast().joined(separator: " ")
  }

  /// Closes the client's side.
  func end() { machine.sockets[socket]!.hasEnded = true }
}
