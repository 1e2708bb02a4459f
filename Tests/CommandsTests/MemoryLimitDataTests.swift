import Testing

@testable import Commands

@Suite struct MemoryLimitDataTests {
  private let refusal = "-OOM command not allowed when used memory > 'maxmemory'."
  private let large = String(repeating: "x", count: 1 << 20)

  @Test func `a command that finds no room replies with that alone, and changes nothing`() {
    let driver = ExecutorDriver(memoryLimitBytes: 1 << 20)
    driver.run("MSET", "k", "old", "n", "5")
    #expect(driver.run("SET", "k", large) == refusal)
    #expect(driver.run("SET", "k", large, "GET") == refusal)
    #expect(driver.run("GETSET", "k", large) == refusal)
    #expect(driver.run("SETNX", "new", large) == refusal)
    #expect(driver.run("SETEX", "k", "10", large) == refusal)
    #expect(driver.run("APPEND", "k", large) == refusal)
    #expect(driver.run("APPEND", "new", large) == refusal)
    #expect(driver.run("SETRANGE", "k", "1048576", "x") == refusal)
    #expect(driver.run("SETBIT", "k", "8388608", "1") == refusal)
    #expect(driver.run("MSET", "k", "new", "new", large) == refusal)
    #expect(driver.run("MSETNX", "new", "1", "new2", large) == refusal)
    #expect(driver.run("MGET", "k", "n", "new", "new2") == "*4|$3|old|$1|5|$-1|$-1")
    #expect(driver.run("DBSIZE") == ":2")
    driver.checkInvariants()
  }
}
