// A real server in a process of its own, on a free port, with its log in a temporary folder; it ends with its owner.

import Glibc

/// What went wrong in a test's own machinery.
public struct TestFailure: Error, CustomStringConvertible {
  /// What happened.
  public let description: String

  /// Creates a failure.
  public init(_ description: String) { self.description = description }
}

/// A running `swiftlet`.
public final class ServerProcess {
  /// It did not become ready.
  public struct NotReady: Error, CustomStringConvertible {
    /// Its exit code, or 128 + the signal that ended it; nil if it goes on.
    public let status: Int32?
    /// What it has logged.
    public let log: String
    /// All of that.
    public var description: String {
      "the server is not ready; status \(status.map(String.init) ?? "none"); its log: \(log)"
    }
  }

  /// Its process number.
  public let pid: pid_t
  /// The TCP port that it listens on; 0 if it listens on none.
  public private(set) var port: UInt16 = 0
  private let folder: TemporaryFolder
  private var status: Int32?

  /// The program under test: `swiftlet` beside the test bundle, or what SWIFTLET_BINARY names.
  public static var binary: String {
    if let named = getenv("SWIFTLET_BINARY") { return String(cString: named) }
    var buffer = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let path = String(decoding: buffer[..<max(length, 0)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return path[..<(path.lastIndex(of: "/") ?? path.startIndex)] + "/swiftlet"
  }

  /// The optimised program, as `swift build -c release` leaves it beside the one under test; nil if it was not built.
  public static var releaseBinary: String? {
    if getenv("SWIFTLET_BINARY") != nil { return binary }
    let path =
      binary.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
      + "/release/swiftlet"
    return access(path, X_OK) == 0 || getenv("SWIFTLET_NO_SKIP") != nil ? path : nil
  }

  /// Starts a server with these flags and waits until it is ready.
  ///
  /// - Parameters:
  ///   - flags: what it is started with besides `--listen 127.0.0.1:0`, which is left out if `listens` is false.
  ///   - binary: the program.
  ///   - prefix: a program and its arguments to run it under.
  ///   - mark: what the line of its log holds that is waited for.
  ///   - patience: seconds that it may take until then.
  public init(
    _ flags: [String] = [], listens: Bool = true, binary: String = ServerProcess.binary, under prefix: [String] = [],
    until mark: String = "ready on ", patience: Double = 20
  ) throws {
    folder = try TemporaryFolder()
    let arguments = prefix + [binary] + (listens ? ["--listen", "127.0.0.1:0"] : []) + flags
    pid = try spawn(arguments, output: folder.path + "/out", errors: folder.path + "/log")
    let deadline = now() + patience
    while now() < deadline {
      if let ready = log.split(separator: "\n").first(where: { $0.contains(mark) }) {
        port = Self.port(in: ready)
        return
      }
      if hasExited { break }
      usleep(5_000)
    }
    throw NotReady(status: hasExited ? status : nil, log: log)
  }

  deinit {
    if !hasExited {
      kill(pid, SIGCONT)
      kill(pid, SIGKILL)
      _ = waitForExit()
    }
  }

  /// What it has logged so far.
  public var log: String { readFile(folder.path + "/log") }

  /// Sends it a signal.
  public func signal(_ number: Int32) { kill(pid, number) }

  /// Waits for its end, at most so many seconds; its exit code, or 128 + the signal that ended it, or nil.
  public func waitForExit(seconds: Double = 20) -> Int32? {
    let deadline = now() + seconds
    while now() < deadline {
      if hasExited { return status }
      usleep(2_000)
    }
    return nil
  }

  /// Resident memory in bytes.
  public var residentBytes: Int {
    let pages = readFile("/proc/\(pid)/statm").split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * 4096
  }

  /// Its greatest resident memory since the start, or since it was forgotten.
  public var residentBytesPeak: Int {
    let line = readFile("/proc/\(pid)/status").split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split { !$0.isNumber }.first.flatMap { Int($0) } ?? 0) * 1024
  }

  /// Begins anew to look for the greatest resident memory: proc_pid_clear_refs(5).
  public func forgetPeakMemory() { try? writeFile("/proc/\(pid)/clear_refs", "5\n") }

  /// Processor time used so far, in seconds.
  public var cpuSeconds: Double {
    let nanoseconds = readFile("/proc/\(pid)/schedstat").split(separator: " ").first.flatMap { Double($0) } ?? 0
    return nanoseconds / 1e9
  }

  /// How many descriptors it has open.
  public var openFileCount: Int {
    guard let directory = opendir("/proc/\(pid)/fd") else { return 0 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return count - 2
  }

  private var hasExited: Bool {
    if status != nil { return true }
    status = exitStatus(of: pid)
    return status != nil
  }

  private static func port(in line: Substring) -> UInt16 {
    guard let start = line.firstRange(of: "127.0.0.1:") else { return 0 }
    return UInt16(line[start.upperBound...].prefix { $0.isNumber }) ?? 0
  }
}

/// What a program that has ended left behind.
public struct ProgramResult: Sendable {
  /// Its exit code, or 128 + the signal that ended it.
  public let status: Int32
  /// What it wrote to standard output.
  public let output: String
  /// What it wrote to standard error.
  public let errors: String
}

/// Runs a program to its end, at most so many seconds.
public func run(_ arguments: [String], input: String? = nil, seconds: Double = 60) throws -> ProgramResult {
  let folder = try TemporaryFolder()
  if let input { try writeFile(folder.path + "/in", input) }
  let pid = try spawn(
    arguments, input: input == nil ? "/dev/null" : folder.path + "/in", output: folder.path + "/out",
    errors: folder.path + "/err")
  let deadline = now() + seconds
  while now() < deadline {
    if let status = exitStatus(of: pid) {
      return ProgramResult(
        status: status, output: readFile(folder.path + "/out"), errors: readFile(folder.path + "/err"))
    }
    usleep(2_000)
  }
  kill(pid, SIGKILL)
  waitpid(pid, nil, 0)
  throw TestFailure("\(arguments[0]) did not end in \(seconds) seconds")
}

/// Whether tests may use a program: it is installed, or its absence is a failure (SWIFTLET_NO_SKIP is set).
public func mayUse(_ program: String) -> Bool {
  if getenv("SWIFTLET_NO_SKIP") != nil { return true }
  let path = getenv("PATH").map { String(cString: $0) } ?? ""
  return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
}

// MARK: - Processes and files

func spawn(
  _ arguments: [String], input: String = "/dev/null", output: String, errors: String
) throws -> pid_t {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
  posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  // What the test's own process inherited is none of the program's business.
  for descriptor: Int32 in 3..<256 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
  var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
  words.append(nil)
  defer { for word in words { free(word) } }
  var pid: pid_t = 0
  let result = posix_spawnp(&pid, arguments[0], &actions, nil, words, environ)
  guard result == 0 else { throw TestFailure("cannot start \(arguments[0]): \(String(cString: strerror(result)))") }
  return pid
}

func exitStatus(of pid: pid_t) -> Int32? {
  var status: Int32 = 0
  guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
  return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
}

/// What a text file holds; nothing if it cannot be read.
public func readFile(_ path: String) -> String {
  guard let file = fopen(path, "r") else { return "" }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = fread(&chunk, 1, chunk.count, file)
    if count == 0 { return String(decoding: bytes, as: UTF8.self) }
    bytes += chunk[..<count]
  }
}

/// Writes a text file.
public func writeFile(_ path: String, _ text: String) throws {
  guard let file = fopen(path, "w") else { throw TestFailure("cannot write \(path)") }
  defer { fclose(file) }
  let bytes = Array(text.utf8)
  guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw TestFailure("cannot write \(path)") }
}

/// Seconds since some fixed moment.
public func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// An empty folder that goes with its owner, and all that is in it.
public final class TemporaryFolder: Sendable {
  /// Where it is.
  public let path: String

  /// Makes the folder.
  public init() throws {
    var template = Array("/tmp/swiftlet-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw TestFailure("cannot make a temporary folder") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    guard let directory = opendir(path) else { return }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      unlink("\(path)/\(name)")
    }
    closedir(directory)
    rmdir(path)
  }
}
