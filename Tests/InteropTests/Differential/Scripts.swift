/// What the script tests say: `0:` before a line is the connection that sends it, `_` in a word is a space.
enum Scripts {
  struct Script: Sendable, CustomStringConvertible {
    let description: String
    let lines: String

    /// The numbers of the connections.
    var connections: [Int] {
      Set(lines.split(separator: "\n").compactMap { $0.split(separator: ":").first.flatMap { Int($0) } }).sorted()
    }
  }

  static let all: [Script] = [
    Script(
      description: "subscribing, publishing, and leaving",
      lines: """
        0: SUBSCRIBE a b a
        1: PUBLISH a hello
        1: PUBLISH c nobody
        0: PSUBSCRIBE a* *
        1: PUBLISH a again
        2: SUBSCRIBE a
        1: PUBLISH a three
        1: PUBSUB NUMSUB a b c
        1: PUBSUB NUMPAT
        1: PUBSUB CHANNELS
        1: PUBSUB CHANNELS a*
        1: PUBSUB SHARDCHANNELS
        1: PUBSUB SHARDNUMSUB a
        0: UNSUBSCRIBE a nothing
        0: PUNSUBSCRIBE a*
        1: PUBLISH a four
        0: UNSUBSCRIBE
        0: UNSUBSCRIBE
        0: PUNSUBSCRIBE
        0: PUNSUBSCRIBE
        0: GET a
        2: UNSUBSCRIBE a
        1: PUBSUB CHANNELS
        """),
    Script(
      description: "what a subscriber may say",
      lines: """
        0: SUBSCRIBE a
        0: PING
        0: PING hello
        0: PING a b
        0: GET a
        0: NOSUCH
        0: MULTI
        0: GET
        0: SUBSCRIBE
        0: RESET
        0: GET a
        0: PSUBSCRIBE
        0: PUBLISH a
        0: PUBSUB
        0: PUBSUB NOSUCH
        0: PUBSUB NUMPAT a
        0: PUBSUB CHANNELS a b
        """),
    Script(
      description: "subscribing within a transaction",
      lines: """
        0: MULTI
        0: SUBSCRIBE a b
        0: PUBLISH c x
        0: UNSUBSCRIBE a
        0: EXEC
        1: PUBLISH b hello
        0: UNSUBSCRIBE
        """),
    Script(
      description: "a transaction that runs",
      lines: """
        0: MULTI
        0: SET a 1
        0: INCR a
        0: SET b
        0: EXEC
        0: EXEC
        0: DISCARD
        0: MULTI
        0: MULTI
        0: WATCH a
        0: UNWATCH
        0: INCR a
        0: GET a
        0: INCR b c
        0: EXEC
        0: GET a
        0: MULTI
        0: EXEC
        0: MULTI
        0: SET a text
        0: INCR a
        0: GET a
        0: EXEC
        0: MULTI
        0: SET a x
        0: DISCARD
        0: GET a
        """),
    Script(
      description: "watched keys",
      lines: """
        0: SET a 1
        0: WATCH a b
        1: SET b 1
        0: MULTI
        0: GET a
        0: EXEC
        0: WATCH a
        0: SET a 2
        0: MULTI
        0: EXEC
        0: WATCH a
        0: UNWATCH
        1: SET a 3
        0: MULTI
        0: GET a
        0: EXEC
        0: WATCH nothing
        1: DEL nothing
        0: MULTI
        0: EXEC
        0: WATCH a
        1: EXPIRE a 1000
        0: MULTI
        0: EXEC
        0: WATCH a
        1: PERSIST a
        0: MULTI
        0: EXEC
        0: WATCH a
        1: FLUSHALL
        0: MULTI
        0: EXEC
        0: WATCH a
        1: FLUSHALL
        0: MULTI
        0: EXEC
        0: WATCH a
        1: SET a 1
        1: DEL a
        0: MULTI
        0: EXEC
        0: SET a 1
        0: WATCH a
        1: RENAME a b
        0: MULTI
        0: EXEC
        0: WATCH b
        1: TOUCH b
        1: GETEX b
        1: SET b 2 NX
        1: EXPIRE b 10 XX
        1: APPEND nothing ""
        0: MULTI
        0: EXEC
        0: WATCH b
        1: APPEND b ""
        0: MULTI
        0: EXEC
        0: WATCH b
        1: SETRANGE b 0 ""
        0: MULTI
        0: EXEC
        0: WATCH b
        1: INCRBYFLOAT b 0
        0: MULTI
        0: EXEC
        """),
    Script(
      description: "a watch and a transaction that are dropped",
      lines: """
        0: WATCH a
        0: MULTI
        0: DISCARD
        1: SET a 1
        0: MULTI
        0: GET a
        0: EXEC
        0: WATCH a
        0: RESET
        1: SET a 2
        0: MULTI
        0: RESET
        0: GET a
        0: WATCH a
        1: SET a 3
        0: MULTI
        0: NOSUCH
        0: EXEC
        0: MULTI
        0: GET a
        0: EXEC
        """),
    Script(
      description: "introductions",
      lines: """
        0: HELLO 3
        0: GET nothing
        0: MGET nothing a
        0: HELLO
        0: HELLO 2
        0: GET nothing
        0: HELLO 3 AUTH default any
        0: HELLO 3 AUTH default
        0: HELLO 3 AUTH nobody any
        0: HELLO 3 SETNAME me
        0: CLIENT GETNAME
        0: HELLO 3 SETNAME a_b
        0: HELLO 5
        0: HELLO x
        0: HELLO 2 NOSUCH
        0: CLIENT SETNAME ""
        0: CLIENT GETNAME
        0: RESET
        0: GET nothing
        0: CLIENT GETNAME
        0: AUTH any
        0: AUTH default any
        0: AUTH nobody any
        0: AUTH
        0: SELECT 0
        0: SELECT 1
        0: SELECT x
        0: ECHO
        0: ECHO a b
        """),
    Script(
      description: "replies that are not wanted",
      lines: """
        0: CLIENT REPLY ON
        0: CLIENT REPLY
        0: CLIENT REPLY MAYBE
        0: SET a 1
        0: CLIENT REPLY SKIP
        0: GET a
        1: GET a
        0: CLIENT REPLY OFF
        0: INCR a
        0: CLIENT REPLY SKIP
        0: NOSUCH
        0: CLIENT REPLY ON
        0: GET a
        """),
    Script(
      description: "clients that are held up",
      lines: """
        0: CLIENT PAUSE
        0: CLIENT PAUSE x
        0: CLIENT PAUSE -1
        0: CLIENT PAUSE 1 NOSUCH
        0: CLIENT PAUSE 0
        0: CLIENT PAUSE 20
        0: PING
        1: CLIENT PAUSE 100000 WRITE
        0: GET a
        0: CLIENT UNPAUSE
        0: SET a 1
        0: CLIENT PAUSE 20 all
        1: SET b 1
        0: MULTI
        0: CLIENT PAUSE 1
        0: EXEC
        """),
    Script(
      description: "locks, released and extended by scripts",
      lines: """
        0: SET lock mine NX PX 60000
        1: SET lock other NX PX 60000
        1: EVAL if_redis.call("get",KEYS[1])_==_ARGV[1]_then_\
        return_redis.call("del",KEYS[1])_else_return_0_end 1 lock other
        0: SCRIPT LOAD if_redis.call("get",KEYS[1])_==_ARGV[1]_then_return_redis.call("del",KEYS[1])_else_return_0_end
        0: SCRIPT EXISTS b70c2384248f88e6b75b9f89241a180f856ad852 B70C2384248F88E6B75B9F89241A180F856AD852 x
        1: EVALSHA b70c2384248f88e6b75b9f89241a180f856ad852 1 lock
        1: EVALSHA B70C2384248F88E6B75B9F89241A180F856AD852 1 lock other
        0: EVAL if_redis.call('get',_KEYS[1])_==_ARGV[1]_then_\
        return_redis.call('pexpire',_KEYS[1],_ARGV[2])_else_return_0_end 1 lock mine 90000
        1: WATCH lock
        1: MULTI
        1: GET lock
        0: EVALSHA b70c2384248f88e6b75b9f89241a180f856ad852 1 lock mine
        0: EVALSHA b70c2384248f88e6b75b9f89241a180f856ad852 1 lock mine
        1: EXEC
        1: SET lock mine
        1: MULTI
        1: EVALSHA b70c2384248f88e6b75b9f89241a180f856ad852 2 lock also mine
        1: EVALSHA b70c2384248f88e6b75b9f89241a180f856ad852 3 lock mine
        1: EXISTS lock
        1: EXEC
        0: EVALSHA ffffffffffffffffffffffffffffffffffffffff 0
        0: EVALSHA ffffffffffffffffffffffffffffffffffffffff x
        0: EVALSHA x x
        0: EVALSHA b70c2384248f88e6b75b9f89241a180f856ad852 -1
        0: EVALSHA b70c2384248f88e6b75b9f89241a180f856ad852
        0: EVAL return_0
        0: EVAL return_0 x
        0: EVAL return_0 1
        0: EVAL return_0 -1
        0: SCRIPT LOAD
        0: SCRIPT LOAD return_0 x
        """),
    Script(
      description: "waiting for replicas, of which there are none",
      lines: """
        0: WAIT 0 0
        0: WAIT 1 1
        0: WAIT x 1
        0: WAIT 1 x
        0: WAIT 1 -1
        0: WAIT 0
        0: ROLE
        """),
  ]

  /// Lines of which random conversations are made.
  static let pubSubLines = [
    "SUBSCRIBE a", "SUBSCRIBE b a c", "SUBSCRIBE a a", "UNSUBSCRIBE", "UNSUBSCRIBE a", "UNSUBSCRIBE z b",
    "PSUBSCRIBE *", "PSUBSCRIBE a* b", "PSUBSCRIBE [ab]", "PUNSUBSCRIBE", "PUNSUBSCRIBE *", "PUNSUBSCRIBE b z",
    "PUBLISH a hello", "PUBLISH b hello", "PUBLISH c hello_world", "PUBLISH z nobody", "PUBLISH a \"\"",
    "PUBLISH a one",
    "PUBSUB NUMSUB a b c", "PUBSUB NUMPAT", "HELLO 3", "HELLO 2", "RESET", "PING", "PING x", "GET a", "SUBSCRIBE",
    "PUBLISH a",
  ]

  /// Bytes that are no requests, or barely.
  static let rawInputs = [
    "*0\r\n*-1\r\n*1\r\n$4\r\nPING\r\n", "*x\r\n", "*1\r\n:4\r\n", "*1\r\n$x\r\n", "*1\r\n$-1\r\n", "*1\r\n$-2\r\n",
    "*2147483648\r\n", "*1048577\r\n", "*9223372036854775808\r\n", "*1\r\n$536870913\r\n", "*1\r\n$4\r\nPINGxx",
    "*1\r\n$4\r\nPING\r\n*x\r\n", "*1\r\n$4\r\nPING\r\n*1\r\nGET\r\n*1\r\n$4\r\nPING\r\n", "*2\r\n$4\r\nPING\r\n",
    "*1\r\n$0\r\n\r\n", "*-5\r\n*1\r\n$4\r\nPING\r\n", "*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nQUIT\r\n*1\r\n$4\r\nPING\r\n",
    "PING\r\n", "PING\nPING hello\n\r\n\n", "SET a \"b c\"\r\nGET a\r\n", "GET 'a\\'b'\r\n", "SET a \"b\r\n",
    "SET a 'b\r\n", "ECHO \"\\x41\\n\"\r\n", "ECHO \"a\"b\r\n", "NOSUCH\r\n", "PING\r\n*1\r\n$4\r\nPING\r\nPING\r\n",
    "*+1\r\n$4\r\nPING\r\n", "*01\r\n$4\r\nPING\r\n", "*1\r\n$04\r\nPING\r\n", "*1\r\n$+4\r\nPING\r\n", "*\r\n",
    "*1\r\n$\r\n",
    "* 1\r\n$4\r\nPING\r\n", "*1\n$4\nPING\n",
  ]
}
