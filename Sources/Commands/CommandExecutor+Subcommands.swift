// Commands of several: CLIENT LIST, CONFIG GET and their like. Each counts its arguments after its own name, which is
// word 1; its handler is given the whole request.

import Bytes
import Wire

extension CommandExecutor {
  /// Runs the subcommand that word 1 names; HELP among them derives from the rows.
  mutating func runSubcommand(
    of rows: [Command], container: StaticString, _ request: borrowing Request
  ) -> Outcome {
    guard isAcceptable(request, subcommandOf: rows, container) else { return .replied }
    guard let command = Self.subcommand(request[1], among: rows) else {
      replyHelp(of: rows, container: container)
      return .replied
    }
    if command.keys.first != 0 { keyHash = keyspace.hash(request[Int(command.keys.first) + 1]) }
    return command.run(request, &self)
  }

  /// The checks of a request whose command may be one of several; writes the refusal if one fails.
  mutating func isAcceptableSubcommand(_ request: borrowing Request) -> Bool {
    let command = CommandTable.rows[row]
    guard !command.subcommands.isEmpty, request.count >= 2 else { return true }
    return isAcceptable(request, subcommandOf: command.subcommands, command.name)
  }

  private mutating func isAcceptable(
    _ request: borrowing Request, subcommandOf rows: [Command], _ container: StaticString
  ) -> Bool {
    let argumentCount = Int32(truncatingIfNeeded: request.count - 2)
    let isHelp = FoldedWord(request[1]) == FoldedWord(Self.helpRow.name)
    if let command = Self.subcommand(request[1], among: rows) ?? (isHelp ? Self.helpRow : nil) {
      guard argumentCount >= command.argumentsMin, argumentCount <= command.argumentsMax else {
        refuseArity(command, container: container)
        return false
      }
    } else {
      refuseUnknownSubcommand(request[1], container)
      return false
    }
    return true
  }

  /// What each command of several has beside its own rows; not in the table, since its reply derives from those.
  private static let helpRow = Command(
    "HELP", .connection, [], [.noAuth], "O(1)", "List these subcommands", run: HelpCommand.help)

  /// The row of a subcommand, or nil.
  static func subcommand(_ name: Span<UInt8>, among rows: [Command]) -> Command? {
    let word = FoldedWord(name)
    return rows.first { FoldedWord($0.name) == word }
  }

  private mutating func replyHelp(of rows: [Command], container: StaticString) {
    replies.array(rows.count * 2 + 2)
    for row in rows {
      var usage = ByteBuffer()
      usage.append(container)
      usage.append(" ")
      row.appendUsage(to: &usage)
      replies.status(usage.span)
      var summary = ByteBuffer()
      summary.append("    ")
      summary.append(row.summary)
      replies.status(summary.span)
    }
    var usage = ByteBuffer()
    usage.append(container)
    usage.append(" HELP")
    replies.status(usage.span)
    replies.status("    List these subcommands")
  }
}
