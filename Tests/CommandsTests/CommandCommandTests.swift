import Testing
import Wire

@testable import Commands

@Suite struct CommandCommandTests {
  @Test func `COMMAND INFO has the ten fields of Redis`() {
    let description =
      "*10\r\n$3\r\nget\r\n:2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n"
      + "*3\r\n+@read\r\n+@string\r\n+@fast\r\n*0\r\n"
      + "*1\r\n*6\r\n$5\r\nflags\r\n*2\r\n+RO\r\n+access\r\n$12\r\nbegin_search\r\n*4\r\n$4\r\ntype\r\n$5\r\nindex\r\n"
      + "$4\r\nspec\r\n*2\r\n$5\r\nindex\r\n:1\r\n$9\r\nfind_keys\r\n*4\r\n$4\r\ntype\r\n$5\r\nrange\r\n$4\r\nspec\r\n"
      + "*6\r\n$7\r\nlastkey\r\n:0\r\n$7\r\nkeystep\r\n:1\r\n$5\r\nlimit\r\n:0\r\n*0\r\n"
    #expect(Session().run("COMMAND INFO get nosuch") == "*2\r\n\(description)$-1\r\n")
    let subcommand =
      "*10\r\n$10\r\nconfig|get\r\n:-3\r\n*3\r\n+admin\r\n+loading\r\n+stale\r\n:0\r\n:0\r\n:0\r\n"
      + "*3\r\n+@admin\r\n+@slow\r\n+@dangerous\r\n*0\r\n*0\r\n*0\r\n"
    #expect(Session().run("COMMAND INFO config|get") == "*1\r\n\(subcommand)")
    let help =
      "*10\r\n$11\r\nconfig|help\r\n:2\r\n~2\r\n+loading\r\n+stale\r\n:0\r\n:0\r\n:0\r\n"
      + "~1\r\n+@slow\r\n~0\r\n~0\r\n~0\r\n"
    #expect(Session(.resp3).run("COMMAND INFO config|help") == "*1\r\n\(help)")
  }

  @Test(arguments: [
    ("mset", "-3", "1", "-1", "2"), ("ping", "-1", "0", "0", "0"), ("del", "-2", "1", "-1", "1"),
    ("rename", "3", "1", "2", "1"), ("set", "-3", "1", "1", "1"), ("config", "-2", "0", "0", "0"),
    ("command", "-1", "0", "0", "0"), ("exec", "1", "0", "0", "0"), ("copy", "-3", "1", "2", "1"),
  ])
  func `arity and keys are those of Redis`(name: String, arity: String, first: String, last: String, step: String) {
    let lines = Session().run("COMMAND INFO \(name)").split(separator: "\r\n")
    #expect(lines[4] == ":\(arity)")
    let flagCount = Int(lines[5].dropFirst()) ?? 0
    #expect(lines[(6 + flagCount)...].prefix(3) == [":\(first)", ":\(last)", ":\(step)"])
  }

  @Test(arguments: [Dialect.resp2, .resp3], ["COMMAND", "COMMAND INFO", "COMMAND DOCS", "COMMAND LIST"])
  func `descriptions of all commands are whole`(dialect: Dialect, request: String) {
    let reply = Session(dialect).run(request)
    #expect(RESPShape.isWhole(Array(reply.utf8)))
    for row in Row.all {
      #expect(reply.contains("\r\n\(row.testDescription.lowercased())\r\n"), "\(row.testDescription)")
    }
  }

  @Test func `all commands are counted`() {
    #expect(Session().run("COMMAND COUNT") == ":\(CommandTable.rows.count)\r\n")
    #expect(Session().run("COMMAND").hasPrefix("*\(CommandTable.rows.count)\r\n"))
    #expect(Session(.resp3).run("COMMAND DOCS").hasPrefix("%\(CommandTable.rows.count)\r\n"))
  }

  @Test func `COMMAND LIST filters`() {
    #expect(Session().run("COMMAND LIST FILTERBY PATTERN get") == "*1\r\n$3\r\nget\r\n")
    #expect(Session().run("COMMAND LIST FILTERBY PATTERN SLOWLOG|L*") == "*1\r\n$11\r\nslowlog|len\r\n")
    #expect(Session().run("COMMAND LIST FILTERBY MODULE json") == "*0\r\n")
    #expect(Session().run("COMMAND LIST FILTERBY ACLCAT nonsense") == "*0\r\n")
    let transactions = Session().run("COMMAND LIST FILTERBY ACLCAT transaction")
    #expect(transactions.contains("watch") && !transactions.contains("get"))
    for request in ["COMMAND LIST x", "COMMAND LIST FILTERBY ACLCAT", "COMMAND LIST FILTERBY COLOUR red"] {
      #expect(Session().run(request) == "-ERR syntax error\r\n")
    }
  }

  @Test func `COMMAND GETKEYS finds keys`() {
    let session = Session()
    #expect(session.run("COMMAND GETKEYS mset a 1 b 2") == "*2\r\n$1\r\na\r\n$1\r\nb\r\n")
    #expect(session.run("COMMAND GETKEYS SET k v EX 10") == "*1\r\n$1\r\nk\r\n")
    #expect(session.run("COMMAND GETKEYS rename a b") == "*2\r\n$1\r\na\r\n$1\r\nb\r\n")
    #expect(session.run("COMMAND GETKEYS ping x") == "-ERR The command has no key arguments\r\n")
    #expect(session.run("COMMAND GETKEYS nosuch x") == "-ERR Invalid command specified\r\n")
    #expect(session.run("COMMAND GETKEYS config nosuch") == "-ERR Invalid command specified\r\n")
    #expect(session.run("COMMAND GETKEYS get a b") == "-ERR Invalid number of arguments specified for command\r\n")
    #expect(
      session.run("COMMAND GETKEYSANDFLAGS get a") == "*1\r\n*2\r\n$1\r\na\r\n*2\r\n+RO\r\n+access\r\n")
  }

  // MARK: - COMMAND DOCS

  @Test func `COMMAND DOCS documents arguments`() {
    #expect(
      Session().run("COMMAND DOCS get nosuch")
        == "*2\r\n$3\r\nget\r\n*10\r\n$7\r\nsummary\r\n$18\r\nShow a key's value\r\n"
        + "$5\r\nsince\r\n$5\r\n0.1.0\r\n$5\r\ngroup\r\n$6\r\nstring\r\n$10\r\ncomplexity\r\n$4\r\nO(1)\r\n"
        + "$9\r\narguments\r\n*1\r\n*6\r\n$4\r\nname\r\n$3\r\nkey\r\n$4\r\ntype\r\n$3\r\nkey\r\n"
        + "$14\r\nkey_spec_index\r\n:0\r\n")
    #expect(Session().run("COMMAND DOCS nosuch") == "*0\r\n")
    #expect(Session(.resp3).run("COMMAND DOCS config|get").hasPrefix("%1\r\n$10\r\nconfig|get\r\n%5\r\n"))
  }

  @Test func `a usage is read as a tree`() {
    func value(_ name: String, _ token: String? = nil) -> UsageNode {
      UsageNode(kind: .value, name: name, token: token)
    }
    func token(_ name: String) -> UsageNode { UsageNode(kind: .token, name: name.lowercased(), token: name) }
    func optional(_ node: UsageNode) -> UsageNode {
      var node = node
      node.isOptional = true
      return node
    }
    func multiple(_ node: UsageNode) -> UsageNode {
      var node = node
      node.isMultiple = true
      return node
    }
    func choice(_ nodes: UsageNode...) -> UsageNode { UsageNode(kind: .choice(nodes), name: nodes[0].name) }
    func block(_ nodes: UsageNode...) -> UsageNode { UsageNode(kind: .block(nodes), name: nodes[0].name) }
    #expect(UsageNode.parse("a") == [value("a")])
    #expect(UsageNode.parse("ON | OFF") == [choice(token("ON"), token("OFF"))])
    #expect(UsageNode.parse("[channel ...]") == [optional(multiple(value("channel")))])
    #expect(
      UsageNode.parse("[NX | EX seconds] [GET]")
        == [optional(choice(token("NX"), value("seconds", "EX"))), optional(token("GET"))])
    #expect(UsageNode.parse("[ID client-id ...]") == [optional(multiple(value("client-id", "ID")))])
    var skip = choice(token("YES"), token("NO"))
    skip.name = "skipme"
    skip.token = "SKIPME"
    #expect(UsageNode.parse("[SKIPME YES | NO]") == [optional(skip)])
    #expect(UsageNode.parse("[a [B]]") == [optional(block(value("a"), optional(token("B"))))])
    #expect(UsageNode.parse("[username] password") == [optional(value("username")), value("password")])
  }
}
