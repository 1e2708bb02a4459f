import Bytes
import Commands
import Wire

// Requests of clients that send one and wait for its reply, as most do. Up to 16 sockets are received from in a row,
// one behind the other into the shared buffer, and what came of each is added to one batch; then the batch is executed,
// each request for its own client:
//
//     received   *2 GET k1 │ *3 SET k2 v │ *2 GET k3
//     batch      0         │ 1           │ 2
//     gathered   client 7  │ client 3    │ client 12
//
// So what the requests will touch is fetched into the cache together, as for one client's pipeline, and the parser and
// the preparation run warm. A connection whose bytes turn out to be anything else than one ordinary request is executed
// by itself, once those before it are.

/// A connection whose request stands in the batch at hand.
struct Gathered: BitwiseCopyable {
  let token: ConnectionToken
  /// Where its request begins in `received`.
  let start: Int
}

extension Server where P: ~Copyable {
  /// Whether a connection may be received from, and is likely to have sent one request.
  @inline(__always)
  func isGatherable(_ slot: Int) -> Bool {
    let flags = connections[slot].flags
    return flags.contains(.sendsSingly) && !flags.contains(.isDraining) && !isHeldBack(slot)
      && connections[slot].input == .none && !executor.clients[slot].flags.contains(.mustAuthenticate)
  }

  /// Receives from a connection, and adds its request to those that are executed together.
  mutating func gather(_ slot: Int) {
    if gatheredCount == 0 { batch.removeAll() }
    let start = received.count
    guard receive(from: slot) else { return close(slot) }
    let token = connections.token(of: slot)
    if takeOnlyRequest(of: slot, from: start) {
      gathered[gatheredCount] = Gathered(token: token, start: start)
      gatheredCount += 1
      if gatheredCount == WireLimits.requestsPerBatchMax || received.count >= ReactorLimits.gatheredBytesMax {
        executeGathered()
      }
      return
    }
    executeGathered(before: start)
    // One of them may have closed it.
    if connections.isCurrent(token) { executeReceived(slot, isSwapped: false) } else { received.removeAll() }
  }

  private mutating func takeOnlyRequest(of slot: Int, from start: Int) -> Bool {
    if executor.clients[slot].dialect == .line {
      LineParser.takeOnly(&batch, from: received, at: start, limits: limits)
    } else {
      RESPParser.takeOnly(&batch, from: received, at: start, limits: limits)
    }
  }

  /// Executes all requests that were gathered; whoever wants to use `received` or `batch` does this first.
  mutating func executeGathered() { executeGathered(before: received.count) }

  /// Executes all requests that were gathered, and leaves in `received` what stands there from `end` on.
  private mutating func executeGathered(before end: Int) {
    guard gatheredCount > 0 else { return }
    executor.prepare(batch, of: received)
    for index in 0..<gatheredCount where connections.isCurrent(gathered[index].token) {
      executeGathered(index, of: gathered[index].token.slot)
    }
    gatheredCount = 0
    if end == received.count { received.removeAll() } else { received.removePrefix(end) }
  }

  private mutating func executeGathered(_ index: Int, of slot: Int) {
    let start = executor.replies.buffer.count
    executor.select(slot)
    let run = executeBatch(slot, index..<index + 1, repliesMax: repliesMax(slot))
    if run.continuation == .again {
      let kept = buffers.acquire()
      buffers[kept].append(received, gathered[index].start..<batch.end(of: index))
      connections[slot].input = kept
      connections[slot].flags.insert(.hasRequests)
    }
    post(slot, from: start)
  }
}
