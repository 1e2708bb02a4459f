// Every system call of the real program that can fail fails, at its n-th use, once and from then on, by strace(1): the
// program goes on, or it stops and says why; and what it has answered is there when it starts again.
//
// Two uses of each are tried; SWIFTLET_EVERY_FAILURE=1 tries them all, which takes long, and
// SWIFTLET_EVERY_FAILURE=openat,mmap all of these.

import Glibc
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: mayUse("strace"), "strace is not installed")) struct NthSystemCallTests {
  private static let triedWhole = getenv("SWIFTLET_EVERY_FAILURE").map { String(cString: $0) } ?? ""

  private static func triesAll(_ call: String) -> Bool {
    triedWhole == "1" || triedWhole.split(separator: ",").contains { $0 == call }
  }

  /// A system call, and the errors that it may give.
  struct Fault: CustomTestStringConvertible, Sendable {
    let call: String
    let errors: [String]
    var testDescription: String { call }
  }

  private static let faults = [
    Fault(call: "accept4", errors: ["EMFILE", "ENFILE", "ENOMEM", "ECONNABORTED"]),
    Fault(call: "recvfrom", errors: ["EINTR", "EAGAIN", "ECONNRESET", "ENOMEM"]),
    Fault(call: "sendto", errors: ["EINTR", "EAGAIN", "EPIPE", "ENOBUFS"]),
    Fault(call: "epoll_create1", errors: ["EMFILE", "ENOMEM"]),
    Fault(call: "epoll_ctl", errors: ["ENOMEM", "ENOSPC"]),
    Fault(call: "epoll_wait", errors: ["EINTR"]),
    Fault(call: "eventfd2", errors: ["EMFILE", "ENOMEM"]),
    Fault(call: "signalfd4", errors: ["EMFILE", "ENOMEM"]),
    Fault(call: "socket", errors: ["EMFILE", "ENOBUFS"]),
    Fault(call: "setsockopt", errors: ["ENOMEM"]),
    Fault(call: "bind", errors: ["EADDRINUSE", "EACCES"]),
    Fault(call: "listen", errors: ["EADDRINUSE"]),
    // For want of memory, pthread_create(3) says EAGAIN too.
    Fault(call: "clone3", errors: ["EAGAIN"]),
    Fault(call: "flock", errors: ["EINTR", "ENOLCK"]),
    Fault(call: "getdents64", errors: ["EIO"]),
    Fault(call: "pread64", errors: ["EINTR", "EIO"]),
    Fault(call: "openat", errors: ["EMFILE", "EIO", "ENOSPC"]),
    Fault(call: "pwrite64", errors: ["EINTR", "EIO", "ENOSPC"]),
    Fault(call: "fdatasync", errors: ["EINTR", "EIO", "ENOSPC"]),
    Fault(call: "fsync", errors: ["EIO"]),
    Fault(call: "fallocate", errors: ["EOPNOTSUPP", "ENOSPC", "EIO"]),
    Fault(call: "ftruncate", errors: ["EIO"]),
    Fault(call: "renameat", errors: ["EIO", "ENOSPC"]),
    Fault(call: "unlinkat", errors: ["EIO"]),
    Fault(call: "madvise", errors: ["ENOMEM"]),
    Fault(call: "mmap", errors: ["ENOMEM"]),
    Fault(call: "brk", errors: ["ENOMEM"]),
  ]

  @Test(arguments: faults)
  func `a system call that fails ends nothing that it need not, and loses nothing`(_ fault: Fault) throws {
    let call = fault.call
    let session = try StandardSession()
    let idle = try run(session.tracing(call) + [ServerProcess.binary, "--version"])
    try #require(idle.status == 0)
    // What comes before is the loader's.
    let start = session.uses(of: call).count
    let usual = try session.live(under: session.tracing(call))
    try #require(usual.status == 0 && usual.isServedAtLast && session.refusedCount == 0, "\(usual)")
    #expect(try session.wrong() == nil)
    let count = session.uses(of: call).count
    guard count > start else {
      print("\(call): not used")
      return
    }
    var tally: [String: Int] = [:]
    for (number, error, isLasting) in Self.cases(fault, after: start, count: count) {
      let end = try session.live(under: session.failing(call, error, number, isLasting: isLasting))
      let comment = "\(call) \(error) at \(number)\(isLasting ? "+" : "")"
      // Which uses there are depends on who comes first.
      if session.uses(of: call).hasFailed { tally[check(end, comment, error, isLasting), default: 0] += 1 }
      if let wrong = try session.wrong() { Issue.record("\(comment): \(wrong)") }
    }
    print("\(call): \(start + 1)...\(count), \(tally.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" })")
  }

  /// The uses that fail: with each error once and from then on, or one in the middle and all from the first on. A call
  /// that is interrupted for ever is nothing that happens.
  private static func cases(_ fault: Fault, after start: Int, count: Int) -> [(Int, String, Bool)] {
    let lasting = fault.errors.filter { $0 != "EINTR" }
    guard triesAll(fault.call) else {
      let middle = start + (count - start + 1) / 2
      return [(middle, fault.errors.last!, false)] + lasting.prefix(1).map { (start + 1, $0, true) }
    }
    return (start + 1...count).flatMap { number in
      fault.errors.map { (number, $0, false) } + lasting.map { (number, $0, true) }
    }
  }

  /// Expects an end with a reason, or none; returns which.
  private func check(_ end: StandardSession.End, _ comment: String, _ error: String, _ isLasting: Bool) -> String {
    guard let status = end.status else {
      Issue.record("\(comment): it does not end")
      return "endless"
    }
    if status == 0 {
      #expect(end.isServedAtLast || isLasting, "\(comment): nobody is served; \(end)")
      return "went on"
    }
    let reason = String(cString: strerror(Self.numbers[error]!)).lowercased()
    #expect(end.log.lowercased().contains(reason) || Self.tellsOfMemory(end), "\(comment): \(end)")
    return status < 128 ? "stopped" : "stopped at once"
  }

  /// Whether an end is for want of memory, in the words of the program, the loader or the C library.
  private static func tellsOfMemory(_ end: StandardSession.End) -> Bool {
    ["memory", "failed to map", "pthread_create"].contains { end.log.contains($0) }
  }

  private static let numbers: [String: Int32] = [
    "EMFILE": EMFILE, "ENFILE": ENFILE, "ENOMEM": ENOMEM, "ECONNABORTED": ECONNABORTED, "EINTR": EINTR,
    "EAGAIN": EAGAIN, "ECONNRESET": ECONNRESET, "EPIPE": EPIPE, "ENOBUFS": ENOBUFS, "ENOSPC": ENOSPC,
    "EADDRINUSE": EADDRINUSE, "EACCES": EACCES, "ENOLCK": ENOLCK, "EIO": EIO, "EOPNOTSUPP": EOPNOTSUPP,
  ]

  // MARK: - Memory

  @Test(.enabled(if: mayUse("prlimit"), "prlimit is not installed"))
  func `with any bound on its memory a server goes on or says what there was none of`() throws {
    // The program as it is shipped, if it is there: what an optimised one says at its end is what counts.
    let binary = ServerProcess.releaseBinary ?? ServerProcess.binary
    let session = try StandardSession()
    let needed = try session.addressSpace(binary)
    var tally: [String: Int] = [:]
    let step = Self.triesAll("memory") ? 1 << 20 : 12 << 20
    // From too little for the thread that writes, with its stack and its heap, to enough for all that it is sent.
    let bounds = Array(stride(from: needed - (80 << 20), through: needed + (40 << 20), by: step))
    for bytes in bounds {
      let sizes = [10, 10_000, 2_000_000, 40, 6_000_000, 9_000, 3_000_000]
      let end = try session.live(binary, under: ["prlimit", "--as=\(bytes)"], sizes: sizes)
      let comment = "\(bytes - needed) bytes of address space beyond those at the start"
      // Where Swift's runtime itself gets no memory, it crashes, mostly with a line.
      if let status = end.status, status >= 128, !Self.tellsOfMemory(end) {
        tally["crashed without a word", default: 0] += 1
      } else {
        tally[check(end, comment, "ENOMEM", true), default: 0] += 1
      }
      if let wrong = try session.wrong() { Issue.record("\(comment): \(wrong)") }
    }
    #expect(tally["crashed without a word", default: 0] <= bounds.count / 5, "\(tally)")
    print("memory: \(tally.sorted { $0.key < $1.key }), \(session.refusedCount) requests refused")
    #expect(tally["went on"] != nil && tally.count > 1, "\(tally)")
  }
}
