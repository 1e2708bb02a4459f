import Bytes
import Testing
import Wire

@testable import Commands

/// A row, with the container that it belongs to if it is a subcommand, under the name that COMMAND gives it.
struct Row: Sendable, CustomTestStringConvertible {
  let command: Command
  let container: Command?

  /// All rows, subcommands included.
  static let all = CommandTable.rows.flatMap { command in
    [Row(command: command, container: nil)] + command.subcommands.map { Row(command: $0, container: command) }
  }

  var testDescription: String { words.joined(separator: "|") }

  /// The words that name it in a request.
  var words: [String] { (container.map { ["\($0.name)"] } ?? []) + ["\(command.name)"] }
}

@Suite struct CommandTableTests {
  @Test func `names differ`() {
    let names = CommandTable.rows.map { "\($0.name)" }
    #expect(Set(names).count == names.count)
    for row in CommandTable.rows {
      let names = row.subcommands.map { "\($0.name)" }
      #expect(Set(names).count == names.count, "\(row.name)")
      #expect(!names.contains("HELP"), "\(row.name): HELP derives from the rows")
    }
  }

  @Test(arguments: Row.all)
  func `a row says what there is to say`(row: Row) {
    let name = "\(row.command.name)"
    #expect((1...16).contains(name.utf8.count))
    #expect(name.allSatisfy { $0.isUppercase || $0 == "-" || $0.isNumber })
    #expect(row.command.complexity.utf8CodeUnitCount > 0)
    #expect(row.command.summary.utf8CodeUnitCount > 0)
    #expect(!"\(row.command.summary)".hasSuffix("."))
    #expect("\(row.command.summary)".first?.isUppercase == true)
    let difference = "\(row.command.difference)"
    #expect(difference.isEmpty || difference.hasSuffix("."))
    #expect(!row.command.traits.isSuperset(of: [.writes, .noAuth]))
  }

  @Test(arguments: Row.all)
  func `optional arguments stand behind the others`(row: Row) {
    let presences = row.command.arguments.map(\.presence)
    let firstOptional = presences.firstIndex { $0 != .required } ?? presences.count
    #expect(presences[firstOptional...].count <= 1)
  }

  @Test(arguments: Row.all)
  func `a word too few is refused in the words of Redis`(row: Row) {
    let missing = Int(row.command.argumentsMin) - 1
    guard missing >= 0 else { return }
    let request = (row.words + Array(repeating: "x", count: missing)).joined(separator: " ")
    let name = row.words.joined(separator: "|").lowercased()
    let reply = Session().run(request)
    // A container without its subcommand is told by its own name.
    #expect(reply == "-ERR wrong number of arguments for '\(name)' command\r\n")
  }

  @Test(arguments: Row.all)
  func `a word too many is refused in the words of Redis`(row: Row) {
    guard row.command.argumentsMax < Int32.max else { return }
    let request = row.words + Array(repeating: "x", count: Int(row.command.argumentsMax) + 1)
    let name = row.words.joined(separator: "|").lowercased()
    let reply = Session().run(request.joined(separator: " "))
    // EXEC says besides that the transaction is discarded.
    #expect(reply.hasSuffix("wrong number of arguments for '\(name)' command\r\n"))
  }

  @Test(arguments: Row.all)
  func `people are told how a command is written`(row: Row) {
    guard row.command.argumentsMax < Int32.max else { return }
    let name = row.words.joined(separator: " ")
    let words = row.words + Array(repeating: "x", count: Int(row.command.argumentsMax) + 1)
    let reply = Session(.line).run(words.joined(separator: " "))
    #expect(reply.hasPrefix("ERROR \(name) takes "))
    #expect(reply.contains(": \(name)"))
    #expect(reply.hasSuffix("\n"))
  }

  @Test(arguments: CommandTable.rows.map { Row(command: $0, container: nil) })
  func `HELP explains each command`(row: Row) {
    let session = Session(.line)
    #expect(
      session.run("HELP").contains("\n\(row.command.name) ") || session.run("HELP").hasPrefix("\(row.command.name) "))
    let lines = session.run("HELP \(row.command.name)").split(separator: "\n")
    #expect(lines.first?.hasPrefix("\(row.command.name)") == true)
    #expect(lines.dropFirst().first.map { $0 == "\(row.command.summary)" } == true)
    #expect(lines.contains("time: \(row.command.complexity)"))
    #expect(lines.last == "END \(lines.count - 1)")
    if !row.command.subcommands.isEmpty {
      let help = session.run("\(row.command.name) HELP")
      for subcommand in row.command.subcommands { #expect(help.contains("\(row.command.name) \(subcommand.name)")) }
      #expect(help.hasSuffix("END \(2 * row.command.subcommands.count + 2)\n"))
      #expect(RESPShape.isWhole(Array(Session().run("\(row.command.name) HELP").utf8)))
    }
  }

  @Test func `an unknown subcommand is answered with where to look`() {
    for command in CommandTable.rows where !command.subcommands.isEmpty {
      let reply = Session().run("\(command.name) nonsense")
      #expect(reply == "-ERR unknown subcommand 'nonsense'. Try \(command.name) HELP.\r\n")
    }
  }
}
