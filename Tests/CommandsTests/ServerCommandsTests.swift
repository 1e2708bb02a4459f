import Testing
import Wire

@testable import Commands

@Suite struct ServerCommandsTests {
  @Test func `TIME is the time of the turn`() {
    #expect(Session().run("TIME") == "*2\r\n$10\r\n1700000000\r\n$6\r\n123000\r\n")
    #expect(Session(.line).run("TIME") == "VALUE 1700000000\nVALUE 123000\nEND 2\n")
  }

  @Test func `ROLE is a master without replicas`() {
    #expect(Session().run("ROLE") == "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n")
  }

  @Test func `WAIT answers at once`() {
    let session = Session()
    #expect(session.run("WAIT 1 1000") == ":0\r\n")
    #expect(session.run("WAIT a 0") == "-ERR value is not an integer or out of range\r\n")
    #expect(session.run("WAIT 0 a") == "-ERR timeout is not an integer or out of range\r\n")
    #expect(session.run("WAIT 0 -1") == "-ERR timeout is negative\r\n")
  }

  @Test(arguments: [
    ("SHUTDOWN", false), ("shutdown nosave", false), ("SHUTDOWN SAVE NOW", true), ("SHUTDOWN NOW FORCE", true),
  ])
  func `SHUTDOWN asks the server to stop`(request: String, isNow: Bool) {
    let session = Session()
    #expect(session.run(request) == "")
    #expect(session.asked == .shutDown(isNow: isNow))
  }

  @Test func `SHUTDOWN checks its options`() {
    let session = Session()
    for request in ["SHUTDOWN later", "SHUTDOWN SAVE NOSAVE", "SHUTDOWN NOSAVE SAVE", "SHUTDOWN ABORT NOW"] {
      #expect(session.run(request) == "-ERR syntax error\r\n")
    }
    #expect(session.run("SHUTDOWN ABORT") == "-ERR No shutdown in progress.\r\n")
    session.run("MULTI")
    #expect(session.run("SHUTDOWN") == "-ERR Command not allowed inside a transaction\r\n")
  }

  @Test(arguments: [
    ("0", 0), ("1", 1000), ("0.25", 250), (".5", 500), ("2.", 2000), ("0.0019", 1), ("86400", 86_400_000),
  ])
  func `DEBUG SLEEP takes fractions`(seconds: String, milliseconds: UInt64) {
    let session = Session()
    #expect(session.run("DEBUG SLEEP \(seconds)") == "")
    #expect(session.asked == .sleep(milliseconds: milliseconds))
  }

  @Test(arguments: ["x", "", ".", "1e3", "-1", "1.2.3", "nan", "0x10", "1111111111111111111111"])
  func `DEBUG SLEEP refuses what is no time`(seconds: String) {
    let session = Session()
    let reply = session.run([Array("DEBUG".utf8), Array("SLEEP".utf8), Array(seconds.utf8)])
    #expect(String(decoding: reply, as: UTF8.self) == "-ERR value is not a valid float\r\n")
    #expect(session.asked == .none)
    #expect(session.run("DEBUG SLEEP 99999999999999") == "-ERR value is out of range\r\n")
    #expect(session.run("DEBUG SEGFAULT") == "-ERR unknown subcommand 'SEGFAULT'. Try DEBUG HELP.\r\n")
  }

  @Test func `there are no scripts to flush`() {
    let session = Session()
    for request in ["FUNCTION FLUSH", "FUNCTION FLUSH ASYNC", "SCRIPT FLUSH", "script flush sync"] {
      #expect(session.run(request) == "+OK\r\n")
    }
    #expect(session.run("FUNCTION FLUSH x") == "-ERR FUNCTION FLUSH only supports SYNC|ASYNC option\r\n")
    let excess = "-ERR unknown subcommand or wrong number of arguments for 'flush'. Try FUNCTION HELP.\r\n"
    #expect(session.run("FUNCTION flush a b") == excess)
    #expect(session.run("SCRIPT FLUSH x") == "-ERR SCRIPT FLUSH only support SYNC|ASYNC option\r\n")
    #expect(session.run("SCRIPT EXISTS a b") == "*2\r\n:0\r\n:0\r\n")
    #expect(session.run("FUNCTION LIST") == "*0\r\n")
    #expect(session.run("FUNCTION LIST LIBRARYNAME x WITHCODE") == "*0\r\n")
    #expect(session.run("FUNCTION LIST LIBRARYNAME") == "-ERR library name argument was not given\r\n")
    #expect(session.run("FUNCTION LIST x") == "-ERR Unknown argument x\r\n")
  }

  @Test func `LOLWUT ends with the versions`() {
    let session = Session(.line)
    let lines = session.run("LOLWUT").split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 18)
    #expect(lines.allSatisfy { $0.count <= 64 && !$0.hasSuffix(" ") })
    #expect(lines[15] == "Swiftlet ver. \(Identity.version), which follows Redis ver. \(Identity.redisVersion)")
    #expect(lines[16] == "END 16")
    #expect(session.run("LOLWUT") != session.run("LOLWUT VERSION 5"))
    #expect(Session(.resp3).run("LOLWUT").hasPrefix("=") == true)
    #expect(Session().run("LOLWUT VERSION x") == "-ERR value is not an integer or out of range\r\n")
  }

  @Test(arguments: [Dialect.resp2, .resp3])
  func `memory is told of in whole replies`(dialect: Dialect) {
    let session = Session(dialect)
    session.run("SET k v")
    for request in ["MEMORY STATS", "MEMORY DOCTOR", "MEMORY MALLOC-STATS", "MEMORY PURGE"] {
      #expect(RESPShape.isWhole(Array(session.run(request).utf8)), "\(request)")
    }
    #expect(session.run("MEMORY STATS").contains("$10\r\nkeys.count\r\n:1\r\n"))
  }
}
