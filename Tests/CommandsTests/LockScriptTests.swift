import Testing
import Wire

@testable import Commands

@Suite struct LockScriptTests {
  /// The scripts of redis-py and valkey-py, by digest.
  private static let release = "c3f8721cbb97f72bc19e972846bd7aaf91901658"
  private static let extend = "a4e8783852e6b949f9ef3a97212805108459a890"
  private static let reacquire = "1cac51482acf5858da00f6d685d68f886cd6b6b2"

  private static let noScript = "-NOSCRIPT No matching script. Please use EVAL."
  private static let unknown =
    "-ERR unknown script: Swiftlet runs no Lua, only the scripts that client libraries' locks are made of\r\n"
  private static let argumentsMissing = "-ERR Lua redis lib command arguments must be strings or integers"

  /// The spellings of compare-and-delete that are known.
  private static let spellings: [String] = ["\"", "'"].flatMap { quote in
    ["", " "].flatMap { space in
      [("get", "del"), ("GET", "DEL")].flatMap { get, delete in
        let condition = "if redis.call(\(quote)\(get)\(quote),\(space)KEYS[1]) == ARGV[1]"
        let deletion = "return redis.call(\(quote)\(delete)\(quote),\(space)KEYS[1])"
        let blocks = [" then\n    ", "\nthen\n    "].map { condition + $0 + deletion + "\nelse\n    return 0\nend" }
        return ["\(condition) then \(deletion) else return 0 end"]
          + blocks.flatMap { [$0, $0 + "\n", "\n" + $0 + "\n"] }
      }
    }
  }

  /// The spellings of compare-and-expire that are known.
  private static let extensions: [String] = ["\"", "'"].flatMap { quote in
    ["", " "].flatMap { space in
      [("get", "pexpire"), ("GET", "PEXPIRE")].map { get, expire in
        "if redis.call(\(quote)\(get)\(quote),\(space)KEYS[1]) == ARGV[1] then return redis.call("
          + "\(quote)\(expire)\(quote),\(space)KEYS[1],\(space)ARGV[2]) else return 0 end"
      }
    }
  }

  @Test(arguments: spellings)
  func `compare-and-delete deletes for the holder only`(script: String) {
    let driver = Session()
    driver.ask("SET", "lock", "mine")
    #expect(driver.ask("EVAL", script, "1", "lock", "other") == ":0")
    #expect(driver.ask("EVAL", script, "1", "lock") == ":0")
    #expect(driver.ask("EXISTS", "lock") == ":1")
    #expect(driver.ask("EVAL", script, "1", "lock", "mine") == ":1")
    #expect(driver.ask("EXISTS", "lock") == ":0")
    #expect(driver.ask("EVAL", script, "1", "lock", "mine") == ":0")
    driver.checkInvariants()
  }

  @Test(arguments: extensions)
  func `compare-and-expire extends for the holder only`(script: String) {
    let driver = Session()
    driver.ask("SET", "lock", "mine", "PX", "100")
    #expect(driver.ask("EVAL", script, "1", "lock", "other", "5000") == ":0")
    #expect(driver.ask("PTTL", "lock") == ":100")
    #expect(driver.ask("EVAL", script, "1", "lock", "mine", "5000") == ":1")
    #expect(driver.ask("PTTL", "lock") == ":5000")
    #expect(driver.ask("EVAL", script, "1", "nolock", "mine", "5000") == ":0")
  }

  @Test(arguments: spellings)
  func `loading tells a digest that works`(script: String) {
    let driver = Session()
    let reply = driver.ask("SCRIPT", "LOAD", script)
    #expect(reply.hasPrefix("$40|"))
    let digest = String(reply.dropFirst(4))
    #expect(driver.ask("SCRIPT", "EXISTS", digest, digest.uppercased(), "x") == "*3|:1|:1|:0")
    driver.ask("SET", "lock", "mine")
    #expect(driver.ask("EVALSHA", digest.uppercased(), "1", "lock", "mine") == ":1")
  }

  @Test(arguments: [1, 5, 40])
  func `another text of the same length is another script`(index: Int) {
    for script in Self.spellings {
      var text = bytes(script)
      text[index] ^= 1
      #expect(Session().run([bytes("EVAL"), text, bytes("0")]) == bytes(Self.unknown))
    }
  }

  @Test func `redis-py releases its lock`() {
    let driver = Session()
    #expect(driver.ask("EVALSHA", Self.release, "1", "lock", "mine") == ":0")
    driver.ask("SET", "lock", "mine", "NX", "PX", "10000")
    #expect(driver.ask("EVALSHA", Self.release, "1", "lock", "other") == ":0")
    #expect(driver.ask("EVALSHA", Self.release, "1", "lock", "min") == ":0")
    #expect(driver.ask("EVALSHA", Self.release, "1", "lock") == ":0")
    #expect(driver.ask("EVALSHA", Self.release, "1", "lock", "mine") == ":1")
    #expect(driver.ask("GET", "lock") == "$-1")
    driver.ask("SET", "lock", "")
    #expect(driver.ask("EVALSHA", Self.release, "1", "lock", "") == ":1")
  }

  @Test func `redis-py extends its lock`() {
    let driver = Session()
    driver.ask("SET", "lock", "mine", "PX", "1000")
    #expect(driver.ask("EVALSHA", Self.extend, "1", "lock", "other", "5000", "0") == ":0")
    #expect(driver.ask("EVALSHA", Self.extend, "1", "lock", "mine", "5000", "0") == ":1")
    #expect(driver.ask("PTTL", "lock") == ":6000")
    #expect(driver.ask("EVALSHA", Self.extend, "1", "lock", "mine", "300", "1") == ":1")
    #expect(driver.ask("PTTL", "lock") == ":300")
    #expect(driver.ask("EVALSHA", Self.extend, "1", "lock", "mine", "200") == ":1")
    #expect(driver.ask("PTTL", "lock") == ":200")
    driver.ask("PERSIST", "lock")
    #expect(driver.ask("EVALSHA", Self.extend, "1", "lock", "mine", "5000", "0") == ":0")
    #expect(driver.ask("PTTL", "lock") == ":-1")
  }

  @Test func `redis-py reacquires its lock`() {
    let driver = Session()
    driver.ask("SET", "lock", "mine", "PX", "1000")
    #expect(driver.ask("EVALSHA", Self.reacquire, "1", "lock", "other", "5000") == ":0")
    #expect(driver.ask("EVALSHA", Self.reacquire, "1", "lock", "mine", "5000") == ":1")
    #expect(driver.ask("PTTL", "lock") == ":5000")
    driver.ask("PERSIST", "lock")
    #expect(driver.ask("EVALSHA", Self.reacquire, "1", "lock", "mine", "7") == ":1")
    #expect(driver.ask("PTTL", "lock") == ":7")
    driver.checkInvariants()
  }

  @Test func `a lock whose time is over belongs to nobody`() {
    let driver = Session()
    driver.ask("SET", "lock", "mine", "PX", "100")
    driver.executor.now += 100
    for script in [Self.release, Self.extend, Self.reacquire] {
      #expect(driver.ask("EVALSHA", script, "1", "lock", "mine", "5000", "0") == ":0")
    }
  }

  @Test(arguments: ["0", "-5"])
  func `a time that is over removes the lock`(time: String) {
    for script in [Self.extend, Self.reacquire] {
      let driver = Session()
      driver.ask("SET", "lock", "mine", "PX", "100")
      #expect(driver.ask("EVALSHA", script, "1", "lock", "mine", time, "1") == ":1")
      #expect(driver.ask("EXISTS", "lock") == ":0")
    }
  }

  @Test func `times that are none change nothing`() {
    let driver = Session()
    driver.ask("SET", "lock", "mine", "PX", "100")
    let most = "9223372036854775807"
    let notAnInteger = "-ERR value is not an integer or out of range"
    let invalid = "-ERR invalid expire time in 'pexpire' command"
    for (script, time, mode, reply) in [
      (Self.extend, "abc", "0", notAnInteger), (Self.extend, "1.5", "1", notAnInteger),
      (Self.extend, most, "0", notAnInteger), (Self.extend, most, "1", invalid),
      (Self.reacquire, "", "1", notAnInteger), (Self.reacquire, most, "1", invalid),
    ] {
      #expect(driver.ask("EVALSHA", script, "1", "lock", "mine", time, mode) == reply)
    }
    #expect(driver.ask("EVALSHA", Self.extend, "1", "lock", "mine") == Self.argumentsMissing)
    #expect(driver.ask("EVALSHA", Self.reacquire, "1", "lock", "mine") == Self.argumentsMissing)
    #expect(driver.ask("EVALSHA", Self.release, "0") == Self.argumentsMissing)
    #expect(driver.ask("PTTL", "lock") == ":100")
  }

  @Test func `keys are counted in the words of Redis`() {
    let driver = Session()
    for start in [["EVAL", "return 0"], ["EVALSHA", Self.release]] {
      for (count, error) in [
        ("x", "value is not an integer or out of range"), ("-1", "Number of keys can't be negative"),
        ("3", "Number of keys can't be greater than number of args"),
      ] {
        let words = start + [count, "lock", "mine"]
        #expect(driver.run(words.map { bytes($0) }) == bytes("-ERR \(error)\r\n"))
      }
    }
    driver.ask("SET", "lock", "mine")
    #expect(driver.ask("EVALSHA", Self.release, "2", "lock", "mine", "other") == ":0")
    #expect(driver.ask("EVALSHA", Self.release, "2", "lock", "other", "mine") == ":1")
  }

  @Test func `other scripts are not run`() {
    let driver = Session()
    let script = bytes("return redis.call('set', 'a', 1)")
    #expect(driver.run([bytes("EVAL"), script, bytes("0")]) == bytes(Self.unknown))
    #expect(driver.run([bytes("SCRIPT"), bytes("LOAD"), script]) == bytes(Self.unknown))
    #expect(driver.run([bytes("EVAL"), [], bytes("0")]) == bytes(Self.unknown))
    let nobodys = String(repeating: "f", count: 40)
    for digest in [nobodys, "x", "", Self.release + "0", String(Self.release.dropLast())] {
      #expect(driver.ask("EVALSHA", digest, "0") == Self.noScript)
    }
    // Digits differ from control characters in the bit by which small letters differ from capitals.
    let likeDigits = Self.release.utf8.map { $0 < 0x40 ? $0 & ~0x20 : $0 }
    #expect(driver.run([bytes("EVALSHA"), likeDigits, bytes("0")]) == bytes(Self.noScript + "\r\n"))
  }

  @Test func `known scripts outlive a flush`() {
    let session = Session()
    #expect(session.run("SCRIPT FLUSH") == "+OK\r\n")
    #expect(session.run("SCRIPT EXISTS \(Self.release) \(Self.extend) \(Self.reacquire)") == "*3\r\n:1\r\n:1\r\n:1\r\n")
  }

  @Test func `a release is seen by who watches the lock`() {
    for (script, time) in [(Self.release, ""), (Self.extend, "5000 0"), (Self.reacquire, "5000")] {
      let session = Session()
      session.open(1, .resp2)
      session.run("SET lock mine PX 1000")
      session.run("WATCH lock", of: 1)
      #expect(session.run("EVALSHA \(script) 1 lock other \(time)") == ":0\r\n")
      #expect(session.run("EVALSHA \(script) 1 lock mine \(time)") == ":1\r\n")
      session.run("MULTI", of: 1)
      session.run("GET lock", of: 1)
      #expect(session.run("EXEC", of: 1) == "*-1\r\n")
    }
  }

  @Test func `a script runs within a transaction`() {
    let session = Session()
    session.run("SET lock mine")
    session.run("MULTI")
    #expect(session.run("EVALSHA \(Self.release) 1 lock mine") == "+QUEUED\r\n")
    session.run("EXISTS lock")
    #expect(session.run("EXEC") == "*2\r\n:1\r\n:0\r\n")
  }

  @Test func `a key that is too long is refused`() {
    let driver = Session()
    let key = String(repeating: "k", count: driver.executor.settings.keyBytesMax + 1)
    #expect(driver.ask("EVALSHA", Self.release, "1", key, "mine").hasPrefix("-ERR key of "))
  }
}
