import ArgumentParser
import Commands
import LinuxIO
import Logging
import Reactor
import Wire

/// Runs the server until a signal ends it.
struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the server (the default).",
    discussion: """
      Tools for a data directory that no server has: swiftlet check, swiftlet repair and swiftlet export, each with \
      --help.
      """)

  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      Where to listen; may be repeated. HOST:PORT, [IPv6]:PORT or unix:PATH; line:// or resp:// in front holds \
      its clients to that dialect \
      (default: 127.0.0.1:7878). Port 0 takes a free one.
      """, valueName: "address"))
  var listen: [ListenFlag] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Keep data in this directory, which is made if it is not there (default: in memory only).",
      valueName: "directory"))
  var data: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      With --data, how safe a change is before it is answered: always (on disk), everysec (with the kernel; the disk \
      is synced every second) or no (in memory; the kernel writes when it likes).
      """, valueName: "mode"))
  var sync: SyncMode?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "With --data, the length of the journal's files: a new one is begun behind it (k, m and g are understood).",
      valueName: "bytes"))
  var segmentBytes: ByteCount?

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
  var maxLineBytes: RequestByteCount = 2_097_152

  @Option(name: .long, help: ArgumentHelp("Words after the verb that a request may have.", valueName: "count"))
  var maxArguments: PositiveCount = 1_048_576

  @Option(name: .long, help: ArgumentHelp("Longest key.", valueName: "bytes"))
  var maxKeyBytes: RequestByteCount = 16_384

  @Option(name: .long, help: ArgumentHelp("Longest value.", valueName: "bytes"))
  var maxValueBytes: RequestByteCount = 536_870_912

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Memory that keys, values and table may take; writes beyond it are refused (default: no bound).",
      valueName: "bytes"))
  var memoryLimit: ByteCount?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Let clients in only with the password in this file, its first line; for AUTH and HELLO.", valueName: "file"))
  var passwordFile: String?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Log commands that take longer, for SLOWLOG; -1 logs none.", valueName: "microseconds"))
  var slowlogSlowerThan: Int64 = 10_000

  @Option(
    name: .long, help: ArgumentHelp("Least severe lines that are logged: \(LogLevelFlag.names).", valueName: "level"))
  var logLevel: LogLevelFlag = .init(level: .notice)

  @Option(name: .long, help: ArgumentHelp("How lines of the log look: text or json.", valueName: "format"))
  var logFormat: LogFormat = .text

  func validate() throws {
    if sync != nil, data == nil { throw ValidationError("--sync tells how data is kept: give --data as well") }
    if segmentBytes != nil, data == nil {
      throw ValidationError("--segment-bytes is the journal's: give --data as well")
    }
  }

  func run() throws {
    let format = logFormat
    let level = logLevel.level
    LoggingSystem.bootstrap { _ in StandardErrorLogHandler(format: format, logLevel: level) }
    let status: ExitStatus
    do {
      var server = try Server.start(
        platform: try LinuxPlatform(), configuration: try serverConfiguration(), log: Logger(label: "swiftlet"))
      status = server.run()
    } catch {
      throw StartFailure(description: "\(error)")
    }
    if status != .finished { throw ExitCode.failure }
  }

  private func serverConfiguration() throws -> ServerConfiguration {
    var configuration = ServerConfiguration()
    configuration.storage = data.map { StorageConfiguration(directory: $0, sync: sync ?? .always) }
    if let segmentBytes { configuration.segmentBytes = UInt64(segmentBytes.value) }
    if !listen.isEmpty { configuration.listen = listen.map(\.point) }
    configuration.connectionsMax = maxConnections?.value
    configuration.wire.lineBytesMax = maxLineBytes.value
    configuration.wire.argumentsMax = maxArguments.value
    configuration.wire.bulkBytesMax = max(maxValueBytes.value, maxKeyBytes.value)
    configuration.settings.idleTimeoutSeconds = idleTimeout
    configuration.settings.stallTimeoutSeconds = UInt32(stallTimeout.value)
    configuration.settings.memoryBytesMax = memoryLimit.map { UInt64($0.value) }
    configuration.settings.keyBytesMax = maxKeyBytes.value
    configuration.settings.valueBytesMax = maxValueBytes.value
    configuration.settings.slowLogMicroseconds = slowlogSlowerThan
    if let passwordFile { configuration.settings.password = try PasswordFile.read(passwordFile) }
    return configuration
  }
}

/// Why the server does not run, in one line.
struct StartFailure: Error, CustomStringConvertible {
  let description: String
}
