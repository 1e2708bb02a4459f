// What the parts of a request cost, each by itself: hash, table, parsers, encoder.
//
//     SWIFTLET_MICROBENCHMARKS=1 swift package benchmark                       all
//     SWIFTLET_MICROBENCHMARKS=1 swift package benchmark --filter 'table.*'    some
//
// Times are those of one operation. They vary with what else the machine does: to show that a change is better, compare
// the medians of several runs in turn, or count instructions with `Benchmarks/run budget`. The package knows this
// target, and the benchmark package that it needs, only if the variable is set.

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

// MARK: - Hash

private func hashBenchmarks() {
  for length in [8, 16, 64, 1024] {
    Benchmark("hash, \(length) bytes") { benchmark in
      let seed = HashSeed(1, 2, 3, 4)
      var input = ByteBuffer()
      input.append([UInt8](repeating: 7, count: length).span)
      var sum: UInt64 = 0
      benchmark.startMeasurement()
      for _ in benchmark.scaledIterations { sum &+= seed.hash(input.span) }
      benchmark.stopMeasurement()
      blackHole(sum)
    }
  }
}

// MARK: - Table

/// A keyspace of many keys, which it asks for in an order that is not that of their memory.
private struct Fixture: ~Copyable {
  static let keyCount = 1 << 20
  static let keyBytes = 16

  var keyspace: Keyspace
  private var keys = ByteBuffer(capacity: keyCount * keyBytes)
  let value = [UInt8](repeating: 7, count: 32)

  init(isFilled: Bool) {
    do { keyspace = try Keyspace(seed: HashSeed(1, 2, 3, 4), pages: .heap) } catch { fatalError("no memory: \(error)") }
    for number in 0..<Self.keyCount {
      // An odd factor and a power of two: every number once.
      let scattered = UInt64(number) &* 0x9E37_79B9 % UInt64(Self.keyCount)
      let digits = Array(String(scattered + 1_000_000_000_000_000).utf8)
      keys.append(digits.span)
    }
    guard isFilled else { return }
    for number in 0..<Self.keyCount { put(number * 7) }
  }

  /// The key of a number, round and round.
  private func key(_ number: Int) -> Range<Int> {
    let start = number % Self.keyCount * Self.keyBytes
    return start..<start + Self.keyBytes
  }

  mutating func put(_ number: Int) {
    let key = keys.span.extracting(key(number))
    do { try keyspace.set(key, hash: keyspace.hash(key), value: value.span, now: 0) } catch { fatalError("\(error)") }
  }

  func find(_ number: Int) -> Int {
    let key = keys.span.extracting(key(number))
    return keyspace.value(of: key, hash: keyspace.hash(key), now: 0)?.count ?? 0
  }

  /// Looks for a key that is not there: one of the others, cut short.
  func miss(_ number: Int) -> Bool {
    let key = keys.span.extracting(key(number)).extracting(first: Self.keyBytes - 1)
    return keyspace.contains(key, hash: keyspace.hash(key), now: 0)
  }

  mutating func remove(_ number: Int) -> Bool {
    let key = keys.span.extracting(key(number))
    return keyspace.remove(key, hash: keyspace.hash(key), now: 0)
  }
}

private func tableBenchmarks() {
  Benchmark("table, lookup that finds, 1M keys") { benchmark in
    let fixture = Fixture(isFilled: true)
    var sum = 0
    benchmark.startMeasurement()
    for number in benchmark.scaledIterations { sum &+= fixture.find(number) }
    benchmark.stopMeasurement()
    precondition(sum == benchmark.scaledIterations.count * fixture.value.count, "every key is there")
  }
  Benchmark("table, lookup that finds nothing, 1M keys") { benchmark in
    let fixture = Fixture(isFilled: true)
    var found = 0
    benchmark.startMeasurement()
    for number in benchmark.scaledIterations where fixture.miss(number) { found += 1 }
    benchmark.stopMeasurement()
    precondition(found == 0, "no such key is there")
  }
  Benchmark("table, insert, 0 to 1M keys") { benchmark in
    var fixture = Fixture(isFilled: false)
    benchmark.startMeasurement()
    for number in benchmark.scaledIterations { fixture.put(number) }
    benchmark.stopMeasurement()
    precondition(fixture.keyspace.count == benchmark.scaledIterations.count, "every key is new")
  }
  Benchmark("table, overwrite, 1M keys") { benchmark in
    var fixture = Fixture(isFilled: true)
    benchmark.startMeasurement()
    for number in benchmark.scaledIterations { fixture.put(number) }
    benchmark.stopMeasurement()
    precondition(fixture.keyspace.count == Fixture.keyCount, "no key is new")
  }
  Benchmark("table, remove, 1M to 48k keys") { benchmark in
    var fixture = Fixture(isFilled: true)
    var removed = 0
    benchmark.startMeasurement()
    for number in benchmark.scaledIterations where fixture.remove(number) { removed += 1 }
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
