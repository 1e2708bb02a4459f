import TestSupport

extension ServerPair {
  /// A part of the stream, as short as can be found in a few seconds, that the servers still disagree on in that way.
  func shrink(_ steps: [Step], to disagreement: Disagreement, seconds: Double = 3) throws -> [Step] {
    var steps = Array(steps.prefix(disagreement.index + 1))
    let deadline = now() + seconds
    var size = max(1, steps.count / 2)
    while true {
      var start = 0
      var hasShrunk = false
      while start < steps.count, now() < deadline {
        var fewer = steps
        fewer.removeSubrange(start..<min(start + size, steps.count))
        if try run(fewer, isShort: true).contains(where: { $0.kind == disagreement.kind }) {
          steps = fewer
          hasShrunk = true
        } else {
          start += size
        }
      }
      if now() >= deadline || (size == 1 && !hasShrunk) { return steps }
      size = max(1, size / 2)
    }
  }
}
