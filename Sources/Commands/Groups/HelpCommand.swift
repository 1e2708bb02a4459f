import Bytes
import Wire

/// HELP, which derives from the table.
enum HelpCommand {
  static func help(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    if request.count == 1 {
      listAll(&executor)
    } else if let row = executor.row(of: request[1]) {
      explain(CommandTable.rows[row], &executor)
    } else {
      executor.refuseUnknown(request, verb: 1)
    }
    return .replied
  }

  private static func listAll(_ executor: inout CommandExecutor) {
    let rows = CommandTable.rows
    executor.replies.array(rows.count)
    for row in rows {
      var line = ByteBuffer()
      row.appendUsage(to: &line)
      if line.count > 40 {
        line.removeAll()
        line.append(row.name)
        line.append(" ...")
      }
      repeat { line.append(UInt8(ascii: " ")) } while line.count < 42
      line.append(row.summary)
      executor.replies.status(line.span)
    }
  }

  private static func explain(_ command: Command, _ executor: inout CommandExecutor) {
    let isUnlike = command.difference.utf8CodeUnitCount > 0
    executor.replies.array(3 + command.subcommands.count + (isUnlike ? 1 : 0))
    var usage = ByteBuffer()
    command.appendUsage(to: &usage)
    executor.replies.status(usage.span)
    executor.replies.status(command.summary)
    if isUnlike {
      var line = ByteBuffer()
      line.append("unlike Redis: ")
      line.append(command.difference)
      executor.replies.status(line.span)
    }
    var time = ByteBuffer()
    time.append("time: ")
    time.append(command.complexity)
    executor.replies.status(time.span)
    for subcommand in command.subcommands {
      var line = ByteBuffer()
      line.append(command.name)
      line.append(" ")
      subcommand.appendUsage(to: &line)
      line.append("  ")
      line.append(subcommand.summary)
      executor.replies.status(line.span)
    }
  }
}
