// A client of an executor without a server: requests as words, replies as bytes.

import Bytes
import Commands
import Store
import Wire

/// Executes requests one at a time.
final class Caller {
  var executor: CommandExecutor

  init(_ settings: Settings = Settings(), memoryBytesMax: UInt64? = nil) {
    let seed = HashSeed(0x1234_5678_9ABC_DEF1, 0x0FED_CBA9_8765_4321, 0x1357_9BDF_0246_8ACF, 0xA5A5_5A5A_C3C3_3C3C)
    guard let keyspace = try? Keyspace(seed: seed, pages: .heap, memoryLimitBytes: memoryBytesMax) else {
      fatalError("there is memory for an empty keyspace")
    }
    executor = CommandExecutor(keyspace: keyspace, settings: settings, clientsMax: 1, randomSeed: 1)
    executor.now = 1_700_000_000_000
    executor.openClient(0, dialect: .resp2)
  }

  /// The reply as text; for requests with a reply of one line.
  func run(_ verb: String, _ words: [UInt8]...) -> String {
    String(decoding: reply([Array(verb.utf8)] + words), as: UTF8.self)
  }

  /// The bytes of a bulk reply; nil if it is another.
  func bulk(_ verb: String, _ words: [UInt8]...) -> [UInt8]? {
    let reply = reply([Array(verb.utf8)] + words)
    guard reply.first == UInt8(ascii: "$"), reply[1] != UInt8(ascii: "-"), let end = reply.firstIndex(of: 10) else {
      return nil
    }
    return Array(reply[(end + 1)...].dropLast(2))
  }

  private func reply(_ words: [[UInt8]]) -> [UInt8] {
    var buffer = ByteBuffer()
    var ranges = RangeList()
    for word in words {
      ranges.append(ByteRange(offset: buffer.count, count: word.count))
      buffer.append(word.span)
    }
    executor.select(0)
    let outcome = executor.execute(ranges, of: buffer)
    check(outcome == .replied, "a short request has a short reply")
    defer { executor.replies.buffer.removeAll() }
    return executor.replies.buffer.span.copied
  }
}
