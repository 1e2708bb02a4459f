// The wall clock is set while a server runs, and while none does: a library that is loaded in front of the C library
// moves the time that the process is told by as much as a file says.

import Glibc
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: mayUse("cc"), "cc is not installed")) struct ClockTests {
  private static let library = """
    #define _GNU_SOURCE
    #include <fcntl.h>
    #include <stdlib.h>
    #include <sys/syscall.h>
    #include <time.h>
    #include <unistd.h>
    int clock_gettime(clockid_t clock, struct timespec *time) {
      int result = syscall(SYS_clock_gettime, clock, time);
      if (clock != CLOCK_REALTIME || result != 0) return result;
      int file = open(getenv("CLOCK_FILE"), O_RDONLY | O_CLOEXEC);
      if (file < 0) return result;
      char digits[32] = {0};
      if (read(file, digits, sizeof digits - 1) > 0) time->tv_sec += atol(digits);
      close(file);
      return result;
    }
    """

  private let crowd: Crowd
  private var path: String { crowd.folder.path }

  init() throws {
    crowd = try Crowd(count: 1, seed: 1)
    try writeFile(path + "/clock.c", Self.library + "\n")
    let compiled = try run(["cc", "-shared", "-fPIC", "-o", path + "/clock.so", path + "/clock.c"])
    try #require(compiled.status == 0, "\(compiled.errors)")
  }

  private func move(hours: Int) throws { try writeFile(path + "/offset", "\(hours * 3_600)\n") }

  private func start() throws -> ServerProcess {
    try crowd.start(under: ["env", "LD_PRELOAD=\(path)/clock.so", "CLOCK_FILE=\(path)/offset"])
  }

  private func seconds(_ client: RESPClient) throws -> Int {
    guard case .array(let parts) = try client.ask("TIME") else { throw TestFailure("TIME gives a list") }
    return parts[0].text.flatMap { Int($0) } ?? 0
  }

  @Test(arguments: [-1, 1])
  func `keys that are stored after the clock was set are there after a crash until their time`(_ hours: Int) throws {
    try move(hours: 0)
    let server = try start()
    let client = try RESPClient(port: server.port)
    let before = try seconds(client)
    try client.ask("SET old 1 PX 100")
    try client.ask("SET lasting 1 EX 100000")
    usleep(300_000)
    #expect(try client.ask("GET old").isNull)
    usleep(1_500_000)
    try move(hours: hours)
    #expect(abs(try seconds(client) - before - hours * 3_600) < 60, "the process is told another time")
    try client.ask("SET new 1 EX 600")
    crowd.kill(server)
    for more in [0, hours] {
      try move(hours: hours + more)
      let again = try start()
      let reader = try RESPClient(port: again.port)
      #expect(try reader.ask("GET new").isNull == (more > 0), "moved by \(more) hours more")
      #expect(try reader.ask("GET old").isNull)
      #expect(try reader.ask("GET lasting").text == "1")
      crowd.kill(again)
    }
  }

  @Test func `a key that had expired does not come back when the clock is set back while no server runs`() throws {
    try move(hours: 0)
    let server = try start()
    let client = try RESPClient(port: server.port)
    try client.ask("SET old 1 PX 100")
    usleep(300_000)
    #expect(try client.ask("GET old").isNull)
    // Whatever is journalled next says how late it was.
    try client.ask("SET new 1")
    crowd.kill(server)
    try move(hours: -1)
    let again = try start()
    let reader = try RESPClient(port: again.port)
    #expect(try reader.ask("GET old").isNull)
    #expect(try reader.ask("GET new").text == "1")
  }
}
