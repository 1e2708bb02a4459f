// The line dialect's parser. However the bytes arrive, the same comes of them; a second, simple reader splits each line
// into the same words; a request that is written down anew, all in quotes and escapes, is read as the same.
//
// Flags: 0 low limits, 1 the listener is for lines alone.

import Bytes
import Wire

enum LineTarget {
  static func run(_ input: FuzzInput) {
    var limits = WireLimits()
    if input.has(0) {
      limits.lineBytesMax = 40
      limits.argumentsMax = 4
    }
    let isPinned = input.has(1)
    let whole = LineOutcome([input.body[...]], limits, isPinned)
    check(LineOutcome(input.pieces, limits, isPinned) == whole, "pieces give the same as the whole: \(whole)")
    check(LineOutcome(input.bytes, limits, isPinned) == whole, "bytes give the same as the whole: \(whole)")
    // A line whose beginning was looked at before goes the general way.
    let general = input.body.indices.filter { input.body[$0] == 10 }
    let cuts = [0] + general + [input.body.count]
    let parts = zip(cuts, cuts.dropFirst()).map { input.body[$0..<$1] }
    check(LineOutcome(parts, limits, isPinned) == whole, "both ways give the same: \(whole)")
    holdAgainstReference(whole, input.body, limits)
    for case .request(let words) in whole.items {
      let line = words.map(escaped).joined(separator: [0x20]) + [10]
      let again = LineOutcome([line[...]], WireLimits(), true)
      check(again.items == [.request(words)], "\(words) written anew are \(again)")
    }
  }

  /// A word in quotes, each byte as its number.
  static func escaped(_ word: [UInt8]) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return [34] + word.flatMap { [92, 120, digits[Int($0 >> 4)], digits[Int($0 & 15)]] } + [34]
  }

  private static func holdAgainstReference(_ outcome: LineOutcome, _ bytes: [UInt8], _ limits: WireLimits) {
    var items = outcome.items[...]
    var isRefused = false
    if case .refused = items.last {
      items.removeLast()
      isRefused = true
    }
    var lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map { Array($0) }
    let rest = lines.removeLast()
    for var line in lines {
      if line.last == 13 { line.removeLast() }
      let isTooLong = line.count > limits.lineBytesMax
      guard isTooLong || !line.allSatisfy({ $0 == 32 || $0 == 9 }) else { continue }
      guard let item = items.popFirst() else {
        check(isRefused, "each line has an outcome: \(outcome)")
        return
      }
      let words = isTooLong ? nil : LineReader.words(line, argumentsMax: limits.argumentsMax)
      switch item {
      case .request(let found): check(found == words, "\(line) is \(words ?? []), not \(found)")
      case .fault(.lineTooLong): check(isTooLong, "\(line) is not too long")
      case .fault(let fault): check(words == nil, "\(line) is no request, for \(fault)")
      case .refused: check(false, "nothing comes behind a refusal")
      }
    }
    if rest.count > limits.lineBytesMax + 1, let item = items.popFirst() {
      check(item == .fault(.lineTooLong(limit: limits.lineBytesMax)), "half a line is too long, or nothing: \(item)")
    }
    check(items.isEmpty, "there is no more than the lines: \(items)")
  }
}

/// Splits a line into words, one character after the other.
enum LineReader {
  /// The words of a line without its end; nil if it is no request.
  static func words(_ line: [UInt8], argumentsMax: Int) -> [[UInt8]]? {
    var rest = line[...]
    var words: [[UInt8]] = []
    func dropSpaces() { rest = rest.drop { $0 == 32 || $0 == 9 } }
    dropSpaces()
    while !rest.isEmpty {
      if words.count > argumentsMax { return nil }
      if words.count == 2, isPut(words[0]) {
        guard rest.first == 34 else { return words + [Array(rest)] }
        guard let value = quoted(&rest), rest.isEmpty else { return nil }
        return words + [value]
      }
      if rest.first == 34 {
        guard let word = quoted(&rest), rest.isEmpty || rest.first == 32 || rest.first == 9 else { return nil }
        words.append(word)
      } else {
        let word = rest.prefix { $0 != 32 && $0 != 9 }
        words.append(Array(word))
        rest = rest.dropFirst(word.count)
      }
      if words.count == 2, isPut(words[0]) { rest = rest.dropFirst() } else { dropSpaces() }
    }
    return words
  }

  private static func isPut(_ verb: [UInt8]) -> Bool { verb.map { $0 & 0xDF } == Array("PUT".utf8) }

  /// Takes a quoted word; nil if it is not closed, or has an escape that there is not.
  private static func quoted(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    rest.removeFirst()
    var word: [UInt8] = []
    while let byte = rest.popFirst() {
      if byte == 34 { return word }
      guard byte == 92 else {
        word.append(byte)
        continue
      }
      guard let letter = rest.popFirst() else { return nil }
      switch letter {
      case 34, 92: word.append(letter)
      case UInt8(ascii: "n"): word.append(10)
      case UInt8(ascii: "r"): word.append(13)
      case UInt8(ascii: "t"): word.append(9)
      case UInt8(ascii: "x"):
        let digits = String(decoding: rest.prefix(2), as: UTF8.self)
        guard digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit), let number = UInt8(digits, radix: 16) else {
          return nil
        }
        word.append(number)
        rest = rest.dropFirst(2)
      default: return nil
      }
    }
    return nil
  }
}

/// What comes of bytes that arrive in pieces.
struct LineOutcome: Equatable {
  enum Item: Equatable {
    case request([[UInt8]])
    case fault(LineFault)
    case refused(Refusal)
  }

  private(set) var items: [Item] = []
  private(set) var keptCount = 0

  init(_ pieces: [ArraySlice<UInt8>], _ limits: WireLimits, _ isPinned: Bool) {
    var state = LineState()
    var batch = RequestBatch()
    var kept = ByteBuffer()
    for piece in pieces {
      var buffer = ByteBuffer()
      let lead = kept.count % 3
      for _ in 0..<lead { buffer.append(UInt8(ascii: "?")) }
      buffer.append(kept, 0..<kept.count)
      for byte in piece { buffer.append(byte) }
      var position = lead
      takeAll: while true {
        let result = LineParser.fill(
          &batch, from: &buffer, at: &position, state: &state, limits: limits, refusesRESP: isPinned)
        check(position <= buffer.count, "the parser stays within what it was given")
        switch result {
        case .incomplete: break takeAll
        case .request: for index in 0..<batch.count { items.append(.request(RESPOutcome.words(batch, index, buffer))) }
        case .fault(let fault): items.append(.fault(fault))
        case .refused(let refusal):
          items.append(.refused(refusal))
          return
        }
      }
      kept.removeAll()
      kept.append(buffer, position..<buffer.count)
      check(kept.count <= limits.lineBytesMax + 1, "no more is kept than a line may have")
    }
    keptCount = kept.count
  }
}
