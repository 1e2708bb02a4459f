import Testing

@testable import Commands

/// Requests one after the other on an empty keyspace, each with the reply that redis-server 7.0.15 gave to it:
/// `request => reply`, spelt as `Session` does.
struct Transcript: Sendable, CustomTestStringConvertible {
  let name: String
  let text: String

  var testDescription: String { name }

  /// All transcripts, a group of commands each.
  static let all: [Transcript] = [
    Transcript(name: "SET and its relatives", text: set),
    Transcript(name: "strings", text: strings),
    Transcript(name: "counters", text: counters),
    Transcript(name: "floats", text: floats),
    Transcript(name: "expiry", text: expiry),
    Transcript(name: "keys", text: keys),
    Transcript(name: "bits", text: bits),
    Transcript(name: "LCS", text: lcs),
    Transcript(name: "OBJECT", text: objects),
    Transcript(name: "DUMP and RESTORE", text: dumps),
  ]
}

@Suite struct TranscriptDataTests {
  @Test(arguments: Transcript.all)
  func `every reply is what Redis replies`(_ transcript: Transcript) throws {
    let driver = Session()
    for (request, reply) in try transcript.exchanges {
      #expect(driver.run(typed: request) == reply, "\(request)")
    }
    driver.checkInvariants()
  }

  @Test func `MEMORY USAGE replies as Redis does, but for the number of bytes`() throws {
    let driver = Session()
    driver.ask("SET", "k", "v")
    for (request, reply) in try Transcript(name: "", text: Transcript.memory).exchanges {
      #expect(driver.run(typed: request, among: [MemoryUsage.row], of: "MEMORY") == reply, "\(request)")
    }
    let small = driver.run(typed: "MEMORY USAGE k SAMPLES 0", among: [MemoryUsage.row], of: "MEMORY")
    driver.ask("SETRANGE", "k", "99999", "x")
    let large = driver.run(typed: "MEMORY USAGE k", among: [MemoryUsage.row], of: "MEMORY")
    #expect(small.hasPrefix(":") && Int(small.dropFirst()) ?? 0 < 64)
    #expect(large.hasPrefix(":") && Int(large.dropFirst()) ?? 0 > 100_000)
  }
}

extension Transcript {
  /// Each request with its reply.
  var exchanges: [(request: String, reply: String)] {
    get throws {
      try text.split(separator: "\n").map { line in
        let arrow = try #require(line.range(of: " => "))
        return (String(line[..<arrow.lowerBound]), String(line[arrow.upperBound...]))
      }
    }
  }
}

extension Substring {
  /// Where `text` stands first.
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      formIndex(after: &start)
    }
    return nil
  }
}
