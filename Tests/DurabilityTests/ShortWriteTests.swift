// A kernel that takes less than it is given: a library that is loaded in front of the C library writes only a part of
// what it is asked to, and is interrupted now and then.

import Glibc
import TestSupport
import Testing

@Suite(.enabled(if: mayUse("cc"), "cc is not installed")) struct ShortWriteTests {
  private static let library = """
    #define _GNU_SOURCE
    #include <errno.h>
    #include <sys/syscall.h>
    #include <unistd.h>
    ssize_t pwrite64(int file, const void *bytes, size_t count, off_t offset) {
      static unsigned calls;
      if (++calls % 5 == 0) { errno = EINTR; return -1; }
      if (count > 1) count = 1 + calls * 7919 % (count - 1);
      return syscall(SYS_pwrite64, file, bytes, count, offset);
    }
    ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
      return pwrite64(file, bytes, count, offset);
    }
    """

  @Test func `writes that the kernel does in parts arrive whole`() throws {
    let seed = UInt64.random(in: 0 ... .max)
    let crowd = try Crowd(seed: seed)
    let path = crowd.folder.path
    try writeFile(path + "/short.c", Self.library + "\n")
    let compiled = try run(["cc", "-shared", "-fPIC", "-o", path + "/short.so", path + "/short.c"])
    try #require(compiled.status == 0, "\(compiled.errors)")
    for round in 0..<5 {
      let server = try crowd.start(segmentBytes: "128k", under: ["env", "LD_PRELOAD=\(path)/short.so"])
      guard try crowd.verify(on: server, "round \(round)") else { return }
      try crowd.work(on: server, seconds: 0.2)
      crowd.kill(server)
    }
    #expect(crowd.acknowledgedCount > 0)
    #expect(try crowd.verify(on: crowd.start(), "the end"))
  }
}
