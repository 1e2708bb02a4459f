// What is left over, for whoever has to know that nothing is: a test at the end of its run.

extension Server where P: ~Copyable {
  /// What the server holds at this moment. O(connections).
  public var holdings: ServerHoldings {
    ServerHoldings(
      connections: connections.openCount, queuedConnections: connections.queuedCount, buffers: buffers.inUse,
      sleepers: sleepers.count, unsentParts: outbox.count + unoffered.count)
  }

  /// Gives the machine back, and forgets everything else without a word to anybody, as a power cut does.
  public consuming func takePlatform() -> P { platform }
}

/// What a server holds of its clients; all zero when the last one is gone.
public struct ServerHoldings: Sendable {
  /// Connections that are open.
  public let connections: Int
  /// Places in the run queue.
  public let queuedConnections: Int
  /// Buffers of partial requests and unsent output.
  public let buffers: Int
  /// Connections that execute nothing for a while.
  public let sleepers: Int
  /// Parts of replies that are neither sent nor kept.
  public let unsentParts: Int

  /// Whether nothing is left of any client.
  public var isEmpty: Bool {
    connections == 0 && queuedConnections == 0 && buffers == 0 && sleepers == 0 && unsentParts == 0
  }
}
