// What the parts of a request cost, each by itself: hash, table, parsers, encoder.
//
//     export SWIFTLET_MICROBENCHMARKS=1
//     swift package --scratch-path .build-micro benchmark --target Microbenchmarks                      all
//     swift package --scratch-path .build-micro benchmark --target Microbenchmarks --filter 'table.*'   some
//
// Times are those of one operation. They vary with what else the machine does: to show that a change is better, compare
// the medians of several runs in turn, or count instructions with `Benchmarks/run budget`. The package knows this
// target, and the benchmark package that it needs, only if the variable is set; its own scratch path keeps the other
// builds as they are.

import Benchmark
import Bytes
import Store
import Wire

let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = Benchmark.Configuration(
    metrics: [.wallClock, .throughput], scalingFactor: .mega, maxDuration: .seconds(2))
  hashBenchmarks()
  tableBenchmarks()
  parserBenchmarks()
  encoderBenchmarks()
}

/// Words as good as drawn at random: the hash is no better than its secret.
private let hashSeed = HashSeed(
  0x9E37_79B9_7F4A_7C15, 0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB, 0xD6E8_FEB8_6659_FD93)

// MARK: - Hash

private func hashBenchmarks() {
  for length in [8, 16, 64, 1024] {
    Benchmark("hash, \(length) bytes") { benchmark in
      var input = ByteBuffer()
      input.append([UInt8](repeating: 7, count: length).span)
      var sum: UInt64 = 0
      benchmark.startMeasurement()
      for _ in benchmark.scaledIterations { sum &+= hashSeed.hash(input.span) }
      benchmark.stopMeasurement()
      blackHole(sum)
    }
  }
}

// MARK: - Table

/// Keys of sixteen digits, in an order that is not that of their memory in a table.
private struct Keys: ~Copyable {
  static let count = 1 << 20
  static let bytes = 16

  private var text = ByteBuffer(capacity: count * bytes)

  init() {
    for number in 0..<Self.count {
      // An odd factor and a power of two: every number once.
      let scattered = UInt64(number) &* 0x9E37_79B9 % UInt64(Self.count)
      text.append(decimal: scattered + 1_000_000_000_000_000)
    }
  }

  /// The key of a number, round and round.
  subscript(number: Int) -> Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let start = number % Self.count * Self.bytes
      return text.span.extracting(start..<start + Self.bytes)
    }
  }
}

extension Keyspace {
  /// An empty keyspace.
  private static func empty() -> Keyspace {
    do { return try Keyspace(seed: hashSeed, pages: .heap) } catch { fatalError("no memory: \(error)") }
  }

  /// A keyspace that holds all keys, put in another order than they are asked for.
  fileprivate static func filled(_ keys: borrowing Keys) -> Keyspace {
    var keyspace = empty()
    for number in 0..<Keys.count { keyspace.put(keys[number * 7]) }
    return keyspace
  }

  fileprivate mutating func put(_ key: Span<UInt8>) {
    let value: InlineArray<32, UInt8> = .init(repeating: 7)
    let hash = self.hash(key)
    do { try set(key, hash: hash, value: value.span, now: 0) } catch { fatalError("\(error)") }
  }

  fileprivate static func insertAll(_ keys: borrowing Keys, _ benchmark: Benchmark) -> Int {
    var keyspace = empty()
    benchmark.startMeasurement()
    for number in benchmark.scaledIterations { keyspace.put(keys[number]) }
    benchmark.stopMeasurement()
    return keyspace.count
  }
}

private func tableBenchmarks() {
  let usual = Benchmark.defaultConfiguration
  defer { Benchmark.defaultConfiguration = usual }
  // Filling the table takes longer than what is measured then, so that is done a few times only.
  Benchmark.defaultConfiguration.warmupIterations = 0
  Benchmark.defaultConfiguration.maxIterations = 3
  Benchmark("table, lookup that finds, 1M keys") { benchmark in
    let keys = Keys()
    let keyspace = Keyspace.filled(keys)
    var found = 0
    benchmark.startMeasurement()
    for number in benchmark.scaledIterations {
      let key = keys[number]
      if keyspace.value(of: key, hash: keyspace.hash(key), now: 0) != nil { found += 1 }
    }
    benchmark.stopMeasurement()
    precondition(found == benchmark.scaledIterations.count, "every key is there")
  }
  Benchmark("table, lookup that finds nothing, 1M keys") { benchmark in
    let keys = Keys()
    let keyspace = Keyspace.filled(keys)
    var found = 0
    benchmark.startMeasurement()
    for number in benchmark.scaledIterations {
      // One of the keys, cut short.
      let key = keys[number].extracting(first: Keys.bytes - 1)
      if keyspace.contains(key, hash: keyspace.hash(key), now: 0) { found += 1 }
    }
    benchmark.stopMeasurement()
    precondition(found == 0, "no such key is there")
  }
  Benchmark("table, insert, 0 to 1M keys") { benchmark in
    let count = Keyspace.insertAll(Keys(), benchmark)
    precondition(count == benchmark.scaledIterations.count, "every key is new")
  }
  Benchmark("table, overwrite, 1M keys") { benchmark in
    let keys = Keys()
    var keyspace = Keyspace.filled(keys)
    benchmark.startMeasurement()
    for number in benchmark.scaledIterations { keyspace.put(keys[number]) }
    benchmark.stopMeasurement()
    precondition(keyspace.count == Keys.count, "no key is new")
  }
  Benchmark("table, remove, 1M to 48k keys") { benchmark in
    let keys = Keys()
    var keyspace = Keyspace.filled(keys)
    var removed = 0
    benchmark.startMeasurement()
    for number in benchmark.scaledIterations {
      let key = keys[number]
      let hash = keyspace.hash(key)
      if keyspace.remove(key, hash: hash, now: 0) { removed += 1 }
    }
    benchmark.stopMeasurement()
    precondition(removed == benchmark.scaledIterations.count, "every key was there")
  }
}

// MARK: - Parsers

private func parserBenchmarks() {
  let key = "key:000000000042"
  let value = String(repeating: "v", count: 32)
  let lines = [("GET", "GET \(key)\n"), ("PUT", "PUT \(key) \(value)\n")]
  let frames = [
    ("GET", "*2\r\n$3\r\nGET\r\n$16\r\n\(key)\r\n"), ("SET", "*3\r\n$3\r\nSET\r\n$16\r\n\(key)\r\n$32\r\n\(value)\r\n"),
  ]
  for (name, text) in lines {
    Benchmark("parser, line, \(name)") { benchmark in
      var input = repeated(text)
      var state = LineState()
      var batch = RequestBatch()
      let limits = WireLimits()
      var position = 0
      var count = 0
      benchmark.startMeasurement()
      while count < benchmark.scaledIterations.count {
        if position == input.count { position = 0 }
        let result = LineParser.fill(&batch, from: &input, at: &position, state: &state, limits: limits)
        guard case .request = result else { fatalError("every line is a request") }
        count += batch.count
      }
      benchmark.stopMeasurement()
    }
  }
  for (name, text) in frames {
    Benchmark("parser, RESP, \(name)") { benchmark in
      var input = repeated(text)
      var state = RESPState()
      var batch = RequestBatch()
      let limits = WireLimits()
      var position = 0
      var count = 0
      benchmark.startMeasurement()
      while count < benchmark.scaledIterations.count {
        if position == input.count { position = 0 }
        let result = RESPParser.fill(
          &batch, from: &input, at: &position, state: &state, limits: limits, isAuthenticated: true)
        guard result == .requests else { fatalError("every frame is a request") }
        count += batch.count
      }
      benchmark.stopMeasurement()
    }
  }
}

/// A request as many times as are parsed together.
private func repeated(_ text: String) -> ByteBuffer {
  var buffer = ByteBuffer()
  for _ in 0..<WireLimits.requestsPerBatchMax { buffer.append(Array(text.utf8).span) }
  return buffer
}

// MARK: - Encoder

private func encoderBenchmarks() {
  for dialect in [Dialect.line, .resp2] {
    Benchmark("encoder, \(dialect), value") { benchmark in
      var writer = ReplyWriter(capacity: 1 << 16)
      writer.dialect = dialect
      let value = [UInt8](repeating: UInt8(ascii: "v"), count: 32)
      benchmark.startMeasurement()
      for number in benchmark.scaledIterations {
        if number % 512 == 0 { writer.buffer.removeAll() }
        writer.value(value.span)
      }
      benchmark.stopMeasurement()
      blackHole(writer.buffer.count)
    }
    Benchmark("encoder, \(dialect), OK and integer") { benchmark in
      var writer = ReplyWriter(capacity: 1 << 16)
      writer.dialect = dialect
      benchmark.startMeasurement()
      for number in benchmark.scaledIterations {
        if number % 512 == 0 { writer.buffer.removeAll() }
        writer.ok()
        writer.integer(Int64(number))
      }
      benchmark.stopMeasurement()
      blackHole(writer.buffer.count)
    }
  }
}
