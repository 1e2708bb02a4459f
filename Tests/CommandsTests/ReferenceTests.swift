import Glibc
import TestSupport
import Testing

@testable import Commands

/// The reference page, which derives from the command table.
@Suite struct ReferenceTests {
  private static let path = "Sources/Reactor/Documentation.docc/Commands.md"
  private static let variable = "SWIFTLET_WRITE_REFERENCE"

  @Test func `the reference page is what the command table says`() throws {
    let page = ReferencePage.text
    if getenv(Self.variable) != nil { try writeFile(Self.file, page) }
    #expect(
      readFile(Self.file) == page,
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
}
