import ArgumentParser
import LinuxIO
import Logging
import Reactor
import Wire

/// Runs the server until a signal ends it.
struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Run the server (the default).")

  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      Where to listen; may be repeated. HOST:PORT, [IPv6]:PORT or unix:PATH, with line:// in front if you like \
      (default: 127.0.0.1:7878). Port 0 takes a free one.
      """, valueName: "address"))
  var listen: [ListenFlag] = []

  @Option(
    name: .long,
    help: ArgumentHelp("Clients at once (default: as many as the limit on open files allows).", valueName: "count"))
  var maxConnections: PositiveCount?

  @Option(
    name: .long,
    help: ArgumentHelp("Close a client that sends nothing for so long; 0 never does.", valueName: "seconds"))
  var idleTimeout: UInt32 = 0

  @Option(
    name: .long,
    help: ArgumentHelp("Close a client that takes none of its replies for so long.", valueName: "seconds"))
  var stallTimeout: PositiveCount = 60

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Longest line that is read, its end not counted (k, m and g are understood).", valueName: "bytes"))
  var maxLineBytes: ByteCount = 2_097_152

  @Option(name: .long, help: ArgumentHelp("Words after the verb that a request may have.", valueName: "count"))
  var maxArguments: PositiveCount = 1_048_576

  @Option(name: .long, help: ArgumentHelp("Longest key.", valueName: "bytes"))
  var maxKeyBytes: ByteCount = 16_384

  @Option(name: .long, help: ArgumentHelp("Longest value.", valueName: "bytes"))
  var maxValueBytes: ByteCount = 1_048_576

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Memory that keys, values and table may take; writes beyond it are refused (default: no bound).",
      valueName: "bytes"))
  var memoryLimit: ByteCount?

  @Option(
    name: .long, help: ArgumentHelp("Least severe lines that are logged: \(LogLevelFlag.names).", valueName: "level"))
  var logLevel: LogLevelFlag = .init(level: .notice)

  @Option(name: .long, help: ArgumentHelp("How lines of the log look: text or json.", valueName: "format"))
  var logFormat: LogFormat = .text

  func run() throws {
    let format = logFormat
    let level = logLevel.level
    LoggingSystem.bootstrap { _ in StandardErrorLogHandler(format: format, logLevel: level) }
    let status: ExitStatus
    do {
      var server = try Server.start(
        platform: try LinuxPlatform(), configuration: serverConfiguration, log: Logger(label: "swiftlet"))
      status = server.run()
    } catch {
      throw StartFailure(description: "\(error)")
    }
    if status == .interrupted { throw ExitCode.failure }
  }

  private var serverConfiguration: ServerConfiguration {
    var configuration = ServerConfiguration()
    if !listen.isEmpty { configuration.listen = listen.map(\.address) }
    configuration.connectionsMax = maxConnections?.value
    configuration.idleTimeoutMilliseconds = idleTimeout == 0 ? nil : UInt64(idleTimeout) * 1000
    configuration.stallTimeoutMilliseconds = UInt64(stallTimeout.value) * 1000
    configuration.memoryBytesMax = memoryLimit.map { UInt64($0.value) }
    configuration.wire.lineBytesMax = maxLineBytes.value
    configuration.wire.argumentsMax = maxArguments.value
    configuration.commands.keyBytesMax = maxKeyBytes.value
    configuration.commands.valueBytesMax = maxValueBytes.value
    return configuration
  }
}

/// Why the server does not run, in one line.
struct StartFailure: Error, CustomStringConvertible {
  let description: String
}
