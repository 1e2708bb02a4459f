import Testing
import Wire

@testable import Commands

@Suite struct InfoCommandTests {
  private static let usual = [
    "Server", "Clients", "Memory", "Persistence", "Stats", "Replication", "CPU", "Modules", "Errorstats", "Cluster",
    "Keyspace",
  ]

  private func info(_ session: Session, _ sections: String = "") -> [Substring] {
    session.run("INFO \(sections)").split(separator: "\r\n")
  }

  private func titles(_ session: Session, _ sections: String = "") -> [String] {
    info(session, sections).filter { $0.hasPrefix("# ") }.map { String($0.dropFirst(2)) }
  }

  @Test func `sections are those asked for, in the order of Redis`() {
    let session = Session()
    #expect(titles(session) == Self.usual)
    #expect(titles(session, "default") == Self.usual)
    #expect(titles(session, "STATS server") == ["Server", "Stats"])
    #expect(titles(session, "everything").count == InfoSection.allCases.count)
    #expect(titles(session, "all").contains("Commandstats"))
    #expect(titles(session, "keyspace default cpu") == Self.usual)
    #expect(session.run("INFO nosuch") == "$0\r\n\r\n")
    #expect(Session(.resp3).run("INFO nosuch") == "=4\r\ntxt:\r\n")
    #expect(Session(.line).run("INFO nosuch") == "END 0\n")
  }

  @Test func `people get lines`() {
    #expect(Session(.line).run("INFO cluster") == "# Cluster\ncluster_enabled:0\nEND 2\n")
  }

  @Test func `values are real`() {
    let session = Session()
    session.open(1, .resp2)
    session.run("SET a 1")
    session.run("SET b 1 EX 100")
    session.run("GET a")
    session.run("GET nosuch")
    session.run("NOSUCH")
    session.run("EXEC")
    session.run("HELLO 9")
    session.run("CONFIG SET maxmemory 1gb")
    session.run("SUBSCRIBE c", of: 1)
    let lines = info(session, "everything")
    for line in [
      "redis_version:\(Identity.redisVersion)", "swiftlet_version:\(Identity.version)", "tcp_port:7878",
      "uptime_in_seconds:90", "connected_clients:2", "maxclients:4", "blocked_clients:0", "used_memory_rss:16777216",
      "used_memory_rss_human:16.00M", "maxmemory:1073741824", "maxmemory_human:1.00G", "maxmemory_policy:noeviction",
      "total_connections_received:2", "keyspace_hits:1", "keyspace_misses:1", "pubsub_channels:1", "pubsub_patterns:0",
      "cmdstat_set:calls=2", "errorstat_ERR:count=2", "errorstat_NOPROTO:count=1",
      "total_error_replies:3", "db0:keys=2,expires=1,avg_ttl=100000",
      "role:master", "total_commands_processed:9",
    ] {
      #expect(lines.contains(Substring(line)), "\(line)")
    }
    let used = session.executor.keyspace.memoryUse.usedBytes
    #expect(lines.contains("used_memory:\(used)"))
    session.run("CONFIG RESETSTAT")
    let after = info(session, "everything")
    for line in ["keyspace_hits:0", "total_connections_received:0", "total_error_replies:0", "connected_clients:2"] {
      #expect(after.contains(Substring(line)), "\(line)")
    }
  }

  @Test func `an empty keyspace has no line`() {
    #expect(info(Session(), "keyspace").dropFirst() == ["# Keyspace"])
  }

  @Test func `requests are counted by the second`() {
    let session = Session()
    _ = session.executor.runBackgroundWork(units: 1)
    for _ in 0..<500 { session.run("PING") }
    session.executor.now += 1_000
    _ = session.executor.runBackgroundWork(units: 1)
    // INFO itself is the last of them.
    #expect(info(session, "stats").contains("instantaneous_ops_per_sec:501"))
    session.executor.now += 9_000
    #expect(info(session, "stats").contains("instantaneous_ops_per_sec:50"))
    session.executor.now += 1_000_000
    _ = session.executor.runBackgroundWork(units: 1)
    session.executor.now += 1_000
    #expect(info(session, "stats").contains("instantaneous_ops_per_sec:0"))
  }

  @Test func `a run has a name of 40 digits`() {
    let line = info(Session(), "server").first { $0.hasPrefix("run_id:") }
    #expect(line?.dropFirst(7).count == 40)
  }

  @Test(
    arguments: [
      (0, "0B"), (1023, "1023B"), (1024, "1.00K"), (1536, "1.50K"), (1 << 20, "1.00M"), (3 << 30, "3.00G"),
      (5 << 40, "5.00T"), (5 << 50, "5120.00T"),
    ] as [(UInt64, String)])
  func `bytes for people`(bytes: UInt64, text: String) {
    var info = InfoText()
    info.bytes("n", bytes)
    let lines = String(decoding: info.text.span.copied, as: UTF8.self).split(separator: "\r\n")
    #expect(lines == ["n:\(bytes)", "n_human:\(text)"])
  }
}
