import Journal
import LinuxIO

/// What is told of a journal: names and values, for people or for programs.
struct Report {
  private enum Value {
    case text(String)
    case number(UInt64)
    case list([String])
  }

  private var fields: [(name: String, value: Value)] = []

  mutating func add(_ name: String, _ text: String) { fields.append((name, .text(text))) }
  mutating func add(_ name: String, _ number: UInt64) { fields.append((name, .number(number))) }
  mutating func add(_ name: String, _ list: [String]) { fields.append((name, .list(list))) }

  mutating func add(_ survey: JournalSurvey) {
    add("files", UInt64(survey.fileCount))
    add("bytes", survey.byteCount)
    add("frames", survey.frames)
    add("records", survey.records)
    if let sequences = survey.sequences {
      add("first frame", sequences.lowerBound)
      add("last frame", sequences.upperBound)
    }
    if let times = survey.times {
      add("first change", Timestamp(milliseconds: times.lowerBound).description)
      add("last change", Timestamp(milliseconds: times.upperBound).description)
    }
  }

  mutating func add(_ result: RecoveryResult) {
    if let base = result.base {
      add("base", JournalFileName.base(base).description)
      add("base bytes", result.baseBytes)
    }
    if let last = result.lastSegment { add("last segment", JournalFileName.journal(last).description) }
    add("next frame", result.nextSequence)
    add("ended cleanly", result.endedCleanly ? "yes" : "no")
    if let torn = result.tornTail {
      add(
        "torn tail",
        "\(torn.name), byte \(torn.offset): \(torn.byteCount) bytes that were on their way to the disk, and that no "
          + "reply has told of; the next server sets them aside as \(torn.keptName)")
    }
    if !result.obsolete.isEmpty { add("leftovers", result.obsolete) }
  }

  mutating func add(_ fault: JournalFault) {
    add("damaged file", fault.file)
    add("damaged from byte", fault.offset)
    add("damage", "\(fault.reason)")
    if let sequences = fault.sequences {
      add("first frame lost", sequences.lowerBound)
      add("last frame lost at least", sequences.upperBound)
    }
    if !fault.later.isEmpty { add("files behind it", fault.later) }
  }

  func print(asJSON: Bool) throws {
    try StandardOutput.write(Array((asJSON ? json : text).utf8).span)
  }

  private var text: String {
    let width = (fields.map(\.name.count).max() ?? 0) + 2
    return fields.map { name, value in
      let shown =
        switch value {
        case .text(let text): text
        case .number(let number): "\(number)"
        case .list(let names): names.joined(separator: ", ")
        }
      return name + String(repeating: " ", count: width - name.count) + shown + "\n"
    }.joined()
  }

  private var json: String {
    let pairs = fields.map { name, value in
      let shown =
        switch value {
        case .text(let text): text.json
        case .number(let number): "\(number)"
        case .list(let names): "[" + names.map(\.json).joined(separator: ",") + "]"
        }
      return "\(name.split(separator: " ").joined(separator: "_").json):\(shown)"
    }
    return "{" + pairs.joined(separator: ",") + "}\n"
  }
}
