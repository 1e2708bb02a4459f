import Bytes
import Commands
import Wire

// A request, word by word.

extension RequestMaker {
  /// Appends the bytes of a request.
  mutating func spell(_ request: Request, _ dialect: Dialect, to output: inout ByteBuffer) {
    guard request.verb != .nonsense else { return appendNonsense(request, dialect, to: &output) }
    writer.begin()
    switch request.verb {
    case .unmodelled: spellUnmodelled(CommandTable.rows[Int(request.row)])
    case .unknown: writer.word("GTE")
    case .short: writer.word(request.number & 1 == 0 ? "GET" : "SETRANGE")
    default:
      writer.word(CommandTable.rows[vocabulary.rows[Int(request.verb.rawValue)]].name)
      spellArguments(request)
    }
    writer.finish(dialect, isPut: request.verb == .put, to: &output)
  }

  private mutating func spellArguments(_ request: Request) {
    switch request.verb {
    case .set, .getex: spellWithOptions(request)
    case .setex, .psetex:
      word(key: request.keys[0])
      writer.word(request.number)
      writer.word(request.value)
    case .mset, .msetnx:
      for index in 0..<Int(request.keyCount) {
        word(key: UInt16(request.key(index)))
        writer.word(request.value(index))
      }
    case .setnx, .getset, .append, .delifeq, .put:
      word(key: request.keys[0])
      writer.word(request.value)
    case .setrange:
      word(key: request.keys[0])
      writer.word(request.number)
      writer.word(request.value)
    case .getrange, .substr, .setbit:
      word(key: request.keys[0])
      writer.word(request.number)
      writer.word(request.second)
    case .incrby, .decrby, .getbit:
      word(key: request.keys[0])
      writer.word(request.number)
    case .expire, .pexpire, .expireat, .pexpireat: spellExpire(request)
    case .bitcount, .bitpos: spellPart(request)
    case .bitop: spellBitOperation(request)
    case .copy:
      word(key: request.keys[0])
      word(key: request.keys[1])
      if request.options.contains(.replaces) { writer.word("REPLACE") }
    default: spellOthers(request)
    }
  }

  private mutating func spellOthers(_ request: Request) {
    switch request.verb {
    case .scan:
      writer.word(Array("\(UInt64(bitPattern: request.number))".utf8))
      writer.word("COUNT")
      writer.word(request.second)
    case .ping: if request.options.contains(.hasArgument) { writer.word(request.value) }
    case .echo: writer.word(request.value)
    case .select: writer.word(request.number)
    case .hello: writer.word(3)
    case .list:
      if let pattern = ListPattern(rawValue: UInt8(request.number)), pattern != .all { writer.word(pattern.glob) }
    case .keys: writer.word((ListPattern(rawValue: UInt8(request.number)) ?? .all).glob)
    case .client: spellClient(request)
    default: for index in 0..<Int(request.keyCount) { word(key: UInt16(request.key(index))) }
    }
  }

  private mutating func word(key: UInt16) { writer.word(keyNames[Int(key)]) }

  private mutating func spellWithOptions(_ request: Request) {
    word(key: request.keys[0])
    let options = request.options
    if request.verb == .set { writer.word(request.value) }
    if options.contains(.onlyIfAbsent) { writer.word("NX") }
    if options.contains(.onlyIfPresent) { writer.word("xx") }
    if options.contains(.onlyIfEqual) {
      writer.word("IFEQ")
      writer.word(ValueSeed(seed: UInt32(request.second), count: 3))
    }
    if request.unit != .none {
      writer.word(request.unit.option)
      writer.word(request.number)
    }
    if options.contains(.showsOld) { writer.word("GET") }
    if options.contains(.keepsExpiry) { writer.word("KEEPTTL") }
    if options.contains(.persists) { writer.word("PERSIST") }
  }

  private mutating func spellExpire(_ request: Request) {
    word(key: request.keys[0])
    writer.word(request.number)
    let options = request.options
    if options.contains(.onlyIfAbsent) { writer.word("NX") }
    if options.contains(.onlyIfPresent) { writer.word("XX") }
    if options.contains(.onlyIfLater) { writer.word("GT") }
    if options.contains(.onlyIfSooner) { writer.word("LT") }
  }

  private mutating func spellPart(_ request: Request) {
    word(key: request.keys[0])
    if request.verb == .bitpos { writer.word(Int64(request.operation)) }
    guard request.options.contains(.hasStart) else { return }
    writer.word(request.number)
    guard request.options.contains(.hasEnd) else { return }
    writer.word(request.second)
    if request.options.contains(.inBits) { writer.word("BIT") }
  }

  private mutating func spellBitOperation(_ request: Request) {
    switch request.operation {
    case 0: writer.word("AND")
    case 1: writer.word("OR")
    case 2: writer.word("XOR")
    default: writer.word("NOT")
    }
    for index in 0..<Int(request.keyCount) { word(key: UInt16(request.key(index))) }
  }

  private mutating func spellClient(_ request: Request) {
    switch ClientRequest(request) {
    case .kill(let peer):
      writer.word("KILL")
      writer.word("ADDR")
      writer.word(Array(PeerName.text(peer).utf8))
    case .pause(let milliseconds):
      writer.word("PAUSE")
      writer.word(milliseconds)
    case .unpause: writer.word("UNPAUSE")
    case .name: writer.word("GETNAME")
    }
  }

  // MARK: - Without a model

  private mutating func spellUnmodelled(_ row: Command) {
    writer.word(row.name)
    var arguments = row.arguments
    if !row.subcommands.isEmpty {
      let subcommand = row.subcommands[chance.below(row.subcommands.count)]
      writer.word(subcommand.name)
      arguments = subcommand.arguments
    }
    for argument in arguments {
      switch argument.presence {
      case .required: spell(argument)
      case .repeated: for _ in 0...chance.below(2) { spell(argument) }
      case .optional: if chance.once(in: 2) { spell(argument) }
      case .free: if chance.once(in: 3) { writer.word(token(of: argument.name)) }
      }
    }
  }

  private mutating func spell(_ argument: Argument) {
    switch argument.kind {
    case .key: writer.word(Self.foreignKeys[chance.below(Self.foreignKeys.count)])
    case .pair:
      writer.word(Self.foreignKeys[chance.below(Self.foreignKeys.count)])
      writer.word(Int64(chance.below(100)))
    case .value: writer.word(Int64(chance.below(100)))
    case .word:
      if chance.once(in: 2) { writer.word(token(of: argument.name)) } else { writer.word(Int64(chance.below(10))) }
    }
  }

  /// One of the words that a usage is made of.
  private mutating func token(of usage: StaticString) -> [UInt8] {
    let tokens = "\(usage)".split { " []|.".contains($0) }
    return tokens.isEmpty ? Array("x".utf8) : Array(tokens[chance.below(tokens.count)].utf8)
  }

  private func appendNonsense(_ request: Request, _ dialect: Dialect, to output: inout ByteBuffer) {
    guard dialect != .line else {
      output.append(request.number & 1 == 0 ? "GET \"abc\n" : "GET \"a\"b\n")
      return
    }
    switch request.number & 3 {
    case 0: output.append("*1\r\n:5\r\n")
    case 1: output.append("*2\r\n$3\r\nGET\r\n$-7\r\n")
    case 2: output.append("*99999999999\r\n")
    default: output.append("*1\r\n$99999999999999\r\n")
    }
  }
}

/// Which keys a listing is asked for.
enum ListPattern: UInt8 {
  case all, beginsWithK1, endsWith7

  var glob: StaticString {
    switch self {
    case .all: "*"
    case .beginsWithK1: "k1*"
    case .endsWith7: "*7"
    }
  }

  func matches(_ name: [UInt8]) -> Bool {
    switch self {
    case .all: true
    case .beginsWithK1: name.starts(with: "k1".utf8)
    case .endsWith7: name.last == UInt8(ascii: "7")
    }
  }
}

/// What a client says with CLIENT.
enum ClientRequest {
  case kill(Int), pause(Int64), unpause, name

  init(_ request: Request) {
    switch request.number {
    case 0, 1: self = .kill(Int(request.second))
    case 2 where request.second > 0: self = .pause(request.second)
    case 2: self = .unpause
    default: self = .name
    }
  }
}

/// Addresses of simulated clients: each connection of a run has its own.
enum PeerName {
  static func text(_ number: Int) -> String { "10.\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255):4000" }
}
