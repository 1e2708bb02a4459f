import ArgumentParser
import LinuxIO
import Logging

/// How a line of the log looks.
enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  /// For people: `2026-01-31T12:00:00.000Z notice ready on 127.0.0.1:7878 …  key=value`.
  case text
  /// For programs: one JSON object a line.
  case json
}

/// Writes each event of the log as one line to standard error.
struct StandardErrorLogHandler: LogHandler {
  let format: LogFormat
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  init(format: LogFormat, logLevel: Logger.Level) {
    self.format = format
    self.logLevel = logLevel
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let time = Timestamp(milliseconds: Clock.wallMilliseconds()).description
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
    var line: String
    switch format {
    case .text:
      line = "\(time) \(event.level.rawValue) \(event.message)"
      for (key, value) in fields { line += "  \(key)=\(oneLine("\(value)"))" }
    case .json:
      line = "{\"time\":\"\(time)\",\"level\":\"\(event.level.rawValue)\",\"message\":\("\(event.message)".json)"
      for (key, value) in fields { line += ",\(key.json):\("\(value)".json)" }
      line += "}"
    }
    StandardError.write(Array(line.utf8) + [UInt8(ascii: "\n")])
  }

  private func oneLine(_ text: String) -> String { text.contains { $0.isWhitespace } ? text.json : text }
}
