import Glibc
import TestSupport
import Testing

extension InteropTests {
  @Suite(.enabled(if: mayUse("redis-benchmark"), "redis-benchmark is not installed"))
  struct RedisBenchmarkTests {
    private static let tests = "ping_inline,ping_mbulk,set,get,incr,mset"

    @Test(arguments: [
      ["-n", "2000"], ["-n", "10000", "-P", "16"], ["-n", "3000", "-c", "1000"], ["-n", "5000", "--threads", "2"],
      ["-n", "10000", "-P", "16", "-c", "200", "--threads", "2", "-r", "10000", "-d", "100"],
      ["-n", "50", "-d", "1000000", "-c", "5"], ["-n", "1000", "-k", "0"], ["-n", "2000", "-3"],
    ])
    func `its own list runs without an error`(flags: [String]) throws {
      raiseOpenFileLimit()
      let server = try InteropTests.swiftlet()
      let result = try run(["redis-benchmark", "-p", "\(server.port)", "-t", Self.tests, "--csv"] + flags)
      #expect(result.status == 0)
      // A connection's first look at the configuration is all that it may complain of.
      let output = result.output + result.errors
      #expect(!output.lowercased().contains("error"), "\(output)")
      for name in ["PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "MSET (10 keys)"] {
        #expect(result.output.contains("\n\"\(name)\","), "\(result.output)")
      }
    }

    @Test func `a command of ones own runs without an error`() throws {
      let server = try ServerProcess()
      let command = ["SET", "key:__rand_int__", "__rand_int__", "EX", "100"]
      let result = try run(["redis-benchmark", "-p", "\(server.port)", "-n", "10000", "-r", "1000", "-q"] + command)
      #expect(result.status == 0)
      #expect(result.output.contains("requests per second"), "\(result.output)")
      #expect(!result.output.lowercased().contains("error"), "\(result.output)\(result.errors)")
      let count = try #require(try RESPClient(port: server.port).ask("DBSIZE").integer)
      #expect((900...1000).contains(count))
    }
  }
}
