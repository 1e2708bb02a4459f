// The places where Swiftlet's replies differ from those of Redis 7.0 on purpose, each with its reason. Whatever is not
// listed here has to be the same to the byte.

import TestSupport

/// A documented difference.
struct Difference: Sendable {
  /// What differs.
  let what: String
  /// Why it does.
  let reason: String
  /// Whether these replies to a request differ in that way: Redis's, then Swiftlet's.
  let covers: @Sendable (Words, RESPValue, RESPValue) -> Bool
}

enum Differences {
  static let all: [Difference] = []

  /// Whether what two replies differ in is listed.
  static func cover(_ request: Words, _ redis: RESPValue, _ swiftlet: RESPValue) -> Bool {
    all.contains { $0.covers(request, redis, swiftlet) }
  }
}
