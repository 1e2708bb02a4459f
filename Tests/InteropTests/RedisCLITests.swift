import Glibc
import TestSupport
import Testing

extension InteropTests {
  @Suite(.enabled(if: mayUse("redis-cli"), "redis-cli is not installed"))
  struct RedisCLITests {
    private let server: ServerProcess

    init() throws { server = try ServerProcess() }

    private func ask(_ arguments: [String], input: String? = nil) throws -> ProgramResult {
      try run(["redis-cli", "-p", "\(server.port)"] + arguments, input: input)
    }

    /// Runs redis-cli without a terminal; what it prints.
    private func output(_ arguments: String..., input: String? = nil) throws -> String {
      let result = try ask(arguments, input: input)
      #expect(result.status == 0, "\(arguments): \(result.output)\(result.errors)")
      return result.output
    }

    private func fill(_ count: Int) throws {
      let client = try RESPClient(port: server.port)
      for start in stride(from: 0, to: count, by: 1000) {
        let numbers = start..<min(count, start + 1000)
        try client.ask([Array("MSET".utf8)] + numbers.flatMap { words("key:\($0) value:\($0)") })
      }
    }

    @Test func `single commands print their replies`() throws {
      #expect(try output("SET", "k", "hello world") == "OK\n")
      #expect(try output("GET", "k") == "hello world\n")
      #expect(try output("GET", "nothing") == "\n")
      #expect(try output("INCR", "n") == "1\n")
      #expect(try output("MGET", "k", "nothing", "n") == "hello world\n\n1\n")
      #expect(try output("--no-raw", "MGET", "k", "nothing") == "1) \"hello world\"\n2) (nil)\n")
      #expect(try output("-3", "--no-raw", "HELLO").contains("3# \"proto\" => (integer) 3\n"))
      #expect(try output("-x", "SET", "file", input: "from\nstandard input") == "OK\n")
      #expect(try output("GET", "file") == "from\nstandard input\n")
      #expect(try output("--raw", "PING") == "PONG\n")
    }

    @Test func `an error is printed and its code can be asked for`() throws {
      #expect(try output("NOSUCH", "a").hasPrefix("ERR unknown command 'NOSUCH', with args beginning with: 'a'"))
      let result = try ask(["-e", "GET"])
      #expect(result.status == 1)
      #expect(result.errors.contains("ERR wrong number of arguments for 'get' command"), "\(result.errors)")
    }

    @Test func `a script of commands is carried out line by line`() throws {
      let replies = try output(input: "SET a 1\nINCR a\nMULTI\nINCR a\nEXEC\nGET a\n")
      #expect(replies == "OK\n2\nOK\nQUEUED\n3\n3\n")
    }

    @Test func `mass insertion takes a hundred thousand commands`() throws {
      var input = ""
      for number in 0..<100_000 {
        let (key, value) = ("key:\(number)", "value:\(number)")
        input += "*3\r\n$3\r\nSET\r\n$\(key.utf8.count)\r\n\(key)\r\n$\(value.utf8.count)\r\n\(value)\r\n"
      }
      let printed = try output("--pipe", input: input)
      #expect(printed.contains("errors: 0, replies: 100000"), "\(printed)")
      #expect(try output("DBSIZE") == "100000\n")
      #expect(try output("GET", "key:99999") == "value:99999\n")
    }

    @Test func `mass insertion counts the errors`() throws {
      let result = try ask(["--pipe"], input: "*1\r\n$3\r\nGET\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n")
      #expect(result.status == 1)
      #expect(result.output.contains("errors: 1, replies: 2"), "\(result.output)")
    }

    @Test func `a scan by pattern prints each key once`() throws {
      try fill(5000)
      let all = try output("--scan").split(separator: "\n")
      #expect(all.count == 5000)
      #expect(Set(all).count == 5000)
      let some = try output("--scan", "--pattern", "key:4??")
      #expect(Set(some.split(separator: "\n")) == Set((400..<500).map { Substring("key:\($0)") }))
    }

    @Test(arguments: ["--bigkeys", "--memkeys"])
    func `the biggest keys are found`(mode: String) throws {
      try fill(2000)
      let client = try RESPClient(port: server.port)
      try client.ask(Array("SET".utf8), Array("biggest".utf8), [UInt8](repeating: 0x78, count: 5000))
      let printed = try output(mode)
      #expect(printed.contains("Sampled 2001 keys in the keyspace!"), "\(printed)")
      #expect(printed.contains("Biggest string found '\"biggest\"' has "), "\(printed)")
      #expect(printed.contains("2001 strings with "), "\(printed)")
    }

    @Test func `the statistics are printed at intervals`() throws {
      try fill(100)
      // It prints for ever, and through a pipe in large pieces; the reader of its lines goes after two of them.
      let command = "timeout 20 stdbuf -oL redis-cli -p \(server.port) --stat -i 0.2 | head -n 4"
      let lines = try run(["sh", "-c", command]).output.split(separator: "\n")
      try #require(lines.count == 4, "\(lines)")
      #expect(lines[1].hasPrefix("keys"))
      for line in lines[2...] { #expect(line.hasPrefix("100 "), "\(line)") }
    }

    @Test func `the latency is measured`() throws {
      let words = try output("--raw", "--latency", "-i", "1").split { $0 == " " || $0 == "\n" }
      #expect(words.count == 4 && words.allSatisfy { Double($0) != nil }, "\(words)")
    }

    @Test(.enabled(if: mayUse("python3"), "python3 is not installed"))
    func `a person at a terminal gets answers`() throws {
      let result = try run([python, "\(InteropTests.clients)/terminal.py", "\(server.port)"])
      #expect(result.status == 0, "\(result.output)\(result.errors)")
    }
  }
}

/// The Python that has the client libraries.
let python = InteropTests.environment("SWIFTLET_PYTHON") ?? "python3"
