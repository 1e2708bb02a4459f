// Requests in, replies and changes out. The executor owns the keyspace and the turn's replies; it knows no socket and
// no clock. One request costs a verb lookup, the checks that its row asks for, and its function.

import Bytes
import Store
import Wire

/// Executes requests against a keyspace.
public struct CommandExecutor: ~Copyable {
  /// All keys and values.
  public var keyspace: Keyspace
  /// The replies written so far; whoever sends them empties it.
  public var replies: ReplyWriter
  let limits: CommandLimits
  var listings: Listings
  private let verbs: VerbIndex
  private let shapes: ZeroedArray<CommandShape>
  private let handlers: [Command.Handler]

  /// Creates an executor for the commands of the table.
  public init(keyspace: consuming Keyspace, limits: CommandLimits) {
    let rows = CommandTable.rows
    self.keyspace = keyspace
    self.limits = limits
    replies = ReplyWriter(capacity: 64 * 1024)
    listings = Listings()
    verbs = VerbIndex(rows)
    var shapes = ZeroedArray<CommandShape>(count: rows.count)
    for (row, command) in rows.enumerated() { shapes[row] = CommandShape(command.arguments) }
    self.shapes = shapes
    handlers = rows.map(\.run)
  }

  /// Executes the request whose words are parts of `buffer`.
  public mutating func execute(_ words: borrowing RangeList, of buffer: borrowing ByteBuffer) -> Outcome {
    execute(Request(bytes: buffer.span, words: words.span))
  }

  /// Executes one request, which has at least a verb, and writes its reply.
  public mutating func execute(_ request: borrowing Request) -> Outcome {
    guard let row = verbs.row(of: request[0]) else {
      refuseUnknown(request[0])
      return .replied
    }
    let shape = shapes[row]
    let argumentCount = Int32(truncatingIfNeeded: request.count - 1)
    if argumentCount < shape.argumentsMin || argumentCount > shape.argumentsMax {
      refuseArity(CommandTable.rows[row])
      return .replied
    }
    guard keepsLimits(request, shape) else { return .replied }
    let run = handlers[row]
    return run(request, &self)
  }

  /// Checks the lengths of keys, value and pattern; writes the refusal if one is too long.
  private mutating func keepsLimits(_ request: borrowing Request, _ shape: CommandShape) -> Bool {
    if shape.firstKey != 0 {
      var index = Int(shape.firstKey)
      let end = shape.keysRepeat ? request.count : index + 1
      while index < end {
        let length = request[index].count
        if length > limits.keyBytesMax {
          return refuseLength("key", length, limits.keyBytesMax, flag: "--max-key-bytes")
        }
        index += 1
      }
    }
    if shape.value != 0 {
      let length = request[Int(shape.value)].count
      if length > limits.valueBytesMax {
        return refuseLength("value", length, limits.valueBytesMax, flag: "--max-value-bytes")
      }
    }
    if shape.pattern != 0, request.count > Int(shape.pattern) {
      let length = request[Int(shape.pattern)].count
      if length > limits.patternBytesMax {
        return refuseLength("pattern", length, limits.patternBytesMax, flag: nil)
      }
    }
    return true
  }
}
