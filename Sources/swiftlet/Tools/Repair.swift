import ArgumentParser
import Bytes
import Journal
import LinuxIO

/// Makes a damaged journal one that a server starts with: keeps everything in front of the damage, and sets the rest
/// aside.
struct Repair: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Cut what is damaged off the journal of a data directory that no server has.",
    discussion: """
      Everything in front of the damage is kept; what is behind it is kept aside, in files of the same directory whose \
      names begin with lost-. A journal that is whole is left as it is. Of a damaged base nothing can be kept: then \
      nothing is changed, and the code is 1.
      """)

  private static let copyBytes = 1 << 20

  @Argument(help: ArgumentHelp("The data directory.", valueName: "directory"))
  var directory: String

  @Flag(help: "Only say what would be done.")
  var dryRun = false

  func run() throws {
    var journal = try StoredJournal(directory)
    let plan = try RepairPlan(journal)
    guard !plan.steps.isEmpty else {
      try say(["\(directory) is whole: there is nothing to repair"])
      return
    }
    let taken = try journal.files().map(\.name)
    let steps = plan.steps.map { (step: $0, keptName: Self.keptName($0, among: taken)) }
    if !dryRun {
      do throws(SystemCallError) {
        try Self.perform(steps, &journal.directory)
      } catch {
        throw ToolFailure("\(directory) cannot be repaired: \(error)")
      }
      guard case .whole = try journal.survey(try journal.files()).reading else {
        throw ToolFailure("\(directory) is still damaged: something else changes its files")
      }
    }
    try say(Self.lines(plan, steps, directory, isDone: !dryRun))
  }

  private typealias KeptStep = (step: RepairPlan.Step, keptName: String)

  private func say(_ lines: [String]) throws {
    try StandardOutput.write(Array(lines.map { $0 + "\n" }.joined().utf8).span)
  }

  // MARK: - Names

  /// `lost-journal-000000000000002a-4096`: the file's name, and the first byte that was cut off; numbered if an earlier
  /// repair has taken the name.
  private static func keptName(_ step: RepairPlan.Step, among taken: [String]) -> String {
    let plain =
      switch step {
      case .setAside(let name, _): "lost-\(name)"
      case .cut(let name, let offset, _): "lost-\(name)-\(offset)"
      }
    guard taken.contains(plain) else { return plain }
    var number = 2
    while taken.contains("\(plain).\(number)") { number += 1 }
    return "\(plain).\(number)"
  }

  // MARK: - Doing it

  /// Copies first, so that a kill at any point loses nothing; then takes files away from the end on, so that it leaves
  /// a journal whose damage can be found and repaired as before.
  private static func perform(_ steps: [KeptStep], _ directory: inout DataDirectory) throws(SystemCallError) {
    for (step, keptName) in steps {
      guard case .cut(let name, let offset, let byteCount) = step else { continue }
      try copy(name, offset..<offset + byteCount, to: keptName, &directory)
    }
    try directory.perform(.syncDirectory, ByteBuffer())
    for (step, keptName) in steps {
      switch step {
      case .setAside(let name, _): try directory.perform(.rename(from: name, to: keptName), ByteBuffer())
      case .cut(let name, let offset, _): try directory.perform(.truncate(name, count: offset), ByteBuffer())
      }
      try directory.perform(.syncDirectory, ByteBuffer())
    }
  }

  private static func copy(
    _ name: String, _ part: Range<UInt64>, to keptName: String, _ directory: inout DataDirectory
  ) throws(SystemCallError) {
    try directory.perform(.create(keptName), ByteBuffer())
    do throws(SystemCallError) {
      var position = part.lowerBound
      while position < part.upperBound {
        var bytes = ByteBuffer()
        let count = Int(min(part.upperBound - position, UInt64(copyBytes)))
        try directory.read(name, at: position, count: count, into: &bytes)
        guard !bytes.isEmpty else { break }
        try directory.perform(.write(keptName, offset: position - part.lowerBound, isSynced: false), bytes)
        position += UInt64(bytes.count)
      }
      try directory.perform(.sync(keptName), ByteBuffer())
      try directory.perform(.close(keptName), ByteBuffer())
    } catch {
      // Half a copy is of no use, and may be what the disk is full of.
      try directory.perform(.remove(keptName), ByteBuffer())
      throw error
    }
  }

  // MARK: - Telling

  private static func lines(
    _ plan: RepairPlan, _ steps: [KeptStep], _ directory: String, isDone: Bool
  ) -> [String] {
    var lines = plan.faults.map { fault in
      let place = fault.reason == .missing ? fault.file : "\(fault.file), byte \(fault.offset)"
      return "damaged: \(place): \(fault.reason)"
    }
    for (step, keptName) in steps {
      switch step {
      case .setAside(let name, let byteCount):
        lines.append("\(isDone ? "set aside" : "would set aside"): \(name) (\(byteCount) bytes) as \(keptName)")
      case .cut(let name, let offset, let byteCount):
        lines.append(
          "\(isDone ? "cut" : "would cut"): \(name) at byte \(offset); \(byteCount) bytes kept as \(keptName)")
      }
    }
    lines.append(keptLine(plan.kept, isDone: isDone))
    if plan.mixesMoments, let baseTime = plan.baseTime {
      lines.append(
        "beware: the base was being written until \(Timestamp(milliseconds: baseTime)), beside frames that are lost: "
          + "some of its keys are of later moments than others, and changes made together may be there by half")
    }
    lines.append(lostLine(plan, isDone: isDone))
    if isDone { lines.append("\(directory) is whole now: a server would start") }
    return lines
  }

  private static func keptLine(_ kept: JournalSurvey, isDone: Bool) -> String {
    var line = "\(isDone ? "kept" : "would keep"): \(kept.records) records in \(kept.frames) frames"
    if let sequences = kept.sequences { line += ", the last of them frame \(sequences.upperBound)" }
    if let times = kept.times { line += " of \(Timestamp(milliseconds: times.upperBound))" }
    return line
  }

  private static func lostLine(_ plan: RepairPlan, isDone: Bool) -> String {
    let what = isDone ? "lost" : "would be lost"
    let ranges = plan.faults.compactMap(\.sequences)
    guard let first = ranges.map(\.lowerBound).min(), let last = ranges.map(\.upperBound).max() else {
      return plan.faults.contains { $0.isRepairable }
        ? "\(what): what the missing file held, and all that came after it"
        : "\(what): nothing, for all that the damaged base stood for is still there"
    }
    return "\(what): frames \(first) to \(last) at least, and all that came after them"
  }
}
