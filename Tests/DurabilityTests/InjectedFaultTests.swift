// Servers whose n-th system call of a kind fails or ends them, by strace(1): whatever comes of it, a server that starts
// on what is left has all that was acknowledged.

import Glibc
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: mayUse("strace"), "strace is not installed")) struct InjectedFaultTests {
  /// The greatest n.
  private static let depth = count("SWIFTLET_FAULT_DEPTH", default: 40)

  /// Something that goes wrong with a kind of system call.
  struct Fault: CustomStringConvertible, Sendable {
    let call: String
    let effect: String
    /// The first n; what comes before is the program's start.
    var first = 1
    var description: String { "\(call):\(effect)" }
  }

  @Test(arguments: [
    Fault(call: "fdatasync", effect: "error=EIO"), Fault(call: "fdatasync", effect: "error=ENOSPC"),
    Fault(call: "fdatasync", effect: "error=EINTR"), Fault(call: "pwrite64", effect: "error=EIO"),
    Fault(call: "pwrite64", effect: "error=ENOSPC"), Fault(call: "pwrite64", effect: "error=EINTR"),
    Fault(call: "fallocate", effect: "error=ENOSPC"), Fault(call: "fallocate", effect: "error=EIO"),
    Fault(call: "fallocate", effect: "error=EOPNOTSUPP"), Fault(call: "fsync", effect: "error=EIO"),
    Fault(call: "ftruncate", effect: "error=EIO"), Fault(call: "renameat", effect: "error=EIO"),
    Fault(call: "renameat", effect: "error=ENOSPC"), Fault(call: "unlinkat", effect: "error=EIO"),
    Fault(call: "openat", effect: "error=ENOSPC", first: 12), Fault(call: "openat", effect: "error=EMFILE", first: 12),
  ])
  func `no system call that fails makes an acknowledged write go missing`(_ fault: Fault) throws {
    let seed = UInt64.random(in: 0 ... .max)
    let crowd = try Crowd(count: 2, seed: seed)
    var step = 1
    var number = fault.first
    var failures = 0
    while number <= Self.depth {
      let sync = number.isMultiple(of: 2) ? "always" : "everysec"
      if let server = try? crowd.start(sync, segmentBytes: "64k", under: tracing(crowd, "\(fault):when=\(number)")) {
        try crowd.work(on: server, seconds: 2) { readFile(crowd.folder.path + "/trace").contains("INJECTED") }
        try crowd.work(on: server, seconds: 0.1)
        crowd.kill(server)
      }
      let after = try crowd.start(sync, segmentBytes: "64k")
      guard try crowd.verify(on: after, "\(fault) at \(number)") else { return }
      crowd.kill(after)
      guard readFile(crowd.folder.path + "/trace").contains("INJECTED") else { break }
      failures += 1
      if failures > 6 { step += 2 }
      number += step
    }
    #expect(failures > 0, "the fault has come about")
  }

  private func tracing(_ crowd: Crowd, _ injection: String) -> [String] {
    let call = injection.prefix { $0 != ":" }
    return [
      "strace", "-f", "-qq", "-o", crowd.folder.path + "/trace", "-e", "trace=\(call)", "-e", "inject=\(injection)",
    ]
  }

  // MARK: - Compaction

  @Test(arguments: ["pwrite64", "fdatasync", "fsync", "ftruncate", "fallocate", "renameat", "unlinkat", "openat"])
  func `killed at any system call of a compaction, the old state or the new is there`(_ call: String) throws {
    let seed = UInt64.random(in: 0 ... .max)
    let crowd = try Crowd(count: 3, seed: seed)
    var kills = 0
    // The first of openat(2) are the program's start.
    for number in (call == "openat" ? 12 : 1)...200 {
      // A journal that is long for its segments, so that the next server begins with a compaction.
      let writer = try crowd.start(segmentBytes: "64m")
      guard try crowd.verify(on: writer, "\(call) at \(number - 1)") else { return }
      try grow(on: writer, to: 150 * 1024, in: crowd)
      try crowd.work(on: writer, seconds: 0.05)
      crowd.kill(writer)
      let before = bases(in: crowd)
      let prefix = tracing(crowd, "\(call):signal=KILL:when=\(number)")
      if let server = try? crowd.start("everysec", segmentBytes: "64k", under: prefix) {
        let end = now() + 20
        // It may be gone already.
        try? crowd.work(on: server, seconds: 0.02)
        while now() < end, !hasCompacted(crowd, since: before), server.waitForExit(seconds: 0.002) == nil {
          usleep(2_000)
        }
        let isOver = hasCompacted(crowd, since: before) && server.waitForExit(seconds: 0.1) == nil
        crowd.kill(server)
        if isOver { break }
      }
      kills += 1
    }
    #expect(kills > 0, "there is such a call")
    #expect(try crowd.verify(on: crowd.start(), "\(call), the end"))
    print("\(call): killed at each of \(kills) calls")
  }

  private func grow(on server: ServerProcess, to bytes: Int, in crowd: Crowd) throws {
    let client = try RESPClient(port: server.port)
    let value = String(repeating: "x", count: 1000)
    for _ in 0..<bytes / 1000 { try client.ask("SET filler \(value)") }
  }

  private func bases(in crowd: Crowd) -> [String] {
    fileNames(in: crowd.directory).filter { $0.hasPrefix("base-") && !$0.hasSuffix(".new") }
  }

  /// Whether another base is in use, and what it stands for is gone.
  private func hasCompacted(_ crowd: Crowd, since before: [String]) -> Bool {
    let now = bases(in: crowd)
    guard let base = now.first, now.count == 1, now != before else { return false }
    return !fileNames(in: crowd.directory).contains { $0.hasPrefix("journal-") && $0.dropFirst(8) < base.dropFirst(5) }
  }
}
