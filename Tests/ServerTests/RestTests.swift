import Glibc
import TestSupport
import Testing

extension ServerTests {
  /// Clients that are held up (CLIENT PAUSE, DEBUG SLEEP), and replies that are not wanted.
  @Suite struct RestTests {
    @Test func `a pause that has passed costs no time`() throws {
      let server = try ServerProcess()
      let client = try Client(port: server.port)
      #expect(try client.ask("CLIENT PAUSE 100") == "OK")
      usleep(300_000)
      let before = server.cpuSeconds
      usleep(1_000_000)
      #expect(server.cpuSeconds - before < 0.05, "the loop does not spin")
    }

    @Test func `who waits for a pause to end is woken by UNPAUSE alone`() throws {
      let server = try ServerProcess()
      let waiting = try Client(port: server.port)
      let other = try Client(port: server.port)
      #expect(try other.ask("CLIENT PAUSE 60000 WRITE") == "OK")
      try waiting.send("PUT k v\n")
      usleep(100_000)
      let start = now()
      #expect(try other.ask("CLIENT UNPAUSE") == "OK")
      #expect(try waiting.readLine() == "OK")
      #expect(now() - start < 5)
    }

    @Test func `requests that arrive with CLIENT PAUSE are executed behind it as they are`() throws {
      let server = try ServerProcess()
      let other = try Client(port: server.port)
      #expect(try other.ask("CLIENT PAUSE 50") == "OK")
      #expect(try other.ask("PUT evil \(String(repeating: "x", count: 40))") == "OK")
      let client = try Client(port: server.port)
      try client.send(
        """
        *3\r\n$6\r\nCLIENT\r\n$5\r\nPAUSE\r\n$2\r\n50\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n\
        *2\r\n$3\r\nGET\r\n$1\r\nk\r\n
        """)
      for line in ["+OK\r", "+OK\r", "$1\r", "v\r"] { #expect(try client.readLine() == line) }
    }

    @Test func `a pause within a transaction does not hold it up`() throws {
      let server = try ServerProcess()
      let client = try Client(port: server.port)
      try client.send("MULTI\nCLIENT PAUSE 60000\nPUT k v\nGET k\nEXEC\n")
      for line in ["OK", "QUEUED", "QUEUED", "QUEUED", "OK", "OK", "VALUE v", "END 3"] {
        #expect(try client.readLine() == line)
      }
    }

    @Test func `a rest whose reply is not wanted takes no other client's reply`() throws {
      let server = try ServerProcess()
      let sleeper = try Client(port: server.port)
      let other = try Client(port: server.port)
      try sleeper.send("CLIENT REPLY SKIP\nDEBUG SLEEP 0.2\nPING\n")
      usleep(50_000)
      #expect(try other.ask("CLIENT INFO")?.hasPrefix("id=") == true)
      #expect(try other.readLine() == "END 1")
      #expect(try sleeper.readLine() == "PONG")
    }

    @Test func `a transaction that turns replies off leaves those of others as they are`() throws {
      let server = try ServerProcess()
      let client = try Client(port: server.port)
      let other = try Client(port: server.port)
      try client.send("MULTI\nCLIENT REPLY OFF\nPING\nEXEC\n")
      for line in ["OK", "QUEUED", "QUEUED"] { #expect(try client.readLine() == line) }
      #expect(try other.ask("GET nobody") == "ERROR key not found")
      #expect(try other.ask("PING") == "PONG")
    }

    @Test func `SHUTDOWN NOW removes the unix socket's file too`() throws {
      let folder = try TemporaryFolder()
      let path = folder.path + "/s"
      let server = try ServerProcess(["--listen", "unix:\(path)"], listens: false)
      try Client(path: path).send("SHUTDOWN NOW\n")
      #expect(server.waitForExit() == 0)
      #expect(access(path, F_OK) != 0)
    }
  }
}
