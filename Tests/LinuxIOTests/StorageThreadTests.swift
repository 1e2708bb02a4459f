// The thread that waits for the disk: its order, its bell, its end.

import Bytes
import Glibc
import LinuxIO
import TestSupport
import Testing

@Suite struct StorageThreadTests {
  /// Submits, and waits by epoll as the loop does.
  private struct Driver: ~Copyable {
    var thread: StorageThread
    let epoll: Epoll

    init(_ path: String) throws {
      let thread = try StorageThread(try DataDirectory(path, mayCreate: false))
      let epoll = try Epoll(batchCount: 1)
      try epoll.add(thread.descriptor, token: 7, interest: .readable)
      self.thread = thread
      self.epoll = epoll
    }

    mutating func submit(_ operation: StorageOperation, _ text: String = "") {
      thread.submit(operation, ByteBuffer(text))
    }

    /// Expects that nothing is finished.
    func expectNothing(sourceLocation: SourceLocation = #_sourceLocation) {
      if let completion = thread.next() {
        Issue.record("\(completion.operation) is finished", sourceLocation: sourceLocation)
      }
    }

    /// The next completion, waited for.
    mutating func next() throws -> StorageCompletion {
      while true {
        if let completion = thread.next() { return completion }
        guard epoll.wait(milliseconds: 20_000) == 1 else { throw TestFailure("nothing is finished") }
        #expect(epoll.event(0).token == 7)
      }
    }
  }

  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func written() -> [UInt8] { Array(readFile(folder.path + "/a").utf8) }

  @Test func `operations are finished in their order and give their bytes back`() throws {
    var driver = try Driver(folder.path)
    var operations: [StorageOperation] = [.create("a"), .reserve("a", end: 4096)]
    for index in 0..<500 {
      operations.append(.write("a", offset: UInt64(index), isSynced: index % 100 == 0))
      if index % 50 == 0 { operations.append(.sync("a")) }
    }
    operations += [
      .truncate("a", count: 500), .rename(from: "a", to: "b"), .rename(from: "b", to: "a"), .syncDirectory,
    ]
    operations += [.close("a"), .remove("none")]
    for (index, operation) in operations.enumerated() {
      let letter = UInt8(ascii: "a") + UInt8(index % 26)
      driver.submit(operation, String(decoding: [letter], as: UTF8.self))
    }
    for (index, operation) in operations.enumerated() {
      let completion = try driver.next()
      #expect(completion.operation == operation)
      #expect(completion.bytes.array == [UInt8(ascii: "a") + UInt8(index % 26)])
      #expect(completion.error == nil)
      #expect(completion.nanoseconds > 0)
    }
    driver.expectNothing()
    var expected: [UInt8] = []
    for (index, operation) in operations.enumerated() {
      if case .write = operation { expected.append(UInt8(ascii: "a") + UInt8(index % 26)) }
    }
    #expect(written() == expected)
  }

  @Test func `one operation after another wakes epoll each time and then lets it sleep`() throws {
    var driver = try Driver(folder.path)
    #expect(driver.epoll.wait(milliseconds: 0) == 0)
    driver.submit(.create("a"))
    #expect(try driver.next().error == nil)
    for index in 0..<2000 {
      driver.submit(.write("a", offset: UInt64(index), isSynced: false), "x")
      #expect(try driver.next().operation == .write("a", offset: UInt64(index), isSynced: false))
      driver.expectNothing()
      // A ring may come after its completion was taken, once.
      if driver.epoll.wait(milliseconds: 0) == 1 { driver.expectNothing() }
      #expect(driver.epoll.wait(milliseconds: 0) == 0)
    }
  }

  @Test func `a failure is told with its operation and those behind it are done`() throws {
    var driver = try Driver(folder.path)
    driver.submit(.write("none", offset: 0, isSynced: true), "x")
    driver.submit(.create("a"))
    let failed = try driver.next()
    #expect(failed.operation == .write("none", offset: 0, isSynced: true))
    #expect(failed.error?.number == EBADF)
    #expect(failed.bytes.array == [UInt8(ascii: "x")])
    #expect(try driver.next().error == nil)
  }

  @Test func `what was submitted is done before the thread and the lock are given up`() throws {
    do {
      var driver = try Driver(folder.path)
      driver.submit(.create("a"))
      // As many as would overflow the stack if each let go of the next.
      for index in 0..<200_000 { driver.submit(.write("a", offset: UInt64(index & 1023), isSynced: false), "x") }
      driver.submit(.write("a", offset: 1024, isSynced: true), "end")
    }
    #expect(written() == Array(repeating: UInt8(ascii: "x"), count: 1024) + Array("end".utf8))
    _ = try DataDirectory(folder.path, mayCreate: false)
  }

  @Test func `the thread begins with the first submission takes no signal and ends with its owner`() async {
    await #expect(processExitsWith: .exitCode(7)) { [path = folder.path as String] in
      let mask = blockedSignals()
      do {
        var driver = try Driver(path)
        guard storageThreads().isEmpty else { exit(1) }
        driver.submit(.create("a"))
        _ = try driver.next()
        let threads = storageThreads()
        guard threads.count == 1 else { exit(2) }
        let blocked = blockedSignals("self/task/\(threads[0])")
        // All of the standard signals but SIGKILL and SIGSTOP, which cannot be.
        let standard = ((UInt64(1) << 31) - 1) & ~(1 << 8 | 1 << 18)
        guard blocked & standard == standard else { exit(3) }
        guard blockedSignals() == mask, mask != blocked else { exit(4) }
      }
      guard storageThreads().isEmpty else { exit(5) }
      exit(7)
    }
  }

  @Test func `working on files directly beside the thread ends the process`() async {
    await #expect(processExitsWith: .failure) { [path = folder.path as String] in
      var driver = try Driver(path)
      let before = try driver.thread.withDirectory { directory throws(SystemCallError) in try directory.files() }
      guard before.count == 1 else { exit(0) }
      driver.submit(.create("a"))
      _ = try? driver.thread.withDirectory { directory throws(SystemCallError) in try directory.files() }
      exit(0)
    }
  }
}

/// The numbers of the threads that are named after what they do.
private func storageThreads() -> [String] {
  guard let directory = opendir("/proc/self/task") else { return [] }
  defer { closedir(directory) }
  var found: [String] = []
  while let entry = readdir(directory) {
    let start = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \dirent.d_name)!
    let name = String(cString: start.assumingMemoryBound(to: CChar.self))
    if readFile("/proc/self/task/\(name)/comm") == "storage\n" { found.append(name) }
  }
  return found
}

/// The mask of signals that a thread blocks, the caller's if none is named.
private func blockedSignals(_ thread: String = "thread-self") -> UInt64 {
  let lines = readFile("/proc/\(thread)/status").split(separator: "\n")
  let line = lines.first { $0.hasPrefix("SigBlk:") }
  return line?.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } ?? 0
}
