import Bytes
import LinuxIO

extension Generator {
  /// Sends what a connection may send now: in a closed loop a batch if nothing is under way, in an open one what is
  /// due.
  mutating func sendBatch(_ number: Int) throws {
    let stream = links[number].stream
    guard stream < streams.count, links[number].unsent == .none else { return }
    let depth = streams[stream].plan.pipeline
    let count: Int
    if streams[stream].isOpenLoop {
      let due = streams[stream].dueCount(place: links[number].place) - links[number].sent
      count = min(due, depth - links[number].outstanding)
    } else {
      guard links[number].outstanding == 0 else { return }
      count = streams[stream].issue(depth, now: lastProgress)
    }
    guard count > 0 else { return }
    output.removeAll()
    var turn = links[number].nextRequest
    for _ in 0..<count {
      let kind = streams[stream].plan.mix.kinds[turn]
      writer.append(kind, key: streams[stream].chooser.next(), to: &output)
      turn = turn + 1 == streams[stream].plan.mix.kinds.count ? 0 : turn + 1
    }
    links[number].nextRequest = turn
    links[number].sent += count
    links[number].batchSentAt = Clock.monotonicNanoseconds()
    try sendOutput(number)
  }

  private mutating func sendOutput(_ number: Int) throws {
    var taken = 0
    switch Socket.send(to: links[number].socket, output.span) {
    case .bytes(let count): taken = count
    case .wouldBlock: break
    case .broken(let error): throw lost(number, "\(error)")
    }
    guard taken < output.count else { return }
    let kept = pool.acquire()
    pool[kept].append(output, taken..<output.count)
    links[number].unsent = kept
    links[number].unsentTaken = 0
    setWaitsForRoom(number, true)
  }

  /// Sends what the socket had no room for, once.
  mutating func sendUnsent(_ number: Int) throws {
    let kept = links[number].unsent
    guard kept != .none else { return }
    let taken = links[number].unsentTaken
    switch Socket.send(to: links[number].socket, pool[kept].span.extracting(taken..<pool[kept].count)) {
    case .wouldBlock: return
    case .broken(let error): throw lost(number, "\(error)")
    case .bytes(let count):
      links[number].unsentTaken = taken + count
      guard taken + count == pool[kept].count else { return }
    }
    pool.release(kept)
    links[number].unsent = .none
    setWaitsForRoom(number, false)
  }

  private func setWaitsForRoom(_ number: Int, _ waits: Bool) {
    let interest: Interest = waits ? [.readable, .writable] : .readable
    epoll.modify(links[number].socket, token: UInt64(number), interest: interest)
  }
}
