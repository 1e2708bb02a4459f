// A server is started again on a disk that is full.

import Glibc
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: DiskKind.tmpfs.isMountable, "tests may not mount file systems here"))
struct FullDiskStartTests {
  @Test(arguments: [SIGTERM, SIGKILL], [("128k", true), ("128k", false), ("64m", true), ("64m", false)])
  func `a server that has filled its disk starts again, and FLUSHALL makes room`(
    _ signal: Int32, _ start: (segmentBytes: String, hasSpare: Bool)
  ) throws {
    let (segmentBytes, hasSpare) = start
    let disk = try SmallDisk(bytes: 2 << 20)
    let crowd = try Crowd(count: 1, seed: 1, directory: disk.path)
    let server = try crowd.start(segmentBytes: segmentBytes)
    let client = try RESPClient(port: server.port)
    var reply = RESPValue.null
    let value = String(repeating: "x", count: 2_000)
    for index in 0..<2_000 where !reply.isError { reply = try client.ask("SET k\(index) \(value)") }
    #expect(reply.text?.hasPrefix("MISCONF") == true)
    try disk.fill()
    server.signal(signal)
    #expect(server.waitForExit() == (signal == SIGTERM ? 0 : 128 + signal))
    // What it has given back as it ended is taken by others.
    try disk.fill()
    if !hasSpare {
      // The room that it has kept for itself is gone, but for some pages.
      unlink(disk.path + "/spare")
      try disk.fill()
      truncate(disk.path + "/filler", readFile(disk.path + "/filler").utf8.count - 24 * 1024)
    }
    let second = try crowd.start(segmentBytes: segmentBytes)
    let again = try RESPClient(port: second.port)
    #expect(try again.ask("STRLEN k0").integer == 2_000)
    #expect(try again.ask("DEL k0").integer == 1)
    #expect(try again.ask("FLUSHALL").isError == false)
    let end = now() + 10
    repeat {
      usleep(50_000)
      reply = try again.ask("SET after 1")
    } while reply.isError && now() < end
    #expect(!reply.isError, "\(second.log)")
  }
}
