import Commands
import Testing

@testable import Simulator

@Suite struct VocabularyTests {
  @Test func `each command of the table is modelled, sent for its reply's shape, or left out for a reason`() {
    let vocabulary = Vocabulary()
    for (number, row) in CommandTable.rows.enumerated() {
      let places = [
        vocabulary.rows.contains(number), vocabulary.unmodelled.contains(number),
        Vocabulary.leftOut["\(row.name)"] != nil,
      ]
      #expect(places.count { $0 } == 1, "\(row.name)")
    }
  }

  @Test func `each modelled verb is a command of the table`() {
    let vocabulary = Vocabulary()
    for verb in Verb.allCases where verb.name != nil { #expect(vocabulary.rows[Int(verb.rawValue)] >= 0, "\(verb)") }
  }

  @Test func `what is left out is in the table`() {
    let names = Set(CommandTable.rows.map { "\($0.name)" })
    for name in Vocabulary.leftOut.keys { #expect(names.contains(name), "\(name)") }
  }
}
