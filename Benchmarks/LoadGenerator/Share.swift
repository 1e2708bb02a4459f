// How a run is divided among threads. Each thread has its part of the connections, and of everything that goes with
// them: of the requests, of the rate, of the keys that are put before the run. Parts differ by one at most and add up
// exactly, so that a number of requests is sent to the last one, and each key is put once, by however many threads.

/// One of some equal parts.
struct Share: Equatable, Sendable {
  let index: Int
  let count: Int

  /// All of it.
  static let whole = Share(index: 0, count: 1)

  /// This part of the numbers from 0 up to `total`.
  func part(of total: Int) -> Range<Int> { boundary(index, total)..<boundary(index + 1, total) }

  private func boundary(_ number: Int, _ total: Int) -> Int {
    let (quotient, remainder) = total.quotientAndRemainder(dividingBy: count)
    return quotient * number + min(remainder, number)
  }
}

extension StreamPlan {
  /// The part of the stream that is one thread's.
  func part(_ share: Share, keyCount: Int) -> StreamPlan {
    var part = self
    part.firstKey = share.part(of: keyCount).lowerBound
    part.connectionCount = share.part(of: connectionCount).count
    // As many requests a second on each connection, whoever has it.
    part.requestsPerSecond = requestsPerSecond.map { $0 * Double(part.connectionCount) / Double(connectionCount) }
    if case .requests(let total) = end { part.end = .requests(share.part(of: total).count) }
    return part
  }
}

extension Plan {
  /// The part of the run that is one thread's. A background of fewer connections than threads is the first threads'.
  func part(_ thread: Int) -> Plan {
    let share = Share(index: thread, count: threadCount)
    var part = self
    part.main = main.part(share, keyCount: shape.keyCount)
    part.connectionsPerSecond = connectionsPerSecond.map { $0 / Double(threadCount) }
    if let background {
      let threads = min(threadCount, background.connectionCount)
      let share = Share(index: thread, count: threads)
      part.background = thread < threads ? background.part(share, keyCount: shape.keyCount) : nil
    }
    return part
  }
}
