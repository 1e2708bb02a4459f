import Testing

/// What the documents say, held against the sources that they speak of.
@Suite struct DocumentTests {
  private static let articles = "Sources/Reactor/Documentation.docc"

  private static func document(_ path: String) -> SourceFile {
    SourceFile(path: path, text: SourceTree.text(of: path))
  }

  private static var documents: [SourceFile] {
    let paths =
      ["README.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md"]
      + SourceTree.names(in: articles).map { "\(articles)/\($0)" }
    return paths.map(document)
  }

  @Test func `no document is empty`() {
    for document in Self.documents { #expect(document.lines.count > 10, "\(document.path)") }
  }

  @Test func `each link leads to a file`() {
    for document in Self.documents {
      let folder = document.path.split(separator: "/").dropLast().joined(separator: "/")
      for line in document.lines {
        for target in Markdown.links(line) {
          let path = folder.isEmpty ? target : "\(folder)/\(target)"
          #expect(SourceTree.exists(path), "\(document.path) links to \(target)")
        }
      }
    }
  }

  @Test func `each flag is in the README`() {
    let readme = Self.document("README.md").lines.joined(separator: "\n")
    let serve = SourceTree.files.first { $0.path == "Sources/swiftlet/Serve.swift" }
    let flags = serve.map { Markdown.flags($0.code) } ?? []
    #expect(flags.count > 10)
    for flag in flags { #expect(readme.contains("| `\(flag) "), "\(flag) is not in the README's table") }
  }

  @Test func `each command is in the reference page and the documents lead to it`() {
    let groups = SourceTree.sources.filter { $0.path.hasPrefix("Sources/Commands/Groups/") }
    let verbs = groups.flatMap { Markdown.verbs($0.lines) }
    #expect(verbs.count > 80)
    let page = Self.document("\(Self.articles)/Commands.md").lines
    for verb in verbs {
      let isFound = page.contains { $0 == "### \(verb)" || $0.hasPrefix("    ") && $0.contains(" \(verb)") }
      #expect(isFound, "\(verb) is not in the reference page")
    }
    for path in ["README.md", "\(Self.articles)/Protocol.md"] {
      #expect(Self.document(path).lines.contains { $0.contains("Commands.md)") }, "\(path) leads to the reference page")
    }
  }

  @Test func `the samples of the finders are found`() {
    #expect(Markdown.links("see [a](b/c.md) and [d](https://e) and [f](#g)") == ["b/c.md"])
    let code = ["  @Option(", "  var maxLineBytes: ByteCount = 1", "    var x = 1"]
    #expect(Markdown.flags(code) == ["--max-line-bytes"])
    let rows = ["    Command(\"PUT\", .string, [.key]),", "    Command(", "      \"HELP\", .server, [", "x"]
    #expect(Markdown.verbs(rows) == ["PUT", "HELP"])
  }
}

/// Finds what documents and sources have in common.
private enum Markdown {
  /// The targets of a line's links that are files.
  static func links(_ line: String) -> [String] {
    line.split(separator: "](", omittingEmptySubsequences: false).dropFirst().compactMap { rest in
      let target = rest.prefix { $0 != ")" && $0 != "#" }
      return target.isEmpty || target.contains("://") ? nil : String(target)
    }
  }

  /// The flags that a command's properties become: `var idleTimeout` is `--idle-timeout`.
  static func flags(_ code: [String]) -> [String] {
    code.indices.dropFirst().compactMap { index in
      guard code[index].hasPrefix("  var "), code[index - 1].hasSuffix(")") || code[index - 1].hasSuffix("(") else {
        return nil
      }
      let name = code[index].dropFirst(6).prefix { $0 != ":" }
      return "--" + name.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
    }
  }

  /// The names of the command table's rows.
  static func verbs(_ lines: [String]) -> [String] {
    lines.indices.compactMap { index in
      let line = lines[index].drop { $0 == " " }
      let start: Substring =
        line.hasPrefix("Command(\"")
        ? line.dropFirst("Command(".count) : index > 0 && lines[index - 1].hasSuffix("Command(") ? line : ""
      guard start.hasPrefix("\"") else { return nil }
      return String(start.dropFirst().prefix { $0 != "\"" })
    }
  }
}
