import Glibc
import Testing

@testable import Commands

/// The reference page, which derives from the command table.
@Suite struct ReferenceTests {
  private static let path = "Sources/Reactor/Documentation.docc/Commands.md"
  private static let variable = "SWIFTLET_WRITE_REFERENCE"

  @Test func `the reference page is what the command table says`() {
    let page = ReferencePage.text
    if getenv(Self.variable) != nil { Self.write(page) }
    #expect(
      Self.read() == page,
      "\(Self.path) is not current. To write it anew: \(Self.variable)=1 swift test --filter ReferenceTests")
  }

  @Test func `each command is on the page`() {
    let lines = ReferencePage.text.split(separator: "\n")
    for row in CommandTable.rows { #expect(lines.contains("### \(row.name)")) }
    for row in Row.all { #expect(lines.contains { $0.hasPrefix("    " + row.words.joined(separator: " ")) }) }
  }

  private static var file: String {
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/") + "/" + path
  }

  private static func read() -> String {
    guard let file = fopen(file, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }

  private static func write(_ text: String) {
    guard let file = fopen(file, "w") else { return }
    defer { fclose(file) }
    let bytes = Array(text.utf8)
    #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
  }
}
