// What a run did: folded into one number, so that two runs can be compared to the last byte, and the last events kept
// for whoever has to find out what went wrong.

import Bytes

/// Something that happened at the seam between the server and its machine.
struct TracedEvent: BitwiseCopyable {
  enum Kind: UInt8 {
    case turn, event, accept, acceptNothing, acceptFailure, receive, receiveNothing, receiveEnd, receiveError
    case send, sendNothing, sendError, shutDown, close, watch, rewatch, written, message, executed
    case connect, clientSends, clientEnds, clientResets, clientTakes
    case told, wallJump, pause, signal, storage, storageDone, powerCut, rot
  }

  var turn: UInt64
  var nanoseconds: UInt64
  var kind: Kind
  var descriptor: Int32
  var number: Int64
  var hash: UInt64
}

/// The trace of a run.
struct Trace {
  /// How many of the last events are kept.
  private static let keptCount = 4096

  private(set) var hash: UInt64 = 0x5157_1F7E_7000_0001
  private(set) var count = 0
  private var kept: [TracedEvent] = []
  private let seed = HashSeed(
    0x9E37_79B9_7F4A_7C15, 0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB, 0xD6E8_FEB8_6659_FD93)
  var turn: UInt64 = 0

  init() { kept.reserveCapacity(Self.keptCount) }

  mutating func note(
    _ kind: TracedEvent.Kind, _ nanoseconds: UInt64, _ descriptor: Int32 = -1, _ number: Int = 0, hash word: UInt64 = 0
  ) {
    let event = TracedEvent(
      turn: turn, nanoseconds: nanoseconds, kind: kind, descriptor: descriptor,
      number: Int64(truncatingIfNeeded: number), hash: word)
    fold(nanoseconds ^ UInt64(kind.rawValue) << 56)
    fold(UInt64(truncatingIfNeeded: number) ^ UInt64(UInt32(bitPattern: descriptor)) << 32 ^ word)
    if kept.count < Self.keptCount { kept.append(event) } else { kept[count % Self.keptCount] = event }
    count += 1
  }

  /// Notes bytes too.
  mutating func note(
    _ kind: TracedEvent.Kind, _ nanoseconds: UInt64, _ descriptor: Int32, bytes: Span<UInt8>
  ) {
    note(kind, nanoseconds, descriptor, bytes.count, hash: seed.hash(bytes))
  }

  private mutating func fold(_ word: UInt64) {
    let product = (hash ^ word).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
    hash = product.high ^ product.low &+ 0x9E37_79B9_7F4A_7C15
  }

  /// The last events, the newest last; those of one descriptor only if it is given.
  func last(_ wanted: Int, of descriptor: Int32? = nil) -> [TracedEvent] {
    let start = kept.count < Self.keptCount ? 0 : count % Self.keptCount
    let ordered = kept[start...] + kept[..<start]
    return ordered.filter { $0.kind != .executed && (descriptor == nil || $0.descriptor == descriptor) }.suffix(wanted)
  }
}

extension TracedEvent: CustomStringConvertible {
  var description: String {
    var text = "turn \(turn) at \(nanoseconds / 1_000) µs: \(kind)"
    if descriptor >= 0 { text += ", descriptor \(descriptor)" }
    if number != 0 { text += ", \(number)" }
    return text
  }
}
