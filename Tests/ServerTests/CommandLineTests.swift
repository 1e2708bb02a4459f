import Glibc
import TestSupport
import Testing

extension ServerTests {
  @Suite struct CommandLineTests {
    @Test(arguments: [
      (["--no-such-flag"], "swiftlet: Unknown option '--no-such-flag'"),
      (["--max-connections", "0"], "The value '0' is invalid for '--max-connections <count>'"),
      (["--memory-limit", "lots"], "The value 'lots' is invalid for '--memory-limit <bytes>'"),
      (["--listen", "nowhere"], "The value 'nowhere' is invalid for '--listen <address>'"),
      (
        ["--data", "/no/such/folder/data"],
        "swiftlet: cannot make the data directory /no/such/folder/data: No such file"
      ),
      (["--sync", "always"], "swiftlet: --sync tells how data is kept: give --data as well"),
      (["--log-level", "loud"], "The value 'loud' is invalid for '--log-level <level>'"),
      (["--listen", "192.0.2.1:7878"], "swiftlet: cannot listen on 192.0.2.1:7878: Cannot assign requested address"),
      (["--listen", "unix:/no/such/folder/s"], "swiftlet: cannot listen on unix:/no/such/folder/s: No such file"),
    ])
    func `a start that cannot be is one clear line and a code`(flags: [String], message: String) throws {
      let result = try run([ServerProcess.binary] + flags)
      #expect(result.status != 0)
      #expect(result.status < 128)
      #expect(result.errors.contains(message), "\(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }

    @Test func `a port in use is one clear line and a code`() throws {
      let server = try ServerProcess()
      let result = try run([ServerProcess.binary, "--listen", "127.0.0.1:\(server.port)"])
      #expect(result.status == 1)
      #expect(result.errors == "swiftlet: cannot listen on 127.0.0.1:\(server.port): Address already in use\n")
    }

    @Test func `the version and the help go to standard output`() throws {
      let version = try run([ServerProcess.binary, "--version"])
      #expect(version.status == 0)
      #expect(version.output.hasPrefix("swiftlet "))
      let help = try run([ServerProcess.binary, "--help"])
      #expect(help.status == 0)
      #expect(help.output == (try run([ServerProcess.binary, "serve", "--help"]).output))
      for flag in [
        "--listen", "--data", "--sync", "--segment-bytes", "--max-connections", "--idle-timeout", "--stall-timeout",
        "--max-line-bytes", "--max-arguments",
        "--max-key-bytes", "--max-value-bytes", "--memory-limit", "--log-level", "--log-format", "--version",
      ] {
        #expect(help.output.contains(flag))
      }
    }

    @Test func `the first line says where for how many and that nothing is kept`() throws {
      let server = try ServerProcess(["--max-connections", "100", "--listen", "[::1]:0"])
      #expect(server.log.contains("ready on 127.0.0.1:\(server.port), [::1]:"))
      #expect(server.log.contains("for up to 100 connections"))
      #expect(server.log.contains("data is in memory only"))
    }

    @Test func `a server that is started without standard descriptors gives their numbers to no socket`() throws {
      let server = try ServerProcess(under: ["sh", "-c", "exec \"$@\" <&- >&-", "sh"])
      #expect(try Client(port: server.port).ask("PING") == "PONG")
      for number in 0...1 {
        var target = [CChar](repeating: 0, count: 64)
        let length = readlink("/proc/\(server.pid)/fd/\(number)", &target, target.count)
        #expect(length == 9 && strncmp(target, "/dev/null", 9) == 0)
      }
    }

    @Test func `connections that cannot be had are said and by how much`() throws {
      let server = try ServerProcess(["--max-connections", "100000000"])
      let warning = try #require(
        server.log.split(separator: "\n").first { $0.contains("--max-connections cannot be met") })
      #expect(warning.contains("wanted=100000000"))
      #expect(warning.contains("missing="))
    }

    @Test func `a log for programs is one JSON object a line`() throws {
      let server = try ServerProcess(["--log-format", "json"])
      let line = try #require(server.log.split(separator: "\n").first)
      #expect(line.hasPrefix("{\"time\":\""))
      #expect(line.contains("\"level\":\"notice\",\"message\":\"ready on "))
      #expect(line.hasSuffix("}"))
    }

    @Test func `a unix socket is listened on and its file removed at the end`() throws {
      let folder = try TemporaryFolder()
      let path = folder.path + "/s"
      let server = try ServerProcess(["--listen", "unix:\(path)"], listens: false)
      let client = try Client(path: path)
      #expect(try client.ask("PUT k v") == "OK")
      let second = try run([ServerProcess.binary, "--listen", "unix:\(path)"])
      #expect(second.status == 1)
      #expect(second.errors.contains("a server answers there"))
      #expect(try client.ask("GET k") == "VALUE v")
      server.signal(SIGTERM)
      #expect(server.waitForExit() == 0)
      #expect(access(path, F_OK) != 0)
    }

    @Test func `a unix socket's file that a dead server left is replaced`() throws {
      let folder = try TemporaryFolder()
      let path = folder.path + "/s"
      let dead = try ServerProcess(["--listen", "unix:\(path)"], listens: false)
      dead.signal(SIGKILL)
      #expect(dead.waitForExit() == 128 + SIGKILL)
      #expect(access(path, F_OK) == 0)
      let server = try ServerProcess(["--listen", "unix:\(path)"], listens: false)
      #expect(try Client(path: path).ask("PING") == "PONG")
      server.signal(SIGTERM)
      #expect(server.waitForExit() == 0)
    }

    @Test func `a file that is no socket is left alone`() throws {
      let folder = try TemporaryFolder()
      let path = folder.path + "/precious"
      close(open(path, O_CREAT | O_WRONLY, 0o600))
      let result = try run([ServerProcess.binary, "--listen", "unix:\(path)"])
      #expect(result.status == 1)
      #expect(access(path, F_OK) == 0)
    }
  }
}
