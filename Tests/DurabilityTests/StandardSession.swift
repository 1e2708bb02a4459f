// What a real server goes through in one short life: clients come and go, write and read, the journal is compacted, a
// signal ends it. It is the same each time; what the clients were told is known, and compared with what is there
// afterwards.

import Glibc
import TestSupport
import Testing

/// A data directory, a life of a server on it, and the truth about its keys.
final class StandardSession {
  /// How a life has ended.
  struct End: CustomStringConvertible {
    /// The exit code, or 128 + the signal; nil: it would not end.
    let status: Int32?
    /// Whether a new client was served when all was over but the end.
    let isServedAtLast: Bool
    let log: String
    var description: String { "status \(status.map(String.init) ?? "none"), log: \(log)" }
  }

  let data: DataFolder
  private let trace: TemporaryFolder
  /// What keys hold for certain, and what else they may hold: requests without an answer may be executed, or not.
  private var acknowledged: [String: [UInt8]] = [:]
  private var possible: [String: Set<[UInt8]?>] = [:]
  private var client: RESPClient?
  /// A request got no answer, and no end either: there is no point in waiting for each of the others.
  private var isSilent = false
  private var setCount = 0
  /// How many requests were refused.
  private(set) var refusedCount = 0

  init() throws {
    data = try DataFolder()
    trace = try TemporaryFolder()
    let server = try data.serve()
    for number in 0..<4 { set(server.port, "old\(number)", size: 50) }
    client = nil
    server.signal(SIGKILL)
    _ = server.waitForExit()
  }

  private static let patienceSeconds = 2

  // MARK: - A life

  /// Lives once, under a program; sizes are those of the values that are stored.
  func live(
    _ binary: String = ServerProcess.binary, under prefix: [String] = [],
    sizes: [Int] = [10, 10_000, 1_200_000, 40]
  ) throws -> End {
    let server: ServerProcess
    do {
      let flags = ["--data", data.path, "--segment-bytes", "64k"]
      server = try ServerProcess(flags, binary: binary, under: prefix)
    } catch let failure as ServerProcess.NotReady {
      end(SIGKILL)
      return End(status: failure.status, isServedAtLast: false, log: failure.log)
    }
    let port = server.port
    isSilent = false
    for (number, size) in sizes.enumerated() { set(port, "k\(number)", size: size) }
    _ = ask(port, ["BGREWRITEAOF"])
    for number in 0..<8 { set(port, "s\(number % 3)", size: 9_000) }
    delete(port, "old1")
    _ = ask(port, ["GET", "k1"])
    client = nil
    set(port, "last", size: 5)
    client = nil
    // A connection may be lost on its way; the next one is not.
    let isServed =
      !isSilent
      && (0..<2).contains { _ in
        (try? Client(port: port, seconds: Self.patienceSeconds).ask("PING last")) == "VALUE last"
      }
    end(SIGTERM)
    let status = server.waitForExit(seconds: 12)
    if status == nil {
      end(SIGKILL)
      _ = server.waitForExit()
    }
    return End(status: status, isServedAtLast: isServed, log: server.log)
  }

  /// Sends a signal to whoever has the data: under strace it is not the process that was started.
  private func end(_ signal: Int32) {
    let owner = pid_t(readFile(data.path + "/LOCK").split(separator: "\n").first ?? "") ?? 0
    if owner > 0, readFile("/proc/\(owner)/cmdline").contains(data.path) { kill(owner, signal) }
  }

  /// The command that has the n-th use of a system call fail, or all from the n-th on.
  func failing(_ call: String, _ error: String, _ number: Int, isLasting: Bool) -> [String] {
    // What brk(2) returns is the end of the heap, before as after.
    let effect = call == "brk" ? "retval=0" : "error=\(error)"
    return tracing(call) + ["-e", "inject=\(call):\(effect):when=\(number)\(isLasting ? "+" : "")"]
  }

  func tracing(_ call: String) -> [String] {
    ["strace", "-f", "--seccomp-bpf", "-qq", "-o", trace.path + "/trace", "-e", "trace=\(call)", "-e", "signal=none"]
  }

  /// How often the call was used in the last life, and whether a use of it failed as it was told to.
  func uses(of call: String) -> (count: Int, hasFailed: Bool) {
    let lines = readFile(trace.path + "/trace").split(separator: "\n")
    return (lines.filter { $0.contains(" \(call)(") }.count, lines.contains { $0.contains("(INJECTED)") })
  }

  /// Bytes of address space that a server on this data has when it is ready and has written.
  func addressSpace(_ binary: String) throws -> Int {
    let server = try ServerProcess(["--data", data.path, "--segment-bytes", "64k"], binary: binary)
    set(server.port, "first", size: 10)
    client = nil
    let pages = readFile("/proc/\(server.pid)/statm").split(separator: " ").first.flatMap { Int($0) } ?? 0
    server.signal(SIGKILL)
    _ = server.waitForExit()
    return pages * 4096
  }

  // MARK: - Requests

  private func ask(_ port: UInt16, _ words: [String], _ value: [UInt8]? = nil) -> RESPValue? {
    guard !isSilent else { return nil }
    let start = now()
    do {
      if client == nil { client = try RESPClient(port: port, seconds: Self.patienceSeconds) }
      return try client!.ask(words.map { Array($0.utf8) } + (value.map { [$0] } ?? []))
    } catch {
      client = nil
      isSilent = now() - start >= Double(Self.patienceSeconds)
      return nil
    }
  }

  private func set(_ port: UInt16, _ key: String, size: Int) {
    setCount += 1
    let value = [UInt8](repeating: UInt8(truncatingIfNeeded: setCount), count: size)
    note(key, value, ask(port, ["SET", key], value))
  }

  private func delete(_ port: UInt16, _ key: String) { note(key, nil, ask(port, ["DEL", key])) }

  private func note(_ key: String, _ value: [UInt8]?, _ reply: RESPValue?) {
    guard let reply else {
      possible[key, default: []].insert(value)
      return
    }
    if reply.isError { refusedCount += 1 } else { acknowledged[key] = value }
  }

  // MARK: - The truth

  /// What a server that starts on what is left has not, or nil.
  func wrong() throws -> String? {
    let server: ServerProcess
    do { server = try data.serve() } catch { return "no server starts: \(error)" }
    let reader = try RESPClient(port: server.port)
    for key in Set(acknowledged.keys).union(possible.keys).sorted() {
      let reply = try reader.ask(Array("GET".utf8), Array(key.utf8))
      var value: [UInt8]?
      if case .bulk(let bytes) = reply { value = bytes }
      if value != acknowledged[key], possible[key]?.contains(value) != true {
        return "\(key) has \(value?.count ?? -1) bytes, not \(acknowledged[key]?.count ?? -1)"
      }
      // What is there now is there for certain.
      acknowledged[key] = value
    }
    possible = [:]
    server.signal(SIGKILL)
    _ = server.waitForExit()
    return nil
  }
}
