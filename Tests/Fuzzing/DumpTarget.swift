// Payloads of RESTORE. Anything is refused with one of three errors and without a trace, or stored; what is stored is
// what a second, simple reader of the format makes of the payload; and the dump of what was stored gives it again.
//
// Flags: 0 the footer is as it came; otherwise a version and a good checksum are put behind the body. 1 the body is a
// value, to be dumped.

import Bytes
import Commands

enum DumpTarget {
  static let valueBytesMax = 100_000

  static func run(_ input: FuzzInput) {
    var settings = Settings()
    settings.valueBytesMax = valueBytesMax
    let client = Caller(settings)
    if input.has(1) { return roundTrip(input.body, client) }
    let payload = input.has(0) ? input.body : sealed(input.body)
    let reply = client.run("RESTORE", Array("k".utf8), Array("0".utf8), payload)
    let expected = StringReader.value(payload)
    if reply == "+OK\r\n" {
      let value = client.bulk("GET", Array("k".utf8))
      check(value != nil && value == expected, "\(payload) is \(expected ?? []), not \(value ?? [])")
      roundTrip(value ?? [], client)
    } else {
      check(refusals.contains(reply), "RESTORE answers something else: \(reply)")
      check(client.run("EXISTS", Array("k".utf8)) == ":0\r\n", "what is refused is not stored")
      check(expected == nil || expected!.count > valueBytesMax, "\(payload) is refused, and is \(expected ?? [])")
    }
    client.executor.keyspace.checkInvariants()
  }

  private static let refusals: Set = [
    "-ERR DUMP payload version or checksum are wrong\r\n", "-ERR Bad data format\r\n",
    "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n",
  ]

  private static func roundTrip(_ value: [UInt8], _ client: Caller) {
    check(client.run("SET", Array("a".utf8), value) == "+OK\r\n", "a value is stored")
    guard let payload = client.bulk("DUMP", Array("a".utf8)) else { return check(false, "a value is dumped") }
    check(StringReader.value(payload) == value, "\(value) is dumped as \(payload)")
    let reply = client.run("RESTORE", Array("b".utf8), Array("0".utf8), payload)
    check(reply == "+OK\r\n", "a dump is restored: \(reply)")
    check(client.bulk("GET", Array("b".utf8)) == value, "a dump of \(value) gives it again")
  }

  static func sealed(_ body: [UInt8]) -> [UInt8] {
    let payload = body + [10, 0]
    let sum = StringReader.checksum(payload)
    return payload + (0..<8).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) }
  }
}

/// Reads a string of Redis's RDB format, which is written down with `DumpPayload`.
enum StringReader {
  /// The string, or nil if the payload is none.
  static func value(_ payload: [UInt8]) -> [UInt8]? {
    guard payload.count >= 10 else { return nil }
    let end = payload.count - 10
    guard Int(payload[end]) | Int(payload[end + 1]) << 8 <= 11 else { return nil }
    let sum = (0..<8).reduce(UInt64(0)) { $0 | UInt64(payload[end + 2 + $1]) << (8 * $1) }
    guard checksum(Array(payload[..<(end + 2)])) == sum, end >= 2, payload[0] == 0 else { return nil }
    var rest = payload[1..<end]
    switch rest[1] {
    case 0xC0: return number(rest.dropFirst(), 1)
    case 0xC1: return number(rest.dropFirst(), 2)
    case 0xC2: return number(rest.dropFirst(), 4)
    case 0xC3:
      rest.removeFirst()
      guard let packed = length(&rest), let count = length(&rest), packed <= rest.count else { return nil }
      return LZFReader.value(Array(rest.prefix(Int(packed))), count: count)
    default:
      guard let count = length(&rest), count <= rest.count else { return nil }
      return Array(rest.prefix(Int(count)))
    }
  }

  private static func number(_ rest: ArraySlice<UInt8>, _ bytes: Int) -> [UInt8]? {
    guard rest.count >= bytes else { return nil }
    let word = rest.prefix(bytes).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let number =
      switch bytes {
      case 1: Int(Int8(truncatingIfNeeded: word))
      case 2: Int(Int16(truncatingIfNeeded: word))
      default: Int(Int32(bitPattern: word))
      }
    return Array("\(number)".utf8)
  }

  private static func length(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    guard let first = rest.popFirst() else { return nil }
    if first < 0x40 { return UInt64(first) }
    let bytes: Int
    switch first {
    case 0x40..<0x80: bytes = 1
    case 0x80: bytes = 4
    case 0x81: bytes = 8
    default: return nil
    }
    guard rest.count >= bytes else { return nil }
    let high = bytes == 1 ? UInt64(first & 0x3F) : 0
    defer { rest = rest.dropFirst(bytes) }
    return rest.prefix(bytes).reduce(high) { $0 << 8 | UInt64($1) }
  }

  /// CRC-64 as Redis has it (the polynomial of Jones, reflected), a bit at a time.
  static func checksum(_ bytes: [UInt8]) -> UInt64 {
    var sum: UInt64 = 0
    for byte in bytes {
      sum ^= UInt64(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0x95AC_9329_AC4B_C9B5 : sum >> 1 }
    }
    return sum
  }
}
