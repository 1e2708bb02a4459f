// The slow log: the last commands that took longer than a bound. The executor has no clock: whoever drives it asks
// whether a request is to be timed, and tells how long it took.

import Bytes
import Wire

/// A command that took long.
struct SlowCommand {
  let id: Int64
  /// When it ended, in seconds since 1970.
  let time: Int64
  let microseconds: Int64
  /// Its first words, shortened.
  let words: [[UInt8]]
  let client: UInt64
  let clientName: [UInt8]
  /// The address of its client, which only the server knows.
  var address: [UInt8] = []
}

/// The last slow commands, newest last.
struct SlowLog {
  private(set) var commands: [SlowCommand] = []
  private var nextID: Int64 = 0

  mutating func append(
    _ words: [[UInt8]], time: Int64, microseconds: Int64, client: UInt64, clientName: [UInt8], keeping: Int
  ) {
    commands.append(
      SlowCommand(
        id: nextID, time: time, microseconds: microseconds, words: words, client: client, clientName: clientName))
    nextID += 1
    if commands.count > keeping { commands.removeFirst(commands.count - keeping) }
  }

  mutating func removeAll() { commands.removeAll() }

  /// Notes the address of the client whose command was appended last.
  mutating func setAddress(_ address: [UInt8]) {
    if !commands.isEmpty { commands[commands.count - 1].address = address }
  }
}

extension CommandExecutor {
  /// Notes how long a request took; returns whether the slow log keeps it, and would like to know its client's address.
  public mutating func record(
    _ batch: borrowing RequestBatch, _ index: Int, of buffer: borrowing ByteBuffer, nanoseconds: UInt64
  ) -> Bool {
    let microseconds = Int64(clamping: nanoseconds / 1_000)
    let threshold = settings.latencyThresholdMilliseconds
    if threshold > 0, row >= 0, microseconds / 1_000 >= threshold {
      let isFast = shape(of: row).traits.contains(.fast)
      latency.record(isFast ? "fast-command" : "command", time: now / 1_000, milliseconds: microseconds / 1_000)
    }
    guard settings.slowLogMicroseconds >= 0, microseconds >= settings.slowLogMicroseconds,
      settings.slowLogLength > 0
    else { return false }
    let request = batch.requests(of: buffer.span)[index]
    slowLog.append(
      SlowLogExcerpt.words(of: request), time: now / 1_000, microseconds: microseconds, client: clients[current].id,
      clientName: clients.details(of: current).name, keeping: settings.slowLogLength)
    return true
  }

  /// Notes the address of the client whose request `record` kept.
  public mutating func noteAddressOfSlowCommand(_ address: [UInt8]) { slowLog.setAddress(address) }
}

/// How much of a command the slow log keeps, as Redis does; no passwords.
private enum SlowLogExcerpt {
  static let wordsMax = 32
  static let wordBytesMax = 128

  static func words(of request: borrowing Request) -> [[UInt8]] {
    var words: [[UInt8]] = []
    for index in 0..<min(request.count, wordsMax) {
      if index == wordsMax - 1, request.count > wordsMax {
        words.append(Array("... (\(request.count - wordsMax + 1) more arguments)".utf8))
      } else if isSecret(request, index) {
        words.append(Array("(redacted)".utf8))
      } else {
        words.append(shortened(request[index]))
      }
    }
    return words
  }

  private static func shortened(_ word: Span<UInt8>) -> [UInt8] {
    guard word.count > wordBytesMax else { return word.copied }
    return word.extracting(0..<wordBytesMax).copied + Array("... (\(word.count - wordBytesMax) more bytes)".utf8)
  }

  /// Whether a word may be a password: what is given to AUTH, behind HELLO's AUTH, or behind a name of CONFIG SET's.
  private static func isSecret(_ request: borrowing Request, _ index: Int) -> Bool {
    guard index > 0 else { return false }
    if request[0].isWord("AUTH") { return true }
    if request[0].isWord("HELLO") {
      return request[index - 1].isWord("AUTH") || (index > 1 && request[index - 2].isWord("AUTH"))
    }
    return request[0].isWord("CONFIG") && index > 2 && request[index - 1].isWord("REQUIREPASS")
  }
}
