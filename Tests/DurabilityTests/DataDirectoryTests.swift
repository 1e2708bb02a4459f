// What a data directory may be like when a server is started on it, and what time may do meanwhile.

import Glibc
import TestSupport
import Testing

@Suite(.serialized) struct DataDirectoryTests {
  @Test func `a second server on the same directory is refused by the first one's number`() throws {
    let crowd = try Crowd(count: 1, seed: 1)
    let server = try crowd.start()
    let result = try run([ServerProcess.binary, "--listen", "127.0.0.1:0", "--data", crowd.directory])
    #expect(result.status == 1)
    #expect(result.errors.contains("is in use by process \(server.pid)"), "\(result.errors)")
    try crowd.work(on: server, seconds: 0.05)
    #expect(crowd.acknowledgedCount > 0)
  }

  @Test(.enabled(if: DiskKind.tmpfs.isMountable, "tests may not mount file systems here"))
  func `a directory that cannot be written to is refused in one line`() throws {
    let disk = try SmallDisk(bytes: 1 << 20, readOnly: true)
    let result = try run([ServerProcess.binary, "--listen", "127.0.0.1:0", "--data", disk.path])
    #expect(result.status == 1)
    #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    #expect(result.errors.contains("Read-only file system"))
  }

  @Test(
    .enabled(if: DiskKind.tmpfs.isMountable, "tests may not mount file systems here"),
    arguments: ["always", "everysec"])
  func `a disk that fills up refuses writes and takes them again when there is room`(_ sync: String) throws {
    let disk = try SmallDisk(bytes: 1 << 20)
    let crowd = try Crowd(count: 1, seed: 1, directory: disk.path)
    let server = try crowd.start(sync, segmentBytes: "128k")
    let client = try RESPClient(port: server.port)
    try client.ask("SET before 1")
    try disk.fill()
    let value = String(repeating: "x", count: 500)
    var reply = RESPValue.null
    var stored = 0
    for _ in 0..<10_000 where reply.text?.hasPrefix("MISCONF") != true {
      reply = try client.ask("SET k\(stored) \(value)")
      if reply == .status(Array("OK".utf8)) { stored += 1 }
    }
    #expect(reply.text?.hasPrefix("MISCONF") == true)
    #expect(try client.ask("GET before").text == "1")
    #expect(try client.ask("DEL before").integer == 1)
    let used = server.cpuSeconds
    usleep(500_000)
    #expect(server.cpuSeconds - used < 0.25, "it does not spin while the disk is full")
    unlink(disk.path + "/filler")
    let end = now() + 10
    repeat { reply = try client.ask("SET after 1") } while reply.isError && now() < end
    #expect(!reply.isError)
    crowd.kill(server)
    let second = try crowd.start(sync)
    let again = try RESPClient(port: second.port)
    #expect(try again.ask("DBSIZE").integer == Int64(stored) + 1)
    #expect(try again.ask("GET before").isNull)
  }

  @Test(.enabled(if: DiskKind.tmpfs.isMountable, "tests may not mount file systems here"))
  func `on a full disk removals make room`() throws {
    let disk = try SmallDisk(bytes: 2 << 20)
    let crowd = try Crowd(count: 1, seed: 1, directory: disk.path)
    let server = try crowd.start(segmentBytes: "128k")
    let client = try RESPClient(port: server.port)
    let value = String(repeating: "x", count: 2_000)
    var reply = RESPValue.null
    for index in 0..<2_000 where !reply.isError { reply = try client.ask("SET k\(index) \(value)") }
    #expect(reply.text?.hasPrefix("MISCONF") == true)
    #expect(try client.ask("FLUSHALL").isError == false)
    let end = now() + 10
    repeat {
      usleep(50_000)
      reply = try client.ask("SET after 1")
    } while reply.isError && now() < end
    #expect(!reply.isError, "\(server.log)")
  }

  @Test(.enabled(if: DiskKind.tmpfs.isMountable, "tests may not mount file systems here"))
  func `what a nearly full disk has no room for is refused and nobody is left waiting`() throws {
    let disk = try SmallDisk(bytes: 16 << 20)
    let crowd = try Crowd(count: 1, seed: 1, directory: disk.path)
    let server = try crowd.start(segmentBytes: "64m")
    let client = try RESPClient(port: server.port)
    let large = Array(repeating: UInt8(ascii: "x"), count: 3 << 20)
    var reply = RESPValue.null
    var stored = 0
    for index in 0..<10 where !reply.isError {
      reply = try client.ask([Array("SET".utf8), Array("large\(index)".utf8), large])
      if !reply.isError { stored += 1 }
    }
    #expect(stored > 1 && reply.text?.hasPrefix("MISCONF") == true, "\(reply)")
    #expect(try client.ask("RENAME large0 other").text?.hasPrefix("MISCONF") == true)
    #expect(try client.ask("SET small 1").isError == false, "there is room for less")
    for index in 0..<1_000_000 where !reply.isError || index == 0 {
      reply = try client.ask("SET k\(index) \(String(repeating: "y", count: 2_000))")
    }
    #expect(reply.text?.hasPrefix("MISCONF") == true)
    #expect(try client.ask("DEL k0").integer == 1)
    #expect(try client.ask("EXISTS large0 large1").integer == 2)
    try server.stop()
    let second = try crowd.start(segmentBytes: "64m")
    let again = try RESPClient(port: second.port)
    #expect(try again.ask("STRLEN large1").integer == 3 << 20)
    #expect(try again.ask("GET small").text == "1")
  }

  @Test(.enabled(if: DiskKind.tmpfs.isMountable, "tests may not mount file systems here"))
  func `FLUSHALL makes room on a full disk though the journal is short for its segments`() throws {
    let disk = try SmallDisk(bytes: 16 << 20)
    let crowd = try Crowd(count: 1, seed: 1, directory: disk.path)
    let server = try crowd.start(segmentBytes: "64m")
    let client = try RESPClient(port: server.port)
    var reply = RESPValue.null
    let value = String(repeating: "x", count: 20_000)
    for index in 0..<2_000 where !reply.isError { reply = try client.ask("SET k\(index) \(value)") }
    #expect(reply.text?.hasPrefix("MISCONF") == true)
    #expect(try client.ask("FLUSHALL").isError == false)
    let end = now() + 20
    repeat {
      usleep(50_000)
      reply = try client.ask("SET after \(value)")
    } while reply.isError && now() < end
    #expect(!reply.isError, "\(server.log)")
  }

  @Test func `a server without standard streams keeps its data out of them`() throws {
    let crowd = try Crowd(count: 1, seed: 1)
    // The shell tells the log's file, which the server then finds closed.
    let port = 20_000 + Int(getpid() % 10_000)
    let shell = try run(
      [
        "sh", "-c",
        """
        exec \(ServerProcess.binary) --listen 127.0.0.1:\(port) --data \(crowd.directory) 0<&- 1>&- 2>&- &
        echo $!
        """,
      ])
    let pid = try #require(pid_t(shell.output.split(separator: "\n")[0]))
    defer { kill(pid, SIGKILL) }
    let end = now() + 20
    var client: RESPClient?
    while client == nil, now() < end { client = try? RESPClient(port: UInt16(port)) }
    let connected = try #require(client)
    while try connected.ask("SET a 1").isError, now() < end { usleep(10_000) }
    for number in 0...2 {
      var path = [CChar](repeating: 0, count: 4096)
      let length = readlink("/proc/\(pid)/fd/\(number)", &path, path.count - 1)
      #expect(String(decoding: path[..<max(length, 0)].map { UInt8(bitPattern: $0) }, as: UTF8.self) == "/dev/null")
    }
    kill(pid, SIGKILL)
    while kill(pid, 0) == 0, now() < end { usleep(1_000) }
    let server = try crowd.start()
    #expect(try RESPClient(port: server.port).ask("GET a").text == "1")
  }

  @Test func `a key whose time came while no server ran is gone`() throws {
    let crowd = try Crowd(count: 1, seed: 1)
    let server = try crowd.start()
    let client = try RESPClient(port: server.port)
    try client.ask("SET short 1 PX 300")
    try client.ask("SET long 1 PX 300000")
    crowd.kill(server)
    usleep(400_000)
    let second = try crowd.start()
    let again = try RESPClient(port: second.port)
    #expect(try again.ask("GET short").isNull)
    #expect(try again.ask("GET long").text == "1")
    #expect(try again.ask("DBSIZE").integer == 1)
  }
}
