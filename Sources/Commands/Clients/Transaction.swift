// A transaction: requests put one after the other into one buffer, and run through again at EXEC.
//
//     ┌───────┬────────┬──────┬────────┬──────┬─ … ─┬───────┬─ …
//     │ words │ length │ word │ length │ word │     │ words │          numbers of 4 bytes each
//     └───────┴────────┴──────┴────────┴──────┴─ … ─┴───────┴─ …

import Bytes
import Wire

/// Requests that wait for EXEC, or are being executed by it.
struct Transaction {
  private(set) var bytes: [UInt8] = []
  private(set) var requestCount = 0
  /// The traits of all its requests together.
  private(set) var traits: Command.Traits = []
  private var position = 0

  /// Adds a request.
  mutating func append(_ request: borrowing Request, _ traits: Command.Traits) {
    append(number: request.count)
    for index in 0..<request.count {
      let word = request[index]
      append(number: word.count)
      bytes.append(word)
    }
    requestCount += 1
    self.traits.formUnion(traits)
  }

  /// Puts the next request's words into `words`, as parts of `buffer`, which holds the whole transaction; false at the
  /// end.
  mutating func next(_ words: inout RangeList) -> Bool {
    guard position < bytes.count else { return false }
    words.removeAll()
    for _ in 0..<takeNumber() {
      let length = takeNumber()
      words.append(ByteRange(offset: position, count: length))
      position += length
    }
    return true
  }

  private mutating func append(number: Int) {
    let word = UInt32(number)
    for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
  }

  private mutating func takeNumber() -> Int {
    var number = 0
    for index in 0..<4 { number |= Int(bytes[position + index]) << (8 * index) }
    position += 4
    return number
  }
}
