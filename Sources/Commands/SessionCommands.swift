import Bytes
import Wire

/// The commands that touch no key.
enum SessionCommands {
  static func ping(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    if request.count > 1 {
      executor.replies.value(request[1])
    } else {
      executor.replies.status("PONG")
    }
    return .replied
  }

  static func quit(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.replies.status("OK")
    return .closing
  }

  static func help(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    if request.count == 1 {
      listAll(&executor)
    } else if let command = command(named: request[1]) {
      explain(command, &executor)
    } else {
      executor.refuseUnknown(request[1])
    }
    return .replied
  }

  private static func command(named verb: Span<UInt8>) -> Command? {
    guard let word = FoldedWord(verb) else { return nil }
    return CommandTable.rows.first { FoldedWord($0.name) == word }
  }

  private static func listAll(_ executor: inout CommandExecutor) {
    let rows = CommandTable.rows
    let usages = rows.map { row in
      var usage = ByteBuffer()
      row.appendUsage(to: &usage)
      return usage.count
    }
    let width = usages.max() ?? 0
    for (row, usageLength) in zip(rows, usages) {
      var line = ByteBuffer()
      row.appendUsage(to: &line)
      for _ in usageLength..<width + 2 { line.append(UInt8(ascii: " ")) }
      line.append(row.summary)
      executor.replies.text(line.span)
    }
    executor.replies.end(rows.count)
  }

  private static func explain(_ command: Command, _ executor: inout CommandExecutor) {
    var usage = ByteBuffer()
    command.appendUsage(to: &usage)
    executor.replies.text(usage.span)
    executor.replies.text(command.summary)
    var takes = ByteBuffer()
    takes.append("takes ")
    command.appendPhrase(to: &takes)
    executor.replies.text(takes.span)
    executor.replies.end(3)
  }
}
