import Testing

/// The rules held against samples that break them: a rule that cannot fail is none.
@Suite struct RuleTests {
  private func file(_ path: String, _ text: String) -> SourceFile { SourceFile(path: path, text: text) }

  @Test(arguments: [
    ("Wire", "import Store", false), ("Bytes", "public import Wire", false), ("Store", "import Foundation", false),
    ("Commands", "@testable import Reactor", false), ("Reactor", "import struct ArgumentParser.Flag", false),
    ("LinuxIO", "import Store", false), ("Journal", "import LinuxIO", false), ("Unheard", "import Bytes", false),
    ("Wire", "public import Bytes", true), ("Store", "import Builtin", true), ("Reactor", "import Logging", true),
    ("Wire", "// import Store", true), ("Wire", "let text = \"import Store\"", true),
  ])
  func `an arrow that runs upward is found`(module: String, line: String, isAllowed: Bool) {
    #expect(Arrows.complaints(file("Sources/\(module)/A.swift", line)).isEmpty == isAllowed)
  }

  @Test(arguments: [
    ("Sources/Store/A.swift", "let time = ContinuousClock.now", false),
    ("Sources/Reactor/A.swift", "let n = Int.random(in: 0..<9)", false),
    ("Sources/Commands/A.swift", "let text = \"at \\(clock_gettime(0, &time))\"", false),
    ("Sources/LinuxIO/Clock.swift", "clock_gettime(clock, &time)", true),
    ("Sources/Store/A.swift", "// as random as getrandom", true),
    ("Sources/Store/A.swift", "let randomWord = word", true),
  ])
  func `a clock or a random number outside LinuxIO is found`(path: String, line: String, isAllowed: Bool) {
    #expect(Confinement.timeAndChance.complaints(file(path, line)).isEmpty == isAllowed)
  }

  @Test func `a call past the platform is found`() {
    let line = "let now = Clock.monotonicNanoseconds()"
    #expect(!Confinement.machine.complaints(file("Sources/Reactor/Server.swift", line)).isEmpty)
    #expect(Confinement.machine.complaints(file("Sources/Reactor/LinuxPlatform.swift", line)).isEmpty)
  }

  @Test(arguments: ["Task { await run() }", "let lock = Mutex(0)", "pthread_create(&thread, nil, main, nil)"])
  func `a second thread is found`(line: String) {
    #expect(!Confinement.threads.complaints(file("Sources/Reactor/A.swift", line)).isEmpty)
    #expect(!Confinement.threads.complaints(file("Sources/LinuxIO/A.swift", line)).isEmpty)
    #expect(Confinement.threads.complaints(file("Sources/LinuxIO/Storage/StorageThread.swift", line)).isEmpty)
  }

  @Test(arguments: [
    "import Foundation", "import FoundationEssentials", "import class Foundation.Thread", "import Dispatch",
  ])
  func `Foundation is found`(line: String) {
    #expect(!Arrows.foundation(file("Tests/ATests/A.swift", line)).isEmpty)
  }

  @Test(arguments: [
    ("Wire", "bytes.withUnsafeBytes { $0.count }", false), ("Commands", "let p: UnsafeMutablePointer<Int>", false),
    ("Reactor", "unsafe pool.take()", false), ("Reactor", "final class A: @unchecked Sendable {}", false),
    ("Reactor", "nonisolated(unsafe) var count = 0", false), ("Store", "let p: UnsafeRawPointer", true),
    ("Wire", "let word = \"unsafe\"  // unsafe", true),
  ])
  func `a pointer outside its modules is found`(module: String, line: String, isAllowed: Bool) {
    #expect(Unsafety.complaints(file("Sources/\(module)/A.swift", line)).isEmpty == isAllowed)
  }

  @Test(arguments: [-1, 0, 1])
  func `a line a file and a function that are too long are found`(excess: Int) {
    let line = String(repeating: "é", count: Lengths.columnsMax + excess)
    #expect(Lengths.longLines(file("Sources/Wire/A.swift", line)).isEmpty == (excess <= 0))
    let lines = String(repeating: "\n", count: Lengths.fileLinesMax + excess)
    #expect(Lengths.longFile(file("Sources/Wire/A.swift", lines)).isEmpty == (excess <= 0))
    let body = String(repeating: "    a()\n", count: Lengths.functionLinesMax + excess - 2)
    for head in ["func a() {", "private mutating func `a b`(\n    c: Int\n  ) throws -> Int {", "init?(a: Int) {"] {
      let added = head.split(separator: "\n").count - 1
      let text = "struct A {\n  \(head)\n\(body.dropLast(added * 8))  }\n\n  func b() { a() }\n}\n"
      #expect(Lengths.longFunctions(file("Sources/Wire/A.swift", text)).isEmpty == (excess <= 0), "\(head)")
    }
  }

  @Test func `functions without a body or on one line have no length`() {
    let rest = String(repeating: "  var a: Int { 1 }\n", count: 100)
    let text = "protocol P {\n  func a()\n  func b() -> Int { 1 }\n  func c(\n    d: Int\n  ) -> Int\n\n\(rest)}\n"
    #expect(Lengths.longFunctions(file("Sources/Wire/A.swift", text)).isEmpty)
  }

  @Test func `a reminder is found wherever it stands`() {
    for reminder in Prose.reminders {
      #expect(!Prose.reminders(file("Tests/ATests/A.swift", "let a = 1  // \(reminder): more")).isEmpty)
      #expect(!Prose.reminders(file("Sources/Wire/A.swift", "\"\(reminder)\"")).isEmpty)
    }
    #expect(Prose.reminders(file("Sources/Wire/A.swift", "let todoList = methods")).isEmpty)
  }

  @Test func `a file that does not say what it is is found`() {
    #expect(!Prose.missingHeader(file("Sources/Wire/A.swift", "import Bytes\n\nstruct A {}\n")).isEmpty)
    #expect(Prose.missingHeader(file("Sources/Wire/A.swift", "import Bytes\n\n/// An A.\nstruct A {}\n")).isEmpty)
  }

  @Test(arguments: [
    ("public struct A {}", false), ("@inlinable\npublic func a() {}", false), ("package let a = 1", false),
    ("// An A.\n@safe\npublic struct A {}", false), ("/// An A.\n\npublic struct A {}", false),
    ("/// An A.\npublic struct A {}", true), ("/// An A.\n@safe\n@frozen\npublic struct A {}", true),
    ("/// An A.\n@safe public struct A {}", true), ("public import Bytes", true), ("struct A {}", true),
    ("@inlinable public func a() {}", false),
  ])
  func `a declaration for others without a word about it is found`(text: String, isAllowed: Bool) {
    #expect(Prose.undocumented(file("Sources/Wire/A.swift", text)).isEmpty == isAllowed)
  }

  @Test(arguments: ["StringUtils.swift", "ConnectionManager.swift", "Helpers.swift", "Misc.swift"])
  func `a name that says nothing is found`(name: String) {
    #expect(!Names.complaints(file("Sources/Wire/\(name)", "")).isEmpty)
    #expect(Names.complaints(file("Sources/Wire/LineParser.swift", "")).isEmpty)
  }

  @Test(arguments: [
    ("let a = 1  // b", "let a = 1  "), ("let a = \"b // c\" + d", "let a = \"\" + d"),
    (##"let a = #"b "c" \d"# + e"##, "let a = \"\" + e"), ("\"a \\\" b\" + c", "\"\" + c"),
    ("\"a \\(b(\"c\") + d) e\" + f", "\" (b(\"\") + d)\" + f"), ("\"\"\"\na \"b\" // c\n\"\"\" + d", "\"\n\n\" + d"),
    (##"#"a \#(b) c"#"##, "\" (b)\""),
  ])
  func `code is told from comments and strings`(text: String, code: String) {
    #expect(SwiftCode.only(of: text) == code)
  }
}
