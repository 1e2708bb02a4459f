// The house's rules as functions from a file to what is wrong with it. None looks at the disk, so that each can be
// shown a bad sample.

/// Something that breaks a rule, and where.
struct Complaint: Equatable, CustomStringConvertible {
  let place: String
  let what: String

  init(_ file: SourceFile, line: Int? = nil, _ what: String) {
    place = line.map { "\(file.path):\($0 + 1)" } ?? file.path
    self.what = what
  }

  var description: String { "\(place): \(what)" }
}

/// Which module may import which: the arrows of the architecture article, and the system's and dependencies' modules.
enum Arrows {
  static let allowed: [String: Set<String>] = [
    "CLinux": [],
    "LinuxIO": ["Bytes", "CLinux", "Glibc"],
    "Bytes": ["Glibc"],
    "Journal": ["Bytes"],
    "Wire": ["Bytes"],
    "Store": ["Builtin", "Bytes", "Glibc"],
    "Commands": ["Bytes", "Store", "Wire"],
    "Reactor": ["Bytes", "Commands", "Journal", "LinuxIO", "Logging", "Store", "Wire"],
    "Simulator": [
      "ArgumentParser", "Bytes", "Commands", "Glibc", "LinuxIO", "Logging", "Reactor", "Store", "Wire",
    ],
    "swiftlet": ["ArgumentParser", "Bytes", "Commands", "Journal", "LinuxIO", "Logging", "Reactor", "Wire"],
  ]

  static func complaints(_ file: SourceFile) -> [Complaint] {
    guard file.isSource else { return [] }
    guard let allowed = allowed[file.module] else {
      return [Complaint(file, "module \(file.module) is not in the picture")]
    }
    return file.code.indices.compactMap { line in
      guard let imported = imported(file.code[line]), !allowed.contains(imported) else { return nil }
      return Complaint(file, line: line, "\(file.module) imports \(imported)")
    }
  }

  /// Imports of Foundation in any of its parts.
  static func foundation(_ file: SourceFile) -> [Complaint] {
    file.code.indices.compactMap { line in
      guard let name = imported(file.code[line]), name.hasPrefix("Foundation") || name == "Dispatch" else { return nil }
      return Complaint(file, line: line, name)
    }
  }

  /// The module that a line imports, or nil: `@testable import A`, `public import struct A.B`.
  static func imported(_ line: String) -> String? {
    let words = line.split { $0 == " " }
    guard let index = words.firstIndex(of: "import"), index + 1 < words.count else { return nil }
    let modifiers: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
    guard words[..<index].allSatisfy({ $0.hasPrefix("@") || modifiers.contains($0) }) else { return nil }
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "let", "var", "typealias"]
    let name = kinds.contains(words[index + 1]) && index + 2 < words.count ? words[index + 2] : words[index + 1]
    return name.split(separator: ".").first.map(String.init)
  }
}

/// Words of code that belong to some modules or files only.
struct Confinement {
  let words: Set<String>
  /// Prefixes of the paths where they may stand.
  let allowed: [String]

  /// The system's clocks and random numbers, by whatever name they can be had.
  static let timeAndChance = Confinement(
    words: [
      "clock_gettime", "gettimeofday", "timerfd_create", "ContinuousClock", "SuspendingClock", "getrandom",
      "arc4random",
      "SystemRandomNumberGenerator", "random", "randomElement", "shuffled", "shuffle", "rand", "drand48", "Hasher",
    ],
    allowed: ["Sources/LinuxIO/"])

  /// The wrappers of clocks and random numbers, which only the real machine's platform, the log, and the tool that
  /// loads keys without a server may call.
  static let machine = Confinement(
    words: ["Clock", "Entropy"],
    allowed: [
      "Sources/LinuxIO/", "Sources/Reactor/LinuxPlatform.swift", "Sources/swiftlet/StandardErrorLogHandler.swift",
      "Sources/swiftlet/Tools/Export.swift",
    ])

  /// What a second thread would need. The one that there is waits for the disk, which cannot be had without waiting.
  static let threads = Confinement(
    words: [
      "async", "await", "actor", "Task", "DispatchQueue", "Thread", "pthread_create", "Mutex", "Atomic", "atomic",
    ],
    allowed: ["Sources/LinuxIO/Storage/StorageThread.swift"])

  func complaints(_ file: SourceFile) -> [Complaint] {
    if allowed.contains(where: { file.path.hasPrefix($0) }) { return [] }
    return file.code.indices.flatMap { line in
      Set(Self.words(file.code[line])).intersection(words).sorted().map { Complaint(file, line: line, $0) }
    }
  }

  static func words(_ line: String) -> [String] {
    line.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
  }
}

/// Code that the compiler does not check for memory safety.
enum Unsafety {
  /// Modules with pointer code, and the one file that hands their pointers on.
  static let allowed = ["Sources/LinuxIO/", "Sources/Bytes/", "Sources/Store/", "Sources/Reactor/LinuxPlatform.swift"]

  static func complaints(_ file: SourceFile) -> [Complaint] {
    if allowed.contains(where: { file.path.hasPrefix($0) }) { return [] }
    return file.code.indices.flatMap { line in
      Confinement.words(file.code[line]).filter { word in
        word.lowercased().contains("unsafe") || word == "unchecked" || word == "Unmanaged" || word == "OpaquePointer"
      }.map { Complaint(file, line: line, $0) }
    }
  }
}

/// How long things may get.
enum Lengths {
  static let columnsMax = 120
  static let fileLinesMax = 400
  static let functionLinesMax = 60

  static func longLines(_ file: SourceFile) -> [Complaint] {
    file.lines.indices.compactMap { line in
      let columns = file.lines[line].count
      return columns > columnsMax ? Complaint(file, line: line, "\(columns) columns") : nil
    }
  }

  static func longFile(_ file: SourceFile) -> [Complaint] {
    file.lines.count > fileLinesMax ? [Complaint(file, "\(file.lines.count) lines")] : []
  }

  static func longFunctions(_ file: SourceFile) -> [Complaint] {
    file.code.indices.compactMap { line in
      guard isFunction(file.code[line]), let end = end(ofFunctionAt: line, file.code) else { return nil }
      let count = end - line + 1
      return count > functionLinesMax ? Complaint(file, line: line, "a function of \(count) lines") : nil
    }
  }

  private static func isFunction(_ line: String) -> Bool {
    let words = line.split { $0 == " " || $0 == "(" || $0 == "<" || $0 == "?" }
    let starts: Set<Substring> = ["func", "init", "deinit", "subscript"]
    guard let index = words.firstIndex(where: starts.contains) else { return false }
    return words[..<index].allSatisfy { $0.hasPrefix("@") || $0.allSatisfy(\.isLetter) } && !line.contains(".init")
  }

  /// The line of the closing brace: in formatted code the first one as far in as the declaration. Nil without a body.
  private static func end(ofFunctionAt start: Int, _ code: [String]) -> Int? {
    let depth = indentation(code[start])
    var line = start
    while !code[line].hasSuffix("{") {
      if code[line].contains("{") { return line }
      line += 1
      guard line < code.count, !code[line].isEmpty else { return nil }
      guard indentation(code[line]) > depth || code[line].dropFirst(depth).hasPrefix(")") else { return nil }
    }
    return code[(line + 1)...].firstIndex { indentation($0) == depth && $0.dropFirst(depth).hasPrefix("}") }
  }

  private static func indentation(_ line: String) -> Int { line.prefix { $0 == " " }.count }
}

/// What is written about the code.
enum Prose {
  /// Reminders that nobody reads; spelt in halves, so that this file does not hold them.
  static let reminders = ["FIX" + "ME", "TO" + "DO", "XX" + "X", "HA" + "CK"]
  private static let headerLinesMax = 10

  static func reminders(_ file: SourceFile) -> [Complaint] {
    file.lines.indices.flatMap { line in
      reminders.filter { Confinement.words(file.lines[line]).contains($0) }.map { Complaint(file, line: line, $0) }
    }
  }

  static func missingHeader(_ file: SourceFile) -> [Complaint] {
    let hasComment = file.lines.prefix(headerLinesMax).contains { $0.drop { $0 == " " }.hasPrefix("//") }
    return hasComment ? [] : [Complaint(file, "no comment in the first \(headerLinesMax) lines")]
  }

  /// Declarations that other modules see and that no `///` stands above, attributes between them allowed.
  static func undocumented(_ file: SourceFile) -> [Complaint] {
    file.code.indices.compactMap { line in
      guard isExported(file.code[line]) else { return nil }
      var above = line - 1
      while above >= 0, trimmed(file.lines[above]).hasPrefix("@") { above -= 1 }
      if above >= 0, trimmed(file.lines[above]).hasPrefix("///") { return nil }
      return Complaint(file, line: line, String(trimmed(file.code[line])))
    }
  }

  private static func isExported(_ line: String) -> Bool {
    let words = line.split(separator: " ").drop { $0.hasPrefix("@") }
    guard let first = words.first, first == "public" || first == "package" || first == "open" else { return false }
    return !words.contains("import") && !words.contains("extension")
  }

  private static func trimmed(_ line: String) -> Substring { line.drop { $0 == " " } }
}

/// Names that say nothing of what is in a file.
enum Names {
  static let empty = ["util", "helper", "manager", "misc", "common", "stuff"]

  static func complaints(_ file: SourceFile) -> [Complaint] {
    let name = file.name.lowercased()
    return empty.filter(name.contains).map { Complaint(file, "the name says only \"\($0)\"") }
  }
}
