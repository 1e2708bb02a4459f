import Glibc
import TestSupport
import Testing

extension ServerTests {
  /// What clients ask of a server that keeps its data.
  @Suite struct PersistenceTests {
    @Test func `SAVE answers when the base is there and LASTSAVE tells when that was`() throws {
      let data = try DataFolder()
      var server = try data.serve()
      var client = try Client(port: server.port)
      #expect(try client.ask("PUT a 1") == "OK")
      #expect(data.names("base-").isEmpty)
      try client.send("PUT b 2\nSAVE\nGET b\n")
      #expect(try client.readLine() == "OK")
      #expect(try client.readLine() == "OK")
      #expect(data.names("base-") == ["base-0000000000000002"])
      #expect(try client.readLine() == "VALUE 2")
      let saved = try client.ask("LASTSAVE")
      #expect(try server.info("persistence")["rdb_saves"] == "1")
      try server.stop()
      usleep(1_100_000)
      server = try data.serve()
      client = try Client(port: server.port)
      #expect(try client.ask("LASTSAVE") == saved)
      #expect(try client.ask("COUNT") == "VALUE 2")
    }

    @Test func `a compaction goes on beside everything else and a second one is refused`() throws {
      let data = try DataFolder()
      let server = try data.serve(["--sync", "no"])
      let client = try RESPClient(port: server.port)
      for start in stride(from: 0, to: 40_000, by: 1_000) {
        let pairs = (start..<start + 1_000).flatMap { [Array("key:\($0)".utf8), Array("value:\($0)".utf8)] }
        #expect(try client.ask([Array("MSET".utf8)] + pairs) == .status(Array("OK".utf8)))
      }
      let saver = try RESPClient(port: server.port)
      // Once it is answered, what it sends next comes before what another one sends after it.
      try saver.ask("PING")
      try saver.send([[Array("SAVE".utf8)]])
      // In one piece, so that all of them are executed before much of the base is written.
      let names = ["BGREWRITEAOF", "BGSAVE", "SAVE", "BGSAVE SCHEDULE", "GET key:7"]
      try client.send(names.map { $0.split(separator: " ").map { Array($0.utf8) } })
      let refusal = "-ERR Background save already in progress\r\n"
      #expect(
        try client.readReply() == Array("-ERR Background append only file rewriting already in progress\r\n".utf8))
      #expect(try client.readReply() == Array(refusal.utf8))
      #expect(try client.readReply() == Array(refusal.utf8))
      #expect(try client.readReply() == Array("+Background saving scheduled\r\n".utf8))
      #expect(try client.readReply() == Array("$7\r\nvalue:7\r\n".utf8))
      #expect(try saver.readReply() == Array("+OK\r\n".utf8))
      let deadline = now() + 20
      while try server.info("persistence")["rdb_saves"] != "2", now() < deadline { usleep(10_000) }
      let info = try server.info("persistence")
      #expect(info["rdb_saves"] == "2")
      #expect(info["rdb_bgsave_in_progress"] == "0")
      #expect(info["rdb_changes_since_last_save"] == "0")
      #expect(info["journal_segments"] == "1")
      #expect(data.names("base-").count == 1)
    }

    @Test(arguments: ["SAVE", "BGSAVE", "BGREWRITEAOF"])
    func `without a data directory nothing is saved and the error says what is right`(request: String) throws {
      let server = try ServerProcess()
      let client = try Client(port: server.port)
      #expect(
        try client.ask(request)
          == "ERROR there is no journal, for data is in memory only: start the server with --data DIRECTORY")
    }

    @Test func `INFO and CONFIG tell how data is kept`() throws {
      let data = try DataFolder()
      let server = try data.serve(["--sync", "always", "--segment-bytes", "2m"])
      let client = try Client(port: server.port)
      for number in 1...20 { #expect(try client.ask("PUT k \(number)") == "OK") }
      let info = try server.info("persistence")
      for (name, value) in [
        ("loading", "0"), ("aof_enabled", "1"), ("aof_last_write_status", "ok"), ("rdb_changes_since_last_save", "20"),
        ("journal_sequence", "20"), ("journal_synced_sequence", "20"), ("journal_unsynced_bytes", "0"),
        ("journal_held_replies", "0"), ("journal_disk_full", "0"), ("journal_segments", "1"),
        ("journal_base_bytes", "0"), ("journal_syncs", "20"),
      ] { #expect(info[name] == value, "\(name)") }
      #expect(info["journal_sync"]?.hasPrefix("always: a reply waits until what it tells of is on disk") == true)
      #expect(info["journal_bytes"] == info["aof_current_size"])
      let times = ["p50", "p99", "max"].map { UInt64(info["journal_sync_\($0)_usec"] ?? "") ?? 0 }
      #expect(times[0] > 0 && times == times.sorted(), "\(times)")
      try client.send("CONFIG GET appendonly\nCONFIG GET dir\nCONFIG GET auto-aof-rewrite-min-size\n")
      let lines = try (0..<9).map { _ in try client.readLine() }
      #expect(lines.contains("VALUE yes") && lines.contains("VALUE \(data.path)") && lines.contains("VALUE 3145728"))
    }

    @Test func `what was said in a weaker mode is on disk once a stronger one was set`() throws {
      let data = try DataFolder()
      let server = try data.serve(["--sync", "no"])
      let client = try Client(port: server.port)
      for (number, mode) in ["everysec", "always", "no", "always", "everysec", "no", "everysec", "always"].enumerated()
      {
        try client.send("PUT k\(number) \(mode)\nCONFIG SET appendfsync \(mode)\nGET k\(number)\n")
        #expect(try client.readLine() == "OK")
        #expect(try client.readLine() == "OK")
        #expect(try client.readLine() == "VALUE \(mode)")
        let info = try server.info("persistence")
        #expect(info["journal_sync"]?.hasPrefix("\(mode): ") == true)
        guard mode == "always" else { continue }
        #expect(info["journal_unsynced_bytes"] == "0")
        #expect(info["journal_synced_sequence"] == info["journal_sequence"])
      }
      server.signal(SIGKILL)
      #expect(server.waitForExit() == 128 + SIGKILL)
      let again = try data.serve()
      #expect(try Client(port: again.port).ask("COUNT") == "VALUE 8")
    }
  }
}
