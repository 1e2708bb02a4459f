// What a run is made of, as plain values: the flags fill them in, the generator carries them out.

import LinuxIO

/// How requests and replies are spelled.
enum Dialect: String, CaseIterable, Sendable {
  /// Swiftlet's lines.
  case line
  /// The Redis serialization protocol, version 2.
  case resp
  /// memcached's text protocol.
  case memcached
}

/// What a request asks for.
enum RequestKind: UInt8, CaseIterable, Sendable {
  case get
  case put
  case ping
  /// All keys: LIST, or in RESP `KEYS *`.
  case list
}

/// Which key a request is about.
enum KeyDistribution: Equatable, Sendable {
  /// Every key equally often, at random.
  case uniform
  /// One after the other, from the first.
  case sequential
  /// The key of rank r as often as 1 / rᵉ, at random.
  case zipf(exponent: Double)
}

/// The kinds of requests in the order in which each connection asks for them, over and over.
///
/// The order is fixed, so that the kind a reply answers follows from its number alone.
struct RequestMix: Equatable, Sendable {
  let kinds: [RequestKind]

  /// Requests of one kind.
  init(_ kind: RequestKind) { kinds = [kind] }

  /// `gets` GETs for each `puts` PUTs, spread evenly.
  init(gets: Int, puts: Int) {
    let total = gets + puts
    kinds = (0..<total).map { ($0 + 1) * puts / total > $0 * puts / total ? .put : .get }
  }
}

/// How the keys and values of a run look; all runs that share the keys' part find each other's keys.
struct DataShape: Equatable, Sendable {
  var keyCount = 100_000
  var keyBytes = 16
  /// Lengths that values have, each as often as the others.
  var valueBytes = 32...32
  /// Seconds that a PUT lets its key live, each as often as the others; nil: for ever.
  var lifetimeSeconds: ClosedRange<Int>?

  /// The length of every value; nil if they differ.
  var fixedValueBytes: Int? { valueBytes.count == 1 ? valueBytes.lowerBound : nil }
}

/// When a stream of requests has sent its last one.
enum StreamEnd: Equatable, Sendable {
  /// After so many requests.
  case requests(Int)
  /// After so long.
  case nanoseconds(UInt64)
  /// When the other stream has.
  case withOther
}

/// Requests of one make, over some of the connections.
struct StreamPlan: Equatable, Sendable {
  var mix: RequestMix
  var distribution: KeyDistribution
  var connectionCount: Int
  /// Requests that a connection may have under way.
  var pipeline: Int
  /// Requests a second that become due, whatever the server does (open loop); nil: the next batch of a connection
  /// follows the last one's replies (closed loop).
  var requestsPerSecond: Double?
  var end: StreamEnd
  /// Where a sequence of keys begins.
  var firstKey = 0
}

/// A run: where to, and what.
struct Plan: Sendable {
  var target: ListenAddress
  var dialect: Dialect
  var shape: DataShape
  var main: StreamPlan
  var background: StreamPlan?
  /// Every key is put once before anything else.
  var prefills: Bool
  var warmUpNanoseconds: UInt64
  /// Threads that the connections are spread over.
  var threadCount: Int
  /// Connections made a second; nil: as fast as the server accepts them.
  var connectionsPerSecond: Double?
  /// Addresses from 127.0.0.1 on that connections come from, in rotation; 1 leaves the choice to the kernel.
  var sourceCount: Int
  var serverPID: Int32?
  var seed: UInt64
  /// Whether latencies are also kept by the second, for a log.
  var keepsIntervals: Bool

  /// Connections of both streams.
  var connectionCount: Int { main.connectionCount + (background?.connectionCount ?? 0) }
}
