/// A request of one of a stream's connections.
struct Step {
  let connection: Int
  let request: Words

  /// The request's first word in capitals.
  var verb: String { Self.verb(of: request) }

  static func verb(of request: Words) -> String {
    request.first.map { String(decoding: $0, as: UTF8.self).uppercased() } ?? ""
  }
}

/// Makes streams of requests from a seed.
struct StreamGenerator {
  static let connectionCount = 2

  private let phrases: [Phrase]
  private let weights: Int

  /// Creates a generator of requests for the commands that `isOffered` lets through.
  init(isOffered: (String) -> Bool) {
    phrases = Vocabulary.all.filter { isOffered($0.verb) || $0.verb == "NOSUCH" }
    weights = phrases.reduce(0) { $0 + $1.weight }
  }

  /// A stream: the same one for the same seed.
  func stream(seed: UInt64, count: Int) -> [Step] {
    var generator = WordGenerator(seed: seed)
    var steps: [Step] = []
    while steps.count < count {
      let connection = generator.once(in: 6) ? 1 : 0
      let request = phrase(&generator).words(&generator)
      // Expired keys count until someone meets them, and a scan meets all.
      if Step.verb(of: request) == "DBSIZE" {
        steps.append(Step(connection: connection, request: words("SCAN 0 COUNT 1000")))
      }
      steps.append(Step(connection: connection, request: request))
    }
    return steps
  }

  private func phrase(_ generator: inout WordGenerator) -> Phrase {
    var position = generator.number(0...weights - 1)
    for phrase in phrases {
      if position < phrase.weight { return phrase }
      position -= phrase.weight
    }
    return phrases[0]
  }
}
