import Testing

/// The rules of the house, held against the package itself. Each failure says why there is such a rule.
@Suite struct TidyTests {
  private static func report(_ complaints: [Complaint], _ reason: String) -> Comment {
    Comment(rawValue: ([reason] + complaints.map(\.description)).joined(separator: "\n  "))
  }

  private static func check(_ files: [SourceFile], _ reason: String, _ rule: (SourceFile) -> [Complaint]) {
    let complaints = files.flatMap(rule)
    #expect(complaints.isEmpty, report(complaints, reason))
  }

  @Test func `the package's files are found`() {
    #expect(SourceTree.sources.count > 50)
    #expect(SourceTree.files.contains { $0.path == "Package.swift" && !$0.lines.isEmpty })
    #expect(SourceTree.files.contains { $0.path == "Tests/TidyTests/TidyTests.swift" })
  }

  // MARK: - What may know what

  @Test func `modules import only what lies below them`() {
    Self.check(
      SourceTree.sources,
      "Arrows never run upward, so that a part can be read, tested and replaced without what stands above it. "
        + "A new module or arrow is drawn in the architecture article first.",
      Arrows.complaints)
  }

  @Test func `Foundation is not used`() {
    Self.check(
      SourceTree.files,
      "Foundation costs megabytes at start and brings types that allocate where nobody sees it.",
      Arrows.foundation)
  }

  @Test func `time and chance come from LinuxIO alone`() {
    Self.check(
      SourceTree.sources,
      "What reads a clock or a random number by itself cannot be run again from a seed.",
      Confinement.timeAndChance.complaints)
    Self.check(
      SourceTree.sources,
      "The server asks its platform for time and chance, so that a simulated machine can give other ones.",
      Confinement.machine.complaints)
  }

  @Test func `there is one thread beside the one that waits for the disk`() {
    Self.check(
      SourceTree.sources,
      "The store and the loop take no locks because only one thread touches them; a second one breaks both. "
        + "The thread that waits for the disk touches neither.",
      Confinement.threads.complaints)
  }

  @Test func `pointers stay in the modules that wrap them`() {
    Self.check(
      SourceTree.sources,
      "Pointer code lies in few files behind types that lend spans; everywhere else the compiler proves bounds.",
      Unsafety.complaints)
  }

  // MARK: - What can be read

  @Test func `lines fit a window`() {
    Self.check(
      SourceTree.files, "More than \(Lengths.columnsMax) columns do not fit beside a second file.", Lengths.longLines)
  }

  @Test func `files and functions are short`() {
    Self.check(
      SourceTree.files,
      "A file is read in one sitting: beyond \(Lengths.fileLinesMax) lines it holds more than one thing.",
      Lengths.longFile)
    Self.check(
      SourceTree.files,
      "A function is seen whole: beyond \(Lengths.functionLinesMax) lines it does more than one thing.",
      Lengths.longFunctions)
  }

  @Test func `each source file says at its top what it is`() {
    Self.check(
      SourceTree.sources, "A reader who opens a file has to learn what it is for before how it works.",
      Prose.missingHeader)
  }

  @Test func `what other modules see is documented`() {
    // What a platform has to do is documented once, with the protocol.
    let witnesses = "Sources/Reactor/LinuxPlatform.swift"
    Self.check(
      SourceTree.sources.filter { $0.module != "swiftlet" && $0.path != witnesses },
      "A module is used by its documentation; what needs its source read is not finished.", Prose.undocumented)
  }

  @Test func `no reminders are left in the code`() {
    Self.check(
      SourceTree.files, "What is missing is either done now or told where work is planned.", Prose.reminders)
  }

  // MARK: - Where things lie

  @Test func `files are named after what is in them`() {
    Self.check(
      SourceTree.sources, "A name that fits anything soon holds anything.", Names.complaints)
  }

  @Test func `the package has a known layout`() {
    let allowed: Set = ["Benchmarks", "LICENSE", "Package.resolved", "Package.swift", "README.md", "Sources", "Tests"]
    let others = SourceTree.names(in: "").filter { !allowed.contains($0) }
    #expect(others.isEmpty, "The top of the package is its table of contents: \(others) would have to be worth a line.")
    let modules = SourceTree.names(in: "Sources").filter { Arrows.allowed[$0] == nil }
    #expect(modules.isEmpty, "Each module stands in the picture of the architecture article: \(modules) does not.")
    let known: Set = ["Fuzzing", "TestSupport", "sanitize"]
    let tests = SourceTree.names(in: "Tests").filter { !$0.hasSuffix("Tests") && !known.contains($0) }
    #expect(tests.isEmpty, "A folder of tests is named after what it tests: \(tests) is not.")
  }
}
