import Bytes
import Commands

/// The reference page of all commands, in Markdown.
enum ReferencePage {
  static var text: String {
    var lines = [
      "# The commands", "", "What each command takes, does and costs.", "", "## Overview", "",
      "Each command can be given in both dialects: as a line, and in the Redis protocol. A command that Redis has",
      "takes the same arguments and gives the same replies; where it does not, this page says so. `[x]` may be left",
      "out, `a | b` is a choice, `...` is more of the same. What a command costs is how its time grows.", "",
      "This page is written from the server's own table; `HELP` shows the same at the prompt, `COMMAND DOCS` to",
      "programs.",
    ]
    for group in Command.Group.allCases {
      let rows = CommandTable.rows.filter { $0.group == group }.sorted { "\($0.name)" < "\($1.name)" }
      if rows.isEmpty { continue }
      lines += ["", "## \(title(group))"]
      for row in rows { append(row, to: &lines) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func title(_ group: Command.Group) -> String {
    switch group {
    case .string: "Values"
    case .bitmap: "Bits"
    case .generic: "Keys"
    case .transactions: "Transactions"
    case .connection: "The connection"
    case .pubsub: "Publish and subscribe"
    case .server: "The server"
    case .scripting: "Scripts"
    }
  }

  private static func append(_ row: Command, to lines: inout [String]) {
    lines += ["", "### \(row.name)", ""]
    if row.subcommands.isEmpty || row.argumentsMin == 0 { lines += ["    \(usage(row))", ""] }
    if row.subcommands.isEmpty {
      lines.append("\(row.summary). Time: \(sentence(row.complexity))")
    } else {
      lines.append("\(row.summary).")
    }
    appendDifference(row, to: &lines)
    for subcommand in row.subcommands {
      lines += ["", "    \(row.name) \(usage(subcommand))", ""]
      lines.append("\(subcommand.summary). Time: \(sentence(subcommand.complexity))")
      appendDifference(subcommand, to: &lines)
    }
  }

  private static func appendDifference(_ row: Command, to lines: inout [String]) {
    if row.difference.utf8CodeUnitCount > 0 { lines += ["", "*Unlike Redis:* \(row.difference)"] }
  }

  private static func usage(_ command: Command) -> String {
    var text = ByteBuffer()
    command.appendUsage(to: &text)
    return String(decoding: text.span.copied, as: UTF8.self)
  }

  private static func sentence(_ text: StaticString) -> String { "\(text)".hasSuffix(".") ? "\(text)" : "\(text)." }
}
