// The package's own files, as the rules look at them: found from where this file lies, read whole, without Foundation.

import Glibc

/// A text file of the package.
struct SourceFile {
  /// Its path from the package's root: `Sources/Bytes/ASCII.swift`.
  let path: String
  /// Its lines as they stand.
  let lines: [String]
  /// Its lines with comments and the text of string literals left out; what is interpolated stays.
  let code: [String]

  init(path: String, text: String) {
    self.path = path
    lines = Self.split(text)
    code = Self.split(SwiftCode.only(of: text))
  }

  /// The folder under `Sources` or `Tests` that the file belongs to; empty outside of both.
  var module: String {
    let parts = path.split(separator: "/")
    return parts.count > 2 ? String(parts[1]) : ""
  }

  var name: String { String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]) }
  var isSource: Bool { path.hasPrefix("Sources/") }

  private static func split(_ text: String) -> [String] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}

/// The package on disk.
enum SourceTree {
  /// The package's folder: two levels above this file's.
  static let root: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/")
  }()

  /// The package description and all Swift files of sources and tests.
  static let files: [SourceFile] = {
    (["Package.swift"] + swiftFiles("Sources") + swiftFiles("Tests")).map { path in
      SourceFile(path: path, text: text(of: path))
    }
  }()

  static var sources: [SourceFile] { files.filter(\.isSource) }

  /// The names in a folder of the package, sorted; those that begin with a dot are left out.
  static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder.isEmpty ? root : "\(root)/\(folder)") else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  private static func swiftFiles(_ folder: String) -> [String] {
    names(in: folder).flatMap { name in
      let path = "\(folder)/\(name)"
      if path.hasSuffix(".swift") { return [path] }
      return path.hasSuffix(".docc") ? [] : swiftFiles(path)
    }
  }

  /// Whether there is a file or folder of this path in the package.
  static func exists(_ path: String) -> Bool { access("\(root)/\(path)", F_OK) == 0 }

  /// What a file of the package holds.
  static func text(of path: String) -> String {
    guard let file = fopen("\(root)/\(path)", "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }
}

/// Tells code from comments and string literals.
struct SwiftCode {
  private enum Mode: Equatable {
    case code
    case comment
    case string(quotes: Int, hashes: Int)
    /// Code within a string, so many parentheses deep.
    case interpolation(depth: Int)
  }

  private let text: [Character]
  private var index = 0
  private var modes: [Mode] = [.code]
  private var result = ""

  /// The text without comments and the content of string literals; its lines stay where they are.
  static func only(of text: String) -> String {
    var scanner = SwiftCode(text: Array(text))
    while scanner.index < scanner.text.count { scanner.step() }
    return scanner.result
  }

  private init(text: [Character]) { self.text = text }

  private mutating func step() {
    let character = text[index]
    if character == "\n" { return endLine() }
    switch modes[modes.count - 1] {
    case .comment: index += 1
    case .string(let quotes, let hashes): stepInString(character, quotes, hashes)
    case .code, .interpolation: stepInCode(character)
    }
  }

  private mutating func endLine() {
    if modes.last == .comment { modes.removeLast() }
    result.append("\n")
    index += 1
  }

  private mutating func stepInCode(_ character: Character) {
    let hashes = run(of: "#", at: index)
    if character == "/", run(of: "/", at: index) > 1 {
      modes.append(.comment)
    } else if run(of: "\"", at: index + hashes) > 0 {
      let found = run(of: "\"", at: index + hashes)
      let quotes = found >= 3 ? 3 : 1
      modes.append(.string(quotes: quotes, hashes: hashes))
      index += hashes + quotes
      result.append("\"")
    } else {
      track(character)
      result.append(character)
      index += 1
    }
  }

  private mutating func track(_ character: Character) {
    guard case .interpolation(let depth) = modes[modes.count - 1] else { return }
    if character == "(" { modes[modes.count - 1] = .interpolation(depth: depth + 1) }
    if character == ")" {
      if depth == 1 { modes.removeLast() } else { modes[modes.count - 1] = .interpolation(depth: depth - 1) }
    }
  }

  private mutating func stepInString(_ character: Character, _ quotes: Int, _ hashes: Int) {
    if character == "\\", run(of: "#", at: index + 1) >= hashes {
      let next = index + 1 + hashes
      if next < text.count, text[next] == "(" {
        modes.append(.interpolation(depth: 1))
        result.append(" (")
      }
      index = next < text.count && text[next] == "\n" ? next : next + 1
    } else if character == "\"", run(of: "\"", at: index) >= quotes, run(of: "#", at: index + quotes) >= hashes {
      modes.removeLast()
      result.append("\"")
      index += quotes + hashes
    } else {
      index += 1
    }
  }

  private func run(of character: Character, at start: Int) -> Int {
    var end = start
    while end < text.count, text[end] == character { end += 1 }
    return end - start
  }
}
