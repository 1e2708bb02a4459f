import Glibc
import TestSupport
import Testing

extension ServerTests {
  /// What clients see of a server that still loads its data.
  @Suite(.serialized) struct LoadingTests {
    private static let shared = Result { try DataFolder.slowToLoad() }
    private let data: DataFolder
    private let folder: TemporaryFolder
    private var socket: String { folder.path + "/s" }

    init() throws {
      data = try Self.shared.get()
      folder = try TemporaryFolder()
    }

    private func loading() throws -> ServerProcess {
      let server = try ServerProcess(
        ["--listen", "unix:\(socket)", "--data", data.path], listens: false, until: " notice loading ")
      try #require(!server.log.contains("ready on "))
      return server
    }

    private func waitUntilReady(_ server: ServerProcess) {
      let deadline = now() + 60
      while !server.log.contains("ready on "), now() < deadline { usleep(20_000) }
    }

    @Test func `clients are told in their dialect until all is there`() throws {
      let server = try loading()
      let person = try Client(path: socket)
      #expect(try person.ask("GET key:1") == "ERROR the data is being loaded: try again in a while")
      #expect(try person.ask("PING") == "ERROR the data is being loaded: try again in a while")
      #expect(try person.ask("SAVE") == "ERROR the data is being loaded: try again in a while")
      let program = try Client(path: socket)
      try program.send("*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$5\r\nkey:1\r\n")
      #expect(try program.readLine() == "-LOADING Swiftlet is loading the dataset in memory\r")
      #expect(try program.readLine() == "-LOADING Swiftlet is loading the dataset in memory\r")
      try person.send("INFO persistence\n")
      var info: [String] = []
      while let line = try person.readLine(), !line.hasPrefix("END ") { info.append(line) }
      #expect(info.contains("loading:1"))
      let total = info.first { $0.hasPrefix("loading_total_bytes:") }?.split(separator: ":").last.flatMap { Int($0) }
      #expect(total ?? 0 > 10_000_000)
      #expect(info.contains { $0.hasPrefix("loading_eta_seconds:") })
      try #require(!server.log.contains("ready on "), "all this was during loading")
      waitUntilReady(server)
      #expect(try person.ask("GET key:1") == "VALUE value:1")
      #expect(try person.ask("COUNT") == "VALUE 20000")
      #expect(server.log.contains("records-per-second="))
    }

    @Test(.enabled(if: mayUse("redis-cli"), "redis-cli is not installed"))
    func `redis-cli prints the error`() throws {
      let server = try loading()
      let result = try run(["redis-cli", "-s", socket, "GET", "key:1"])
      #expect(result.output == "LOADING Swiftlet is loading the dataset in memory\n\n", "\(result.errors)")
      try #require(!server.log.contains("ready on "))
    }

    @Test(.enabled(if: mayUse("nc"), "nc is not installed"))
    func `nc prints the line`() throws {
      let server = try loading()
      let result = try run(["nc", "-N", "-U", socket], input: "GET key:1\n")
      #expect(result.output == "ERROR the data is being loaded: try again in a while\n", "\(result.errors)")
      try #require(!server.log.contains("ready on "))
    }

    @Test func `what is set while it loads holds once all is there`() throws {
      let server = try loading()
      let person = try Client(path: socket)
      #expect(try person.ask("CONFIG SET appendfsync no") == "OK")
      #expect(try person.ask("CONFIG SET maxmemory 1gb") == "OK")
      #expect(try person.ask("GET key:1") == "ERROR the data is being loaded: try again in a while")
      try #require(!server.log.contains("ready on "), "all this was during loading")
      waitUntilReady(server)
      try person.send("CONFIG GET appendfsync\nGET key:1\nPUT key:1 value:1\n")
      let lines = try (0..<5).map { _ in try person.readLine() }
      #expect(lines.contains("VALUE no") && lines.contains("VALUE value:1") && lines.last == "OK", "\(lines)")
      #expect(server.log.contains("sync no: "))
    }

    @Test func `a signal ends it and nothing is changed`() throws {
      let files = data.names()
      let server = try loading()
      try server.stop()
      #expect(data.names() == files)
      #expect(try data.tool("check").status == 0)
    }
  }
}
