import Testing

@testable import Commands

@Suite struct MemoryLimitDataTests {
  private let refusal = "-OOM command not allowed when used memory > 'maxmemory'."
  private let large = String(repeating: "x", count: 1 << 20)

  @Test func `a command that finds no room replies with that alone, and changes nothing`() {
    let driver = Session(memoryLimitBytes: 1 << 20)
    driver.ask("MSET", "k", "old", "n", "5")
    #expect(driver.ask("SET", "k", large) == refusal)
    #expect(driver.ask("SET", "k", large, "GET") == refusal)
    #expect(driver.ask("GETSET", "k", large) == refusal)
    #expect(driver.ask("SETNX", "new", large) == refusal)
    #expect(driver.ask("SETEX", "k", "10", large) == refusal)
    #expect(driver.ask("APPEND", "k", large) == refusal)
    #expect(driver.ask("APPEND", "new", large) == refusal)
    #expect(driver.ask("SETRANGE", "k", "1048576", "x") == refusal)
    #expect(driver.ask("SETBIT", "k", "8388608", "1") == refusal)
    #expect(driver.ask("MSET", "k", "new", "new", large) == refusal)
    #expect(driver.ask("MSETNX", "new", "1", "new2", large) == refusal)
    #expect(driver.ask("MGET", "k", "n", "new", "new2") == "*4|$3|old|$1|5|$-1|$-1")
    #expect(driver.ask("DBSIZE") == ":2")
    driver.checkInvariants()
  }

  @Test func `MSET stores all or nothing although the table grows on the way`() {
    var stored = 0
    for limit in stride(from: UInt64(200_000), to: 500_000, by: 20_000) {
      let driver = Session(memoryLimitBytes: limit)
      var words = ["MSET"]
      for number in 0..<10_000 { words += ["key\(number)", "value"] }
      let reply = String(decoding: driver.run(words.map { Array($0.utf8) }), as: UTF8.self)
      #expect(driver.ask("DBSIZE") == (reply == "+OK\r\n" ? ":10000" : ":0"), "limit \(limit): \(reply)")
      stored += reply == "+OK\r\n" ? 1 : 0
      #expect(driver.executor.keyspace.memoryLimitBytes == limit)
    }
    #expect(stored > 0 && stored < 15)
  }
}
