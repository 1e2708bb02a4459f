import Bytes
import Store
import Wire

@testable import Commands

/// An executor over a keyspace of its own with one client, which tests call with words; its clock stands still.
final class ExecutorDriver {
  var executor: CommandExecutor
  private var buffer = ByteBuffer()
  private var ranges = RangeList()

  init(_ dialect: Dialect = .resp2, settings: Settings = Settings(), memoryLimitBytes: UInt64? = nil) {
    let keyspace: Keyspace
    do throws(StoreError) {
      keyspace = try Keyspace(seed: HashSeed(1, 2, 3, 4), pages: .heap, memoryLimitBytes: memoryLimitBytes)
    } catch {
      fatalError("no keyspace: \(error)")
    }
    executor = CommandExecutor(keyspace: keyspace, settings: settings, clientsMax: 4, randomSeed: 1)
    executor.now = 1_700_000_000_000
    executor.openClient(0, dialect: dialect)
    executor.select(0)
  }

  /// Executes one request, and returns the bytes of its reply.
  @discardableResult
  func run(_ words: [[UInt8]]) -> [UInt8] {
    take(words)
    let outcome = executor.execute(ranges, of: buffer)
    precondition(outcome == .replied, "the driver knows commands that reply at once")
    return Self.bytes(of: executor.replies.buffer)
  }

  /// Executes one request written as in a transcript as a command of several, which need not be in the table.
  func run(typed line: String, among rows: [Command], of container: StaticString) -> String {
    take(Self.words(line))
    _ = executor.runSubcommand(
      of: rows, container: container, Request(bytes: buffer.span, words: ranges.span))
    return Self.shown(Self.bytes(of: executor.replies.buffer))
  }

  private func take(_ words: [[UInt8]]) {
    buffer.removeAll()
    ranges.removeAll()
    for word in words {
      ranges.append(ByteRange(offset: buffer.count, count: word.count))
      buffer.append(word.span)
    }
    executor.replies.buffer.removeAll()
  }

  private static func bytes(of buffer: borrowing ByteBuffer) -> [UInt8] { buffer.span.copied }

  /// Executes one request whose words are texts.
  @discardableResult
  func run(_ words: String...) -> String { Self.shown(run(words.map { Array($0.utf8) })) }

  /// Executes one request written as in a transcript.
  @discardableResult
  func run(typed line: String) -> String { Self.shown(run(Self.words(line))) }

  /// An integer reply's number, or nil for any other reply.
  func integer(_ words: [UInt8]...) -> Int? {
    let reply = run(words)
    return reply.first == UInt8(ascii: ":") ? Int(String(decoding: reply.dropFirst().dropLast(2), as: UTF8.self)) : nil
  }

  /// A bulk reply's bytes, or nil for any other reply.
  func bulk(_ words: [UInt8]...) -> [UInt8]? {
    let reply = run(words)
    guard reply.first == UInt8(ascii: "$"), let end = reply.firstIndex(of: 10), reply[1] != UInt8(ascii: "-") else {
      return nil
    }
    return Array(reply[(end + 1)..<(reply.count - 2)])
  }

  /// Checks the keyspace whole.
  func checkInvariants() { executor.keyspace.checkInvariants() }

  // MARK: - Transcripts

  /// A reply on one line: `|` for each CR LF but the last, other bytes that do not print as `\xNN`; of a long one the
  /// beginning and a hash (FNV-1a).
  static func shown(_ reply: [UInt8]) -> String {
    let text = spelled(reply)
    guard text.utf8.count > 100 else { return text }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return text.prefix(60) + "..." + String(hash, radix: 16)
  }

  private static func spelled(_ reply: [UInt8]) -> String {
    var text = ""
    var index = 0
    while index < reply.count {
      let byte = reply[index]
      if byte == 13, index + 1 < reply.count, reply[index + 1] == 10 {
        if index + 2 < reply.count { text += "|" }
        index += 2
        continue
      }
      let isPrintable = byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\\")
      text += isPrintable ? String(UnicodeScalar(byte)) : "\\x" + hex(byte >> 4) + hex(byte & 15)
      index += 1
    }
    return text
  }

  private static func hex(_ digit: UInt8) -> String { String(digit, radix: 16) }

  /// The words of a line: apart by a space each, in double quotes if they hold one or are empty, with escapes `\xNN`.
  static func words(_ line: String) -> [[UInt8]] {
    var words: [[UInt8]] = []
    var word: [UInt8] = []
    var isQuoted = false
    var hasWord = false
    let bytes = Array(line.utf8)
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        isQuoted.toggle()
        hasWord = true
      case UInt8(ascii: " ") where !isQuoted:
        if hasWord { words.append(word) }
        word = []
        hasWord = false
      case UInt8(ascii: "\\"):
        word.append(ASCII.hexDigit(bytes[index + 2])! << 4 | ASCII.hexDigit(bytes[index + 3])!)
        hasWord = true
        index += 3
      default:
        word.append(bytes[index])
        hasWord = true
      }
      index += 1
    }
    if hasWord { words.append(word) }
    return words
  }
}

/// The bytes of a text.
func bytes(_ text: some StringProtocol) -> [UInt8] { Array(text.utf8) }

/// The bytes of a number in decimal.
func bytes(_ number: Int) -> [UInt8] { Array(String(number).utf8) }
