import Glibc
import TestSupport
import Testing

extension InteropTests {
  @Suite struct LibraryTests {
    @Test(
      .enabled(if: mayImport("redis"), "Python's package redis is not installed"), arguments: [2, 3])
    func `applications with Python's redis work`(version: Int) throws {
      try runLibrary("redis", version)
    }

    @Test(
      .enabled(if: mayImport("valkey"), "Python's package valkey is not installed"), arguments: [2, 3])
    func `applications with Python's valkey work`(version: Int) throws {
      try runLibrary("valkey", version)
    }

    private func runLibrary(_ name: String, _ version: Int) throws {
      let server = try ServerProcess()
      let result = try run([python, "\(InteropTests.clients)/library.py", name, "\(server.port)", "\(version)"])
      #expect(result.status == 0, "\(result.output)\(result.errors)")
      #expect(result.output.split(separator: "\n").count { $0.hasPrefix("ok ") } > 15, "\(result.output)")
    }

    @Test(.enabled(if: mayImport("redis"), "Python's package redis is not installed"))
    func `Python's redis knows what a server says that still loads its data`() throws {
      let data = try DataFolder.slowToLoad()
      let folder = try TemporaryFolder()
      let socket = folder.path + "/s"
      // The program starts the server itself, once its library is there: loading takes less time than that.
      let program = """
        import redis, subprocess, time
        from redis.backoff import NoBackoff
        from redis.retry import Retry
        arguments = ["--listen", "unix:\(socket)", "--data", "\(data.path)"]
        server = subprocess.Popen(["\(ServerProcess.binary)", *arguments], stderr=subprocess.DEVNULL)
        client = redis.Redis(unix_socket_path="\(socket)", retry=Retry(NoBackoff(), 0))
        busy = 0
        while True:
          try:
            print(client.get("key:1").decode(), busy > 0)
            break
          except redis.exceptions.BusyLoadingError:
            busy += 1
          except redis.exceptions.ConnectionError:
            time.sleep(0.001)
        server.terminate()
        server.wait()
        """
      let result = try run([python, "-c", program])
      #expect(result.output == "value:1 True\n", "\(result.errors)")
    }

    @Test(.enabled(if: mayUse("cc") && mayInclude("hiredis/hiredis.h"), "cc or libhiredis is not installed"))
    func `a program with hiredis works`() throws {
      let folder = try TemporaryFolder()
      let program = folder.path + "/hiredis"
      let built = try run(
        ["cc", "-O1", "-Wall", "-Wextra", "-o", program, "\(InteropTests.clients)/hiredis.c", "-lhiredis"])
      try #require(built.status == 0, "\(built.errors)")
      let server = try ServerProcess()
      let result = try run([program, "\(server.port)"])
      #expect(result.status == 0)
      #expect(result.output == "ok\n", "\(result.errors)")
    }
  }
}

/// Whether tests may use a package of Python's: it is there, or its absence is a failure (SWIFTLET_NO_SKIP is set).
private func mayImport(_ package: String) -> Bool {
  if InteropTests.environment("SWIFTLET_NO_SKIP") != nil { return true }
  return (try? run([python, "-c", "import \(package)"]))?.status == 0
}

/// Whether tests may use a C header: it is there, or its absence is a failure.
private func mayInclude(_ header: String) -> Bool {
  InteropTests.environment("SWIFTLET_NO_SKIP") != nil || access("/usr/include/\(header)", R_OK) == 0
}
