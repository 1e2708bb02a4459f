// Where bad inputs are tried: a server, and a witness that works on it all the while.

import Glibc
import TestSupport

/// A server, or Redis, and a client that wants nothing but its own replies.
final class Stage {
  let server: ServerProcess
  private let witness: Client
  private var count = 0
  /// The longest that the witness has waited for a reply, in seconds.
  private(set) var longestWait = 0.0

  /// Nobody waits longer on a machine that is busy with other tests.
  static let waitMax = 2.0

  init(_ flags: [String] = [], listens: Bool = true, password: String? = nil) throws {
    server = try ServerProcess(flags, listens: listens)
    witness = try Client(port: server.port)
    if let password { try askWitness("AUTH \(password)", "OK") }
    // What is made at first use is made now, and not on account of the first input.
    for _ in 0..<3 { try serveWitness() }
  }

  /// Tries an input, in one piece or in pieces of so many bytes; returns what is wrong, or nil.
  func wrong(with bad: BadInput, pieceBytes: Int = .max) throws -> String? {
    try askWitness("FLUSHALL", "OK")
    server.forgetPeakMemory()
    let before = server.residentBytes
    let client = try Client(port: server.port)
    client.sendAtOnce()
    var input = (bad.input + (bad.ending == .lives ? bad.probe.request : "")).bytes[...]
    var isWitnessServed = false
    while !input.isEmpty {
      // A server that has closed its side takes no more.
      try? client.send(Array(input.prefix(pieceBytes)))
      input = input.dropFirst(pieceBytes)
      if !isWitnessServed || input.isEmpty { try serveWitness() }
      isWitnessServed = true
    }
    if bad.ending == .waits, !client.receiveAvailable() { return "the server does not wait for the rest" }
    if bad.ending != .closes { client.shutDownWriting() }
    let reply = try client.readBytesToEnd()
    try serveWitness()
    if reply != bad.wholeReply { return "answered \(Self.shown(reply)), not \(Self.shown(bad.wholeReply))" }
    let grown = server.residentBytesPeak - before
    if grown > bad.memoryBytesMax { return "the server's memory grew by \(grown) bytes" }
    let keys = try keyCount()
    return keys == bad.keys ? nil : "there are \(keys) keys, not \(bad.keys)"
  }

  /// All that Redis answers to an input until the end of the stream; nil if it does not end.
  static func reply(to bad: BadInput, port: UInt16) throws -> [UInt8]? {
    let client = try Client(port: port, seconds: 1)
    try? client.send((bad.input + (bad.ending == .lives ? bad.probe.request : "")).bytes)
    // Redis throws away what it has not sent when its client's side ends: many replies are taken before.
    if bad.ending == .lives, bad.reply.bytes.count > 10_000 {
      return try? client.read(count: bad.wholeReply.count)
    }
    if bad.ending != .closes { client.shutDownWriting() }
    return try? client.readBytesToEnd()
  }

  /// Has the witness do some work, which is answered at once.
  func serveWitness() throws {
    count += 1
    let start = now()
    try askWitness("PING \(count)", "VALUE \(count)")
    longestWait = max(longestWait, now() - start)
    if longestWait > Self.waitMax { throw TestFailure("another client has waited for \(longestWait) s") }
  }

  /// How many keys there are.
  func keyCount() throws -> Int {
    Int(try witness.ask("COUNT")?.split(separator: " ").last ?? "") ?? -1
  }

  /// Has the witness ask for something.
  func askWitness(_ request: String, _ reply: String) throws {
    let answer = try witness.ask(request)
    guard answer == reply else { throw TestFailure("another client's \(request) was answered \(answer ?? "nothing")") }
  }

  /// Bytes for people: not too many of them.
  static func shown(_ bytes: [UInt8]) -> String {
    let text = bytes.prefix(300).map { byte -> String in
      switch byte {
      case 0x0D: "\\r"
      case 0x0A: "\\n"
      case 0x20..<0x7F: String(UnicodeScalar(byte))
      default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }.joined()
    return bytes.count > 300 ? "\(text)… (\(bytes.count) bytes)" : "\"\(text)\""
  }
}
