import Glibc

/// A data directory in a temporary folder, and what is done to it while no server has it.
public final class DataFolder: Sendable {
  private let folder: TemporaryFolder
  /// Where it is; what is in it goes with its owner.
  public var path: String { folder.path }

  /// Makes an empty one.
  public init() throws { folder = try TemporaryFolder() }

  /// Starts a server that keeps its data here.
  public func serve(_ flags: [String] = []) throws -> ServerProcess { try ServerProcess(["--data", path] + flags) }

  /// Runs a tool on it.
  public func tool(_ words: String...) throws -> ProgramResult { try run([ServerProcess.binary] + words + [path]) }

  /// The names of its files that begin with a prefix, in order.
  public func names(_ prefix: String = "") -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let start = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \dirent.d_name)!
      let name = String(cString: start.assumingMemoryBound(to: CChar.self))
      if name.hasPrefix(prefix), !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// All bytes of a file.
  public func bytes(of name: String) -> [UInt8] {
    guard let file = fopen("\(path)/\(name)", "r") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
    return bytes
  }

  /// Turns one bit of a file over.
  public func damage(_ name: String, at offset: Int) throws {
    var byte = bytes(of: name)[offset] ^ 1
    let file = open("\(path)/\(name)", O_WRONLY)
    defer { close(file) }
    guard pwrite(file, &byte, 1, off_t(offset)) == 1 else { throw TestFailure("cannot damage \(name)") }
  }

  /// Removes a file.
  public func remove(_ name: String) { unlink("\(path)/\(name)") }

  /// A directory that an unoptimised server takes some seconds to load: 20,000 keys, each stored 25 times.
  public static func slowToLoad() throws -> DataFolder {
    let data = try DataFolder()
    let server = try data.serve(["--sync", "no"])
    let client = try RESPClient(port: server.port)
    let pairs = (0..<20_000).flatMap { [Array("key:\($0)".utf8), Array("value:\($0)".utf8)] }
    let request = [Array("MSET".utf8)] + pairs
    for _ in 0..<25 {
      guard try client.ask(request) == .status(Array("OK".utf8)) else { throw TestFailure("MSET was refused") }
    }
    try server.stop()
    return data
  }
}

extension ServerProcess {
  /// Ends it as a signal to stop does.
  public func stop() throws {
    signal(SIGTERM)
    guard waitForExit() == 0 else { throw TestFailure("the server did not end: \(log)") }
  }

  /// The fields of a section of INFO.
  public func info(_ section: String) throws -> [String: String] {
    let client = try Client(port: port)
    try client.send("INFO \(section)\n")
    var fields: [String: String] = [:]
    while let line = try client.readLine(), !line.hasPrefix("END ") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields[String(line[..<colon])] = String(line[line.index(after: colon)...])
    }
    return fields
  }
}
