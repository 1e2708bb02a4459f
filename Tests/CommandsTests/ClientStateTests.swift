import Commands
import Testing

/// Transactions, pauses, replies that are not wanted, and watches, one within the other.
@Suite struct ClientStateTests {
  @Test func `a transaction of a client that wants no replies says nothing`() {
    let session = Session()
    #expect(session.run("CLIENT REPLY OFF") == "")
    #expect(session.run("MULTI") == "")
    #expect(session.run("GET a") == "")
    #expect(session.run("KEYS *") == "")
    #expect(session.run("EXEC") == "")
    #expect(session.run("CLIENT REPLY ON") == "+OK\r\n")
    session.run("MULTI")
    session.run("PING")
    session.run("CLIENT REPLY SKIP")
    session.run("GET a")
    #expect(session.run("EXEC") == "*3\r\n+PONG\r\n$-1\r\n")
    #expect(session.run("PING") == "")
    session.run("MULTI")
    session.run("PING")
    session.run("CLIENT REPLY OFF")
    session.run("GET a")
    #expect(session.run("EXEC") == "*3\r\n+PONG\r\n")
    #expect(session.run("PING") == "")
  }

  @Test func `a publisher that wants no replies gets none and its messages are sent`() {
    let session = Session()
    session.open(1, .resp2)
    session.run("SUBSCRIBE c", of: 1)
    session.run("CLIENT REPLY OFF")
    let message = "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\n1\r\n"
    #expect(session.run("PUBLISH c 1") == message)
    session.run("MULTI")
    session.run("PUBLISH c 1")
    session.run("PING")
    session.run("PUBLISH c 1")
    #expect(session.run("EXEC") == message + message)
    session.run("CLIENT REPLY ON")
    session.run("CLIENT REPLY SKIP")
    #expect(session.run("PUBLISH c 1") == message)
    #expect(session.run("PUBLISH c 1") == message + ":1\r\n")
  }

  @Test func `a client that wants no replies is told of its subscriptions`() {
    let session = Session()
    session.run("CLIENT REPLY OFF")
    #expect(session.run("SUBSCRIBE c") == "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n")
    #expect(session.run("PING") == "")
    #expect(session.run("UNSUBSCRIBE") == "*3\r\n$11\r\nunsubscribe\r\n$1\r\nc\r\n:0\r\n")
  }

  @Test(arguments: ["ALL", "WRITE"])
  func `a transaction that pauses clients is not held up by that itself`(mode: String) {
    let session = Session()
    session.run("MULTI")
    session.run("CLIENT PAUSE 100 \(mode)")
    session.run("SET a 1")
    #expect(session.run("EXEC") == "*2\r\n+OK\r\n+OK\r\n")
    #expect(session.run("SET a 2") == "")
    session.executor.now += 100
    #expect(session.run("GET a") == "$1\r\n1\r\n")
  }

  @Test func `a pause that is over leaves no work behind`() {
    let session = Session()
    session.run("CLIENT PAUSE 100 ALL")
    #expect(session.executor.nextWork == session.executor.now + 100)
    session.executor.now += 100
    #expect(session.executor.runBackgroundWork(units: 1) == false)
    #expect(session.executor.nextWork == nil)
  }

  @Test func `a second pause makes the first neither shorter nor narrower`() {
    let session = Session()
    session.run("CLIENT PAUSE 100 ALL")
    session.run("CLIENT PAUSE 10 WRITE")
    session.executor.now += 50
    #expect(session.run("GET a") == "")
    session.executor.now += 50
    #expect(session.run("GET a") == "$-1\r\n")
    session.run("CLIENT PAUSE 100 WRITE")
    #expect(session.run("GET a") == "$-1\r\n")
    #expect(session.run("SET a 1") == "")
  }

  @Test func `the removal of a key that had expired before it was watched is no change`() {
    let session = Session()
    session.open(1, .resp2)
    session.run("SET a 1 PX 1")
    session.run("SET b 1 PX 20")
    session.executor.now += 10
    session.run("WATCH a")
    session.run("WATCH b", of: 1)
    session.executor.now += 2_000
    while session.executor.runBackgroundWork(units: 64) {}
    session.run("MULTI")
    #expect(session.run("EXEC") == "*0\r\n")
    session.run("MULTI", of: 1)
    #expect(session.run("EXEC", of: 1) == "*-1\r\n")
  }

  @Test func `setting a bit to what it is leaves watches alone`() {
    let session = Session()
    session.run("SET a 1")
    session.run("WATCH a")
    #expect(session.run("SETBIT a 7 1") == ":1\r\n")
    #expect(session.run("SETBIT a 0 0") == ":0\r\n")
    session.run("MULTI")
    #expect(session.run("EXEC") == "*0\r\n")
    session.run("WATCH a")
    #expect(session.run("SETBIT a 8 0") == ":0\r\n")
    session.run("MULTI")
    #expect(session.run("EXEC") == "*-1\r\n")
  }

  @Test func `one MGET cannot ask for more than a reply holds`() {
    let session = Session()
    let key = Array("big".utf8)
    session.run([Array("SET".utf8), key, [UInt8](repeating: 7, count: 8 << 20)])
    let get = Array("MGET".utf8)
    let refusal = session.run([get] + Array(repeating: key, count: 33))
    let expected = "-ERR the values are too long for one reply, 256 MiB: ask for fewer keys at once\r\n"
    #expect(refusal == Array(expected.utf8))
    #expect(session.run([get] + Array(repeating: key, count: 2)).count > 16 << 20)
  }
}
