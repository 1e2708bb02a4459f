// Commands of several: CLIENT LIST, CONFIG GET and their like. Each counts its arguments after its own name, which is
// word 1; its handler is given the whole request.

import Bytes
import Wire

extension CommandExecutor {
  /// Runs the subcommand that word 1 names; HELP among them derives from the rows.
  mutating func runSubcommand(
    of rows: [Command], container: StaticString, _ request: borrowing Request
  ) -> Outcome {
    let word = FoldedWord(request[1])
    guard let command = rows.first(where: { FoldedWord($0.name) == word }) else {
      if word == FoldedWord("HELP") {
        replyHelp(of: rows, container: container)
      } else {
        refuseUnknownSubcommand(request[1], container)
      }
      return .replied
    }
    let argumentCount = Int32(truncatingIfNeeded: request.count - 2)
    guard argumentCount >= command.argumentsMin, argumentCount <= command.argumentsMax else {
      refuseArity(command, container: container)
      return .replied
    }
    if command.keys.first != 0 { keyHash = keyspace.hash(request[Int(command.keys.first) + 1]) }
    return command.run(request, &self)
  }

  private mutating func replyHelp(of rows: [Command], container: StaticString) {
    replies.array(rows.count * 2 + 2)
    for row in rows {
      var usage = ByteBuffer()
      usage.append(container)
      usage.append(" ")
      row.appendUsage(to: &usage)
      replies.text(usage.span)
      var summary = ByteBuffer()
      summary.append("    ")
      summary.append(row.summary)
      replies.text(summary.span)
    }
    var usage = ByteBuffer()
    usage.append(container)
    usage.append(" HELP")
    replies.text(usage.span)
    replies.text("    List these subcommands")
  }
}
