import Bytes
import Testing
import Wire

@testable import Commands

@Suite struct ConfigCommandTests {
  /// The error for a value that cannot be set.
  private func failure(_ name: String, _ why: String) -> String {
    "-ERR CONFIG SET failed (possibly related to argument '\(name)') - \(why)\r\n"
  }

  @Test func `parameters are found by patterns, each once`() {
    let session = Session()
    #expect(session.run("CONFIG GET timeout TIME* nosuch") == "*2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n")
    #expect(session.run("CONFIG GET nosuch") == "*0\r\n")
    #expect(session.run("CONFIG GET save") == "*2\r\n$4\r\nsave\r\n$0\r\n\r\n")
    #expect(
      session.run("CONFIG GET port bind") == "*4\r\n$4\r\nport\r\n$4\r\n7878\r\n$4\r\nbind\r\n$9\r\n127.0.0.1\r\n")
    #expect(Session(.resp3).run("CONFIG GET databases") == "%1\r\n$9\r\ndatabases\r\n$1\r\n1\r\n")
    #expect(Session(.line).run("CONFIG GET databases") == "VALUE databases\nVALUE 1\nEND 2\n")
    #expect(session.run("CONFIG GET *").hasPrefix("*\(2 * ConfigParameter.all.count)\r\n"))
  }

  @Test func `parameters have names of their own`() {
    let names = ConfigParameter.all.map { "\($0.name)" }
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0 == $0.lowercased() })
  }

  @Test(arguments: [
    ("maxmemory", "10mb", "10485760"), ("maxmemory", "1k", "1000"), ("maxmemory", "0", "0"), ("timeout", "30", "30"),
    ("slowlog-log-slower-than", "-1", "-1"), ("slowlog-max-len", "7", "7"), ("latency-monitor-threshold", "5", "5"),
    ("proto-max-bulk-len", "1mb", "1048576"), ("requirepass", "secret", "secret"),
    ("maxmemory-policy", "noeviction", "noeviction"),
    ("appendfsync", "everysec", "everysec"), ("appendfsync", "NO", "no"),
    ("appendonly", "no", "no"), ("databases", "1", "1"),
  ])
  func `what is set is shown`(name: String, value: String, shown: String) {
    let session = Session()
    #expect(session.run("CONFIG SET \(name) \(value)") == "+OK\r\n")
    #expect(
      session.run("CONFIG GET \(name)")
        == "*2\r\n$\(name.utf8.count)\r\n\(name)\r\n$\(shown.utf8.count)\r\n\(shown)\r\n")
  }

  @Test(arguments: [
    ("maxmemory", "abc", "argument must be a memory value"), ("maxmemory", "1q", "argument must be a memory value"),
    ("maxmemory", "-1", "argument must be a memory value"),
    ("maxmemory", "99999999999999999999", "argument must be a memory value"),
    ("timeout", "-1", "argument must be between 0 and 2147483647 inclusive"),
    ("timeout", "abc", "argument couldn't be parsed into an integer"),
    ("timeout", "+1", "argument couldn't be parsed into an integer"),
    ("slowlog-log-slower-than", "-2", "argument must be between -1 and 9223372036854775807 inclusive"),
    ("proto-max-bulk-len", "1", "argument must be between 1048576 and 536870912 inclusive"),
    ("proto-max-bulk-len", "1gb", "argument must be between 1048576 and 536870912 inclusive"),
    ("maxmemory-policy", "allkeys-lru", "argument(s) must be one of the following: noeviction"),
    ("appendfsync", "sometimes", "argument(s) must be one of the following: everysec, always, no"),
    ("appendonly", "yes", "can't set immutable config"), ("databases", "2", "can't set immutable config"),
    ("maxclients", "4", "can't set immutable config"), ("PORT", "1", "can't set immutable config"),
    ("client-output-buffer-limit", "x", "Wrong number of arguments in buffer limit configuration."),
  ])
  func `what cannot be set is refused in the words of Redis`(name: String, value: String, why: String) {
    #expect(Session().run("CONFIG SET \(name) \(value)") == failure(name.lowercased(), why))
  }

  @Test func `all are set, or none`() {
    let session = Session()
    #expect(
      session.run("CONFIG SET timeout 5 nosuch 1")
        == "-ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'\r\n")
    #expect(session.run("CONFIG SET timeout 5 maxmemory x") == failure("maxmemory", "argument must be a memory value"))
    #expect(session.run("CONFIG SET timeout 5 TIMEOUT 6") == failure("timeout", "duplicate parameter"))
    #expect(session.run("CONFIG SET timeout 5 maxmemory") == "-ERR syntax error\r\n")
    #expect(session.run("CONFIG GET timeout").hasSuffix("$1\r\n0\r\n"))
    #expect(session.run("CONFIG SET timeout 5 maxmemory 10mb") == "+OK\r\n")
    #expect(session.executor.settings.idleTimeoutSeconds == 5)
  }

  @Test func `a data directory shows in parameters that stay what they are`() {
    let session = Session()
    #expect(session.run("CONFIG GET auto-aof*").hasSuffix("$1\r\n0\r\n"))
    session.executor.settings.directory = Array("/data".utf8)
    session.facts.journal = JournalFacts()
    session.facts.journal?.compactionPercentage = 37
    session.facts.journal?.compactionBytesMin = 1_000
    for (name, value) in [
      ("appendonly", "yes"), ("dir", "/data"), ("auto-aof-rewrite-percentage", "37"),
      ("auto-aof-rewrite-min-size", "1000"), ("appendfsync", "always"),
    ] {
      #expect(session.run("CONFIG GET \(name)").hasSuffix("\r\n$\(value.utf8.count)\r\n\(value)\r\n"), "\(name)")
    }
    #expect(session.run("CONFIG SET appendonly yes dir /data") == "+OK\r\n")
    #expect(session.run("CONFIG SET appendonly no") == failure("appendonly", "can't set immutable config"))
    #expect(session.run("CONFIG SET dir /tmp") == failure("dir", "can't set immutable config"))
  }

  @Test(arguments: [SyncMode.no, .everysec, .always], [SyncMode.no, .everysec, .always])
  func `replies wait from the change of appendfsync on as the new mode has it`(old: SyncMode, new: SyncMode) {
    let session = Session()
    session.executor.settings.sync = old
    session.executor.beginRecording(frame: 7, isGating: old != .no)
    session.run("SET k v")
    _ = session.executor.log.take(replacement: ByteBuffer())
    session.executor.beginFrame()
    session.executor.endFrame()
    #expect(session.run("CONFIG SET appendfsync \(new)") == "+OK\r\n")
    let mustWait = old != new && new != .no && (new == .always || old == .no)
    #expect(session.executor.gate == (mustWait ? 8 : 0))
    #expect(session.executor.log.isUrgent == mustWait, "a frame is written though nothing has changed")
    session.run("GET k")
    #expect(session.executor.gate == (mustWait ? 8 : 0), "what was written in the old mode is not safe in the new one")
    session.run("SET l v")
    #expect(session.executor.gate == (new == .no ? 0 : 8))
  }

  @Test func `maxmemory reaches the store`() {
    let session = Session()
    #expect(session.run("SET k v") == "+OK\r\n")
    session.run("CONFIG SET maxmemory 1")
    #expect(session.run("SET l v") == "-OOM command not allowed when used memory > 'maxmemory'.\r\n")
    #expect(session.run("GET k") == "$1\r\nv\r\n")
    session.run("CONFIG SET maxmemory 0")
    #expect(session.run("SET l v") == "+OK\r\n")
  }

  @Test func `a password holds for those who connect from then on`() {
    let session = Session()
    session.run("CONFIG SET requirepass secret")
    #expect(session.run("PING") == "+PONG\r\n")
    session.open(1, .resp2)
    #expect(session.run("PING", of: 1) == "-NOAUTH Authentication required.\r\n")
    #expect(
      session.run([Array("CONFIG".utf8), Array("SET".utf8), Array("requirepass".utf8), []]) == Array("+OK\r\n".utf8))
    #expect(session.run("PING", of: 1) == "+PONG\r\n")
  }

  @Test func `a subscriber's limit is the one of pubsub`() {
    let session = Session()
    func set(_ value: String) -> String {
      String(
        decoding: session.run(["CONFIG", "SET", "client-output-buffer-limit", value].map { Array($0.utf8) }),
        as: UTF8.self)
    }
    #expect(set("pubsub 1mb 0 0") == "+OK\r\n")
    #expect(session.executor.settings.subscriberOutputBytesMax == 1 << 20)
    #expect(
      session.run("CONFIG GET client-output-buffer-limit").contains("normal 0 0 0 slave 0 0 0 pubsub 1048576 0 0"))
    #expect(set("normal 0 0 0 pubsub 0 0 0") == "+OK\r\n")
    #expect(session.executor.settings.subscriberOutputBytesMax == .max)
    #expect(set("pubsub 32mb 8mb 60").hasPrefix("-ERR CONFIG SET failed"))
    #expect(set("nobody 0 0 0").hasSuffix("Invalid client class specified in buffer limit configuration.\r\n"))
    #expect(
      set("pubsub x 0 0").hasSuffix("Error in hard, soft or soft_seconds setting in buffer limit configuration.\r\n"))
  }

  @Test func `there is no file to rewrite`() {
    #expect(Session().run("CONFIG REWRITE") == "-ERR The server is running without a config file\r\n")
  }
}
