import Glibc
import TestSupport
import Testing

extension ServerTests {
  /// `swiftlet check`, `repair` and `export`, on directories that servers have left.
  @Suite struct ToolTests {
    private static let header = 64

    /// A directory with a frame for each of these requests in its first segment, and a mark of its clean end.
    private func data(_ requests: [String]) throws -> DataFolder {
      let data = try DataFolder()
      let server = try data.serve()
      let client = try Client(port: server.port)
      for request in requests { try #require(try client.ask(request) == "OK") }
      try server.stop()
      return data
    }

    /// Where the frames of a segment begin.
    private func frames(_ data: DataFolder, _ name: String) -> [Int] {
      let bytes = data.bytes(of: name)
      return stride(from: Self.header, to: bytes.count, by: 8).filter { bytes[$0...].starts(with: Array("FRAM".utf8)) }
    }

    private let segment = "journal-0000000000000001"

    // MARK: - Check

    @Test func `a whole journal is told of in numbers`() throws {
      let data = try data(["PUT a 1", "PUT b 2", "DELETE a"])
      let result = try data.tool("check")
      #expect(result.status == 0)
      let lines = result.output.split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true) }
      func value(_ name: String) -> String? {
        let words = name.split(separator: " ")
        return lines.first { $0.starts(with: words) }?.dropFirst(words.count).joined(separator: " ")
      }
      #expect(value("state") == "whole: a server would start")
      #expect(value("files") == "1")
      #expect(value("bytes") == "\(data.bytes(of: segment).count)")
      #expect(value("frames") == "3")
      #expect(value("records") == "3")
      #expect(value("first frame") == "1")
      #expect(value("last frame") == "3")
      #expect(value("ended cleanly") == "yes")
      #expect(value("first change")?.hasPrefix("20") == true)
      let json = try data.tool("check", "--json")
      #expect(
        json.output.hasPrefix("{\"directory\":\"\(data.path)\",\"state\":\"whole: a server would start\",\"files\":1,"))
      #expect(json.output.hasSuffix("\"ended_cleanly\":\"yes\"}\n"))
    }

    @Test func `a torn tail is no damage and repair leaves it to the server`() throws {
      let data = try data(["PUT a 1", "PUT b 2"])
      // The mark of a clean end is the last frame, and nothing says that it was on disk.
      let last = try #require(frames(data, segment).last)
      try data.damage(segment, at: last + 8)
      let result = try data.tool("check")
      #expect(result.status == 0)
      #expect(result.output.contains("torn tail"))
      #expect(result.output.contains("\(segment), byte \(last): 64 bytes"))
      let repair = try data.tool("repair")
      #expect(repair.status == 0)
      #expect(repair.output == "\(data.path) is whole: there is nothing to repair\n")
      let server = try data.serve()
      #expect(try Client(port: server.port).ask("COUNT") == "VALUE 2")
      #expect(data.names("torn-").count == 1)
    }

    @Test func `damage is told with file and byte and frames and a code`() throws {
      let data = try data(["PUT a 1", "PUT b 2", "PUT c 3", "PUT d 4"])
      let second = frames(data, segment)[1]
      try data.damage(segment, at: second + 66)
      let result = try data.tool("check")
      #expect(result.status == 1)
      for part in [
        "damaged: a server would not start", segment, "\(second)", "the frame's payload does not match its checksum",
        "swiftlet repair --dry-run \(data.path)",
      ] { #expect(result.output.contains(part), "\(part): \(result.output)") }
      #expect(
        try data.tool("check", "--json").output.contains("\"first_frame_lost\":2,\"last_frame_lost_at_least\":5,"))
      let start = try run([ServerProcess.binary, "--listen", "127.0.0.1:0", "--data", data.path])
      #expect(start.status == 1)
      #expect(start.errors.contains("\(segment), byte \(second): "))
    }

    @Test func `an empty directory is one without keys and one that is not there is named`() throws {
      let data = try DataFolder()
      #expect(try data.tool("check").output.contains("empty: a server would start without keys"))
      #expect(try data.tool("export").output == "")
      for tool in ["check", "repair", "export"] {
        let result = try run([ServerProcess.binary, tool, data.path + "/nothing"])
        #expect(result.status == 1)
        #expect(result.errors == "swiftlet: the data directory \(data.path)/nothing does not exist\n")
      }
    }

    @Test(arguments: ["check", "repair", "export"])
    func `a directory that a server has is refused by name`(tool: String) throws {
      let data = try DataFolder()
      let server = try data.serve()
      let result = try data.tool(tool)
      #expect(result.status == 1)
      #expect(result.errors == "swiftlet: the data directory \(data.path) is in use by process \(server.pid)\n")
      #expect(result.output == "")
    }

    // MARK: - Repair

    @Test func `repair cuts where the damage begins and keeps what it cuts`() throws {
      let data = try data(["PUT a 1", "PUT b 2", "PUT c 3", "PUT d 4"])
      let third = frames(data, segment)[2]
      try data.damage(segment, at: third + 66)
      let before = data.bytes(of: segment)
      let plan = try data.tool("repair", "--dry-run")
      #expect(plan.status == 0)
      #expect(plan.output.contains("would cut: \(segment) at byte \(third)"))
      #expect(data.bytes(of: segment) == before)
      #expect(data.names("lost-").isEmpty)
      let result = try data.tool("repair")
      #expect(result.status == 0, "\(result.errors)")
      for part in [
        "damaged: \(segment), byte \(third): ", "cut: \(segment) at byte \(third)", "kept as lost-\(segment)-\(third)",
        "kept: 2 records in 2 frames, the last of them frame 2", "lost: frames 3 to 5 at least",
        "\(data.path) is whole now: a server would start",
      ] { #expect(result.output.contains(part), "\(part): \(result.output)") }
      #expect(data.bytes(of: "lost-\(segment)-\(third)") == Array(before[third...]))
      #expect(data.bytes(of: segment) == Array(before[..<third]))
      #expect(try data.tool("check").status == 0)
      #expect(try data.tool("repair").output == "\(data.path) is whole: there is nothing to repair\n")
      let server = try data.serve()
      let client = try Client(port: server.port)
      #expect(try client.ask("COUNT") == "VALUE 2")
      #expect(try client.ask("GET b") == "VALUE 2")
    }

    @Test func `repair sets aside what comes after the damage`() throws {
      let data = try DataFolder()
      for number in 1...4 {
        let server = try data.serve()
        let client = try Client(port: server.port)
        #expect(try client.ask("PUT k \(number)") == "OK")
        #expect(try client.ask("PUT k\(number) x") == "OK")
        try server.stop()
      }
      #expect(data.names("journal-").count == 4)
      let second = "journal-0000000000000002"
      let others = data.names("journal-").dropFirst(2).map { ($0, data.bytes(of: $0)) }
      let place = try #require(frames(data, second).dropFirst().first)
      try data.damage(second, at: place)
      let result = try data.tool("repair")
      #expect(result.status == 0, "\(result.errors)")
      for (name, bytes) in others {
        #expect(data.bytes(of: "lost-\(name)") == bytes)
        #expect(result.output.contains("set aside: \(name) (\(bytes.count) bytes) as lost-\(name)"))
      }
      let server = try data.serve()
      let client = try Client(port: server.port)
      #expect(try client.ask("GET k") == "VALUE 2", "the state of that moment, and no later change")
      #expect(try client.ask("GET k2") == "ERROR key not found")
      #expect(try client.ask("PUT again x") == "OK")
      try server.stop()
      // What is set aside a second time gets a name of its own.
      let third = "journal-0000000000000003"
      try data.damage(third, at: 20)
      let again = try data.tool("repair")
      #expect(again.status == 0, "\(again.errors)")
      #expect(data.names("lost-\(third)") == ["lost-\(third)", "lost-\(third).2"])
      #expect(try data.tool("check").status == 0)
    }

    @Test func `a missing segment is found and what follows it set aside`() throws {
      let data = try DataFolder()
      for number in 1...3 {
        let server = try data.serve()
        #expect(try Client(port: server.port).ask("PUT k \(number)") == "OK")
        try server.stop()
      }
      data.remove("journal-0000000000000002")
      #expect(try data.tool("check").status == 1)
      let result = try data.tool("repair")
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("lost: what the missing file held, and all that came after it"))
      let server = try data.serve()
      #expect(try Client(port: server.port).ask("GET k") == "VALUE 1")
    }

    @Test func `a damaged base is not repaired into something that never was`() throws {
      let data = try DataFolder()
      let server = try data.serve()
      let client = try Client(port: server.port)
      #expect(try client.ask("PUT a 1") == "OK")
      #expect(try client.ask("SAVE") == "OK")
      try server.stop()
      let base = try #require(data.names("base-").first)
      try data.damage(base, at: 64 + 66)
      let files = data.names()
      let result = try data.tool("repair")
      #expect(result.status == 1)
      #expect(result.errors.contains("cannot be repaired, and nothing was changed: \(base), byte 64: "))
      #expect(result.errors.contains("a base holds each key once"))
      #expect(data.names() == files)
      #expect(try data.tool("check").output.contains("restore the directory from a copy"))
    }

    @Test func `what was lost beside a base that is kept is told of`() throws {
      let data = try DataFolder()
      let server = try data.serve()
      let client = try Client(port: server.port)
      #expect(try client.ask("PUT a 1") == "OK")
      #expect(try client.ask("SAVE") == "OK")
      usleep(20_000)
      #expect(try client.ask("PUT b 2") == "OK")
      #expect(try client.ask("PUT c 3") == "OK")
      try server.stop()
      let segment = try #require(data.names("journal-").last)
      let places = frames(data, segment)
      try data.damage(segment, at: places[1])
      let later = try data.tool("repair", "--dry-run")
      #expect(later.status == 0, "\(later.errors)")
      #expect(!later.output.contains("beware"), "a later frame is kept, and so is all that the base has seen")
      try data.damage(segment, at: places[0])
      let result = try data.tool("repair")
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("beware: the base was being written until "), "\(result.output)")
      let again = try data.serve()
      #expect(try Client(port: again.port).ask("COUNT") == "VALUE 1")
    }

    // MARK: - Export

    /// Keys and values of all bytes, with and without an expiry, as the Redis protocol's requests.
    private func requests(_ generator: inout SeededGenerator) -> [[[UInt8]]] {
      func bytes(_ count: Int) -> [UInt8] {
        let alphabet: [UInt8] = Array(" \t\"\\\n\r\u{0}äxyz'%".utf8) + [0xFF, 0x80]
        return (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
      }
      return (0..<600).map { number in
        let key = bytes(Int.random(in: 0..<12, using: &generator)) + Array("\(number)".utf8)
        let value = bytes(Int.random(in: 0..<40, using: &generator))
        let expiry = number % 3 == 0 ? ["PXAT", "\(4_000_000_000_000 + number)"] : []
        return [Array("SET".utf8), key, value] + expiry.map { Array($0.utf8) }
      }
    }

    @Test(
      .enabled(if: mayUse("nc") && mayUse("redis-cli"), "nc or redis-cli is not installed"), arguments: [false, true])
    func `what is exported gives another server the same keys`(asRESP: Bool) throws {
      let seed = UInt64.random(in: 1...UInt64.max)
      var generator = SeededGenerator(seed: seed)
      let data = try DataFolder()
      var server = try data.serve()
      var client = try RESPClient(port: server.port)
      let requests = requests(&generator)
      try client.send(requests)
      for _ in requests { #expect(try client.readReply() == Array("+OK\r\n".utf8), "seed \(seed)") }
      _ = try client.ask("SET gone x PX 1")
      usleep(5_000)
      try server.stop()
      let other = try ServerProcess()
      let pipe =
        asRESP
        ? "\(ServerProcess.binary) export --resp \(data.path) | redis-cli -p \(other.port) --pipe"
        : "\(ServerProcess.binary) export \(data.path) | nc -N 127.0.0.1 \(other.port)"
      let result = try run(["sh", "-c", pipe])
      #expect(result.status == 0, "\(result.output)\(result.errors)")
      if !asRESP { #expect(result.output == String(repeating: "OK\n", count: 600)) }
      server = try data.serve()
      client = try RESPClient(port: server.port)
      let copy = try RESPClient(port: other.port)
      #expect(try copy.ask("DBSIZE") == .integer(600), "seed \(seed)")
      for request in requests {
        let get = [Array("GET".utf8), request[1]]
        #expect(try copy.ask(get) == .bulk(request[2]), "seed \(seed): \(request)")
        let expiry = [Array("PEXPIRETIME".utf8), request[1]]
        #expect(try copy.ask(expiry) == client.ask(expiry), "seed \(seed): \(request)")
      }
    }

    @Test func `lines that most servers do not read are counted`() throws {
      let data = try DataFolder()
      let server = try data.serve()
      let client = try RESPClient(port: server.port)
      _ = try client.ask([Array("SET".utf8), Array("long".utf8), [UInt8](repeating: 1, count: 600_000)])
      try server.stop()
      let lines = try data.tool("export")
      #expect(lines.status == 0)
      #expect(lines.errors.contains("1 lines are longer than 2097152 bytes"))
      #expect(try data.tool("export", "--resp").errors == "")
    }

    @Test func `nothing is exported of a damaged journal`() throws {
      let data = try data(["PUT a 1", "PUT b 2", "PUT c 3"])
      try data.damage(segment, at: frames(data, segment)[1] + 66)
      let result = try data.tool("export")
      #expect(result.status == 1)
      #expect(result.output == "")
      #expect(result.errors.contains("\(segment), byte "))
    }
  }
}
