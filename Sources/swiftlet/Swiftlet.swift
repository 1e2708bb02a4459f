import ArgumentParser
import LinuxIO

/// The command line: `swiftlet [serve]`, and the tools for a data directory.
@main
struct Swiftlet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swiftlet",
    abstract: "A key-value server: PUT, GET, DELETE and LIST over TCP.",
    version: "swiftlet 0.1.0",
    subcommands: [Serve.self, Check.self, Repair.self, Export.self],
    defaultSubcommand: Serve.self)

  static func main() {
    do {
      try StandardDescriptors.fillGaps()
      // Who asks for help wants to see the flags.
      if ["--help", "-h"].contains(CommandLine.arguments.dropFirst().first) { throw CleanExit.helpRequest(Serve.self) }
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let code = exitCode(for: error)
      if code.isSuccess { exit(withError: error) }
      let reason = message(for: error)
      let hint = code == .validationFailure ? " (swiftlet --help lists the flags)" : ""
      if !reason.isEmpty { StandardError.write(Array("swiftlet: \(reason)\(hint)\n".utf8)) }
      exit(withError: code)
    }
  }
}
