// Several witnesses at work on one server at once, from one thread.

import Glibc
import TestSupport
import Testing

/// Witnesses, and a data directory that outlives the servers.
final class Crowd {
  let folder: TemporaryFolder
  private var witnesses: [Witness]
  private let seed: UInt64
  var acknowledgedCount: Int { witnesses.reduce(0) { $0 + $1.acknowledgedCount } }
  var refusedCount: Int { witnesses.reduce(0) { $0 + $1.refusedCount } }
  /// Where the data is.
  var directory: String

  init(count: Int = 5, seed: UInt64, directory: String? = nil) throws {
    folder = try TemporaryFolder()
    self.directory = directory ?? folder.path + "/data"
    self.seed = seed
    witnesses = (0..<count).map { Witness("w\($0)", seed: seed &+ UInt64($0)) }
  }

  deinit { removeTree(folder.path + "/data") }

  /// Starts a server on the directory.
  func start(
    _ sync: String = "always", segmentBytes: String = "256k", under prefix: [String] = [], patience: Double = 60
  ) throws -> ServerProcess {
    endOwner()
    let flags = ["--data", directory, "--sync", sync, "--segment-bytes", segmentBytes]
    return try ServerProcess(flags, under: prefix, patience: patience)
  }

  /// Has everybody work for so long, or until the server ends, or something else has come about.
  func work(on server: ServerProcess, seconds: Double, until isOver: () -> Bool = { false }) throws {
    for witness in witnesses where !witness.isConnected { try witness.connect(port: server.port) }
    let end = now() + seconds
    var round = 0
    while now() < end, witnesses.allSatisfy({ $0.work() }) {
      usleep(100)
      round += 1
      if round.isMultiple(of: 100), isOver() { return }
    }
  }

  /// Stops a server where it stands, and notes what it has answered by then.
  func freeze(_ server: ServerProcess) {
    server.signal(SIGSTOP)
    let end = now() + 20
    while now() < end, !readFile("/proc/\(server.pid)/stat").contains(") T ") { usleep(500) }
    for witness in witnesses { witness.takeAnswers() }
  }

  /// Ends a server at once, as a crash would.
  func kill(_ server: ServerProcess) {
    endOwner()
    server.signal(SIGKILL)
    _ = server.waitForExit()
    for witness in witnesses { witness.listenToTheEnd() }
  }

  /// Whether a server has all that was acknowledged, and nothing by half.
  func verify(on server: ServerProcess, _ comment: String) throws -> Bool {
    var isGood = true
    for witness in witnesses {
      guard let wrong = try witness.verify(port: server.port) else { continue }
      isGood = false
      Issue.record("\(comment), seed \(seed): \(wrong)")
    }
    return isGood
  }

  /// Ends whoever has the directory: under strace it is not the process that was started, and outlives that.
  private func endOwner() {
    let end = now() + 20
    while now() < end {
      let owner = pid_t(readFile(directory + "/LOCK").split(separator: "\n").first ?? "") ?? 0
      guard owner > 0, readFile("/proc/\(owner)/cmdline").contains(directory) else { return }
      Glibc.kill(owner, SIGKILL)
      usleep(1_000)
    }
  }
}

/// A number that the environment gives, or another.
func count(_ name: String, default value: Int) -> Int {
  getenv(name).flatMap { Int(String(cString: $0)) } ?? value
}
