import ArgumentParser
import Journal
import LinuxIO

/// Reads all of a journal, changes nothing, and tells what is in it and whether a server would start with it.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Verify a data directory that no server has.",
    discussion: """
      Ends with code 0 if a server would start with what is in the directory, with 1 if it would not. Nothing is \
      changed.
      """)

  @Argument(help: ArgumentHelp("The data directory.", valueName: "directory"))
  var directory: String

  @Flag(help: "Print the report as one JSON object.")
  var json = false

  func run() throws {
    let journal = try StoredJournal(directory)
    let (survey, reading) = try journal.survey(try journal.files())
    var report = Report()
    report.add("directory", directory)
    switch reading {
    case .whole(let result):
      let state = survey.fileCount == 0 ? "empty: a server would start without keys" : "whole: a server would start"
      report.add("state", state)
      report.add(survey)
      report.add(result)
      try report.print(asJSON: json)
    case .damaged(let fault):
      report.add("state", "damaged: a server would not start")
      report.add(survey)
      report.add(fault)
      report.add("advice", advice(fault))
      try report.print(asJSON: json)
      throw ExitCode.failure
    }
  }

  private func advice(_ fault: JournalFault) -> String {
    fault.isRepairable
      ? "`swiftlet repair --dry-run \(directory)` shows what can be kept"
      : "restore the directory from a copy: there is nothing before the damage that could be kept"
  }
}
