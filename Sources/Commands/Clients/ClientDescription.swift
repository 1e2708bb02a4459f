import Bytes

/// What only the server knows of a connection.
public struct ConnectionFacts: Sendable {
  /// The peer's address.
  public var address: [UInt8] = []
  /// The address that it has connected to.
  public var localAddress: [UInt8] = []
  /// The kernel's number for its socket.
  public var descriptor: Int32 = 0
  /// Bytes received and not executed.
  public var inputBytes = 0
  /// Bytes that its socket has not taken.
  public var outputBytes = 0
  /// Whether room to send is waited for.
  public var isWritableAwaited = false

  /// Creates facts that are all zero.
  public init() {}
}

extension CommandExecutor {
  /// Whether the client at a place passes what a filter asks of its session; its addresses are not looked at.
  public func matches(_ slot: Int, _ filter: ClientFilter) -> Bool {
    let client = clients[slot]
    if let ids = filter.ids, !ids.contains(client.id) { return false }
    if let age = filter.ageSecondsMin, UInt64(max(0, now - client.connectedAt)) / 1000 < age { return false }
    switch filter.type {
    case nil: return true
    case .normal: return !client.flags.contains(.isSubscriber)
    case .pubsub: return client.flags.contains(.isSubscriber)
    case .master, .replica: return false
    }
  }

  /// Appends a client's line of CLIENT LIST, with Redis's fields.
  public func appendDescription(of slot: Int, _ facts: ConnectionFacts, to text: inout ByteBuffer) {
    let client = clients[slot]
    let details = clients.details(of: slot)
    func field(_ name: StaticString, _ number: Int64) {
      text.append(name)
      text.append(decimal: number)
    }
    func field(_ name: StaticString, _ bytes: [UInt8]) {
      text.append(name)
      text.append(bytes.span)
    }
    field("id=", Int64(client.id))
    field(" addr=", facts.address)
    field(" laddr=", facts.localAddress)
    field(" fd=", Int64(facts.descriptor))
    field(" name=", details.name)
    field(" age=", max(0, now - client.connectedAt) / 1000)
    field(" idle=", max(0, now - client.lastRequestAt) / 1000)
    field(" flags=", Self.flagLetters(client.flags))
    field(" db=", 0)
    field(" sub=", Int64(details.channels.count))
    field(" psub=", Int64(details.patterns.count))
    field(" ssub=", 0)
    field(" multi=", client.flags.contains(.inTransaction) ? Int64(details.transaction.requestCount) : -1)
    field(" qbuf=", Int64(facts.inputBytes))
    field(" qbuf-free=", 0)
    field(" argv-mem=", 0)
    field(" multi-mem=", Int64(details.transaction.bytes.count))
    field(" rbs=", 0)
    field(" rbp=", 0)
    field(" obl=", Int64(facts.outputBytes))
    field(" oll=", 0)
    field(" omem=", Int64(facts.outputBytes))
    field(" tot-mem=", Int64(facts.inputBytes + facts.outputBytes))
    field(" events=", Array((facts.isWritableAwaited ? "rw" : "r").utf8))
    text.append(" cmd=")
    if client.lastRow == 0 {
      text.append("NULL")
    } else {
      text.append(lowercased: CommandTable.rows[Int(client.lastRow) - 1].name)
    }
    text.append(" user=default redir=-1")
    field(" resp=", client.dialect == .resp3 ? 3 : 2)
    field(" lib-name=", details.libraryName)
    field(" lib-ver=", details.libraryVersion)
    text.append("\n")
  }

  private static func flagLetters(_ flags: Client.Flags) -> [UInt8] {
    var letters = ""
    if flags.contains(.isSubscriber) { letters += "P" }
    if flags.contains(.inTransaction) { letters += "x" }
    if flags.contains(.watchedKeyChanged) { letters += "d" }
    if flags.contains(.noEvict) { letters += "e" }
    if flags.contains(.noTouch) { letters += "T" }
    return Array((letters.isEmpty ? "N" : letters).utf8)
  }
}
