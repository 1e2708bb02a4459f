import Testing
import Wire

@testable import Commands

@Suite struct SlowLogTests {
  private func session(_ dialect: Dialect = .resp2) -> Session {
    var settings = Settings()
    settings.slowLogMicroseconds = 100
    return Session(dialect, settings)
  }

  @Test func `an entry has the fields of Redis`() {
    let session = session()
    session.run("CLIENT SETNAME me")
    session.run("GET a", nanoseconds: 99_999)
    session.run("GET b", nanoseconds: 100_000)
    #expect(session.run("SLOWLOG LEN") == ":1\r\n")
    let entry =
      "*6\r\n:0\r\n:1700000000\r\n:100\r\n*2\r\n$3\r\nGET\r\n$1\r\nb\r\n$15\r\n127.0.0.1:50000\r\n$2\r\nme\r\n"
    #expect(session.run("SLOWLOG GET") == "*1\r\n\(entry)")
    #expect(session.run("SLOWLOG RESET") == "+OK\r\n")
    #expect(session.run("SLOWLOG GET") == "*0\r\n")
  }

  @Test func `the newest come first, ten unless more are asked for`() {
    let session = session()
    for number in 0..<12 { session.run("GET \(number)", nanoseconds: 1_000_000) }
    #expect(session.run("SLOWLOG GET").hasPrefix("*10\r\n*6\r\n:11\r\n"))
    #expect(session.run("SLOWLOG GET 2").hasPrefix("*2\r\n"))
    #expect(session.run("SLOWLOG GET 0") == "*0\r\n")
    #expect(session.run("SLOWLOG GET -1").hasPrefix("*12\r\n"))
    session.run("CONFIG SET slowlog-max-len 3")
    session.run("GET x", nanoseconds: 1_000_000)
    #expect(session.run("SLOWLOG LEN") == ":3\r\n")
    let excess = "-ERR unknown subcommand or wrong number of arguments for 'get'. Try SLOWLOG HELP.\r\n"
    #expect(session.run("SLOWLOG get 1 2") == excess)
    for count in ["-2", "x", "1.5"] {
      #expect(session.run("SLOWLOG GET \(count)") == "-ERR count should be greater than or equal to -1\r\n")
    }
  }

  @Test func `long requests are shortened`() {
    let session = session()
    let long = String(repeating: "x", count: 130)
    session.run("DEL \(long) " + (0..<40).map { "k\($0)" }.joined(separator: " "), nanoseconds: 1_000_000)
    let reply = session.run("SLOWLOG GET")
    #expect(reply.contains(String(repeating: "x", count: 128) + "... (2 more bytes)\r\n"))
    #expect(reply.contains("*32\r\n") && reply.contains("... (11 more arguments)\r\n"))
  }

  @Test(arguments: [
    "AUTH hunter2", "auth default hunter2", "HELLO 2 AUTH default hunter2", "hello 3 setname x auth default hunter2",
    "CONFIG SET timeout 0 requirepass hunter2", "config set REQUIREPASS hunter2 timeout 0",
  ])
  func `passwords are left out`(request: String) {
    let session = session()
    session.run(request, nanoseconds: 1_000_000)
    let reply = session.run("SLOWLOG GET")
    #expect(reply.contains("$10\r\n(redacted)\r\n"))
    #expect(!reply.contains("hunter2"))
    #expect(!session.run("INFO everything").contains("hunter2"))
  }

  @Test func `a negative bound keeps nothing`() {
    let session = session()
    session.run("CONFIG SET slowlog-log-slower-than -1")
    session.run("DEL a b", nanoseconds: 1_000_000_000)
    #expect(session.run("SLOWLOG LEN") == ":0\r\n")
  }

  // MARK: - LATENCY

  @Test func `the latency monitor keeps moments beyond its threshold`() {
    let session = Session()
    session.run("DEL a b", nanoseconds: 50_000_000)
    #expect(session.run("LATENCY LATEST") == "*0\r\n")
    #expect(session.run("LATENCY DOCTOR").contains("CONFIG SET latency-monitor-threshold"))
    session.run("CONFIG SET latency-monitor-threshold 20 slowlog-log-slower-than -1")
    session.run("DEL a b", nanoseconds: 19_999_999)
    #expect(session.run("LATENCY DOCTOR").contains("No command took 20 ms or longer."))
    session.run("DEL a b", nanoseconds: 50_000_000)
    session.run("DEL a b", nanoseconds: 40_000_000)
    session.executor.now += 1_000
    session.run("MSET a b", nanoseconds: 20_000_000)
    session.run("MGET a b", nanoseconds: 30_000_000)
    #expect(
      session.run("LATENCY LATEST")
        == "*2\r\n*4\r\n$7\r\ncommand\r\n:1700000001\r\n:20\r\n:50\r\n"
        + "*4\r\n$12\r\nfast-command\r\n:1700000001\r\n:30\r\n:30\r\n"
    )
    #expect(
      session.run("LATENCY HISTORY command") == "*2\r\n*2\r\n:1700000000\r\n:50\r\n*2\r\n:1700000001\r\n:20\r\n")
    #expect(session.run("LATENCY HISTORY fork") == "*0\r\n")
    #expect(session.run("LATENCY GRAPH command").contains("command - high 50 ms, low 20 ms (all time high 50 ms)\n"))
    #expect(session.run("LATENCY GRAPH fork") == "-ERR No samples available for event 'fork'\r\n")
    #expect(session.run("LATENCY DOCTOR").contains("command: 2 slow moments, on average 35 ms, at worst 50 ms."))
    #expect(session.run("LATENCY RESET fork COMMAND") == ":1\r\n")
    #expect(session.run("LATENCY RESET") == ":1\r\n")
    #expect(session.run("LATENCY LATEST") == "*0\r\n")
    #expect(session.run("LATENCY HISTOGRAM") == "*0\r\n")
    #expect(Session(.resp3).run("LATENCY HISTOGRAM get") == "%0\r\n")
  }

  @Test func `as many moments are kept as Redis keeps`() {
    var monitor = LatencyMonitor()
    for second in 0..<200 { monitor.record("command", time: Int64(second), milliseconds: Int64(second)) }
    #expect(monitor.series.first?.samples.count == 160)
    #expect(monitor.series.first?.samples.first?.time == 40)
    #expect(monitor.series.first?.worst == 199)
  }
}
