import Bytes
import Store
import Wire

/// Values as strings of bits, the highest bit of the first byte first.
enum BitCommands {
  static let rows: [Command] = [
    Command(
      "SETBIT", .bitmap, [.key, .word("offset", "an offset"), .word("value", "a bit")], [.writes, .grows], "O(1)",
      "Set or clear a bit of a key's value", run: setBit),
    Command(
      "GETBIT", .bitmap, [.key, .word("offset", "an offset")], [.reads, .fast], "O(1)", "Show a bit of a key's value",
      run: getBit),
    Command(
      "BITCOUNT", .bitmap, [.key, .options("[start end [BYTE | BIT]]")], [.reads, .timed],
      "O(N), N being the length of the part", "Count the bits that are set in a key's value, or in a part of it",
      run: count),
    Command(
      "BITPOS", .bitmap, [.key, .word("bit", "a bit"), .options("[start [end [BYTE | BIT]]]")], [.reads, .timed],
      "O(N), N being the length of the part", "Find the first bit that is set, or the first that is not",
      run: position),
    Command(
      "BITOP", .bitmap,
      [.word("AND | OR | XOR | NOT", "an operation"), .key("destkey", "a key for the result"), .keys],
      [.writes, .grows, .timed, .copies], "O(N), N being the length of the values",
      "Combine values bit by bit, and store the result", run: combine),
  ]

  // MARK: - One bit

  static func setBit(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard let place = place(request[2], &executor) else { return .replied }
    guard let bit = request[3].integer, bit == 0 || bit == 1 else {
      executor.refuse("ERR", "bit is not an integer or out of range")
      return .replied
    }
    let old = storedByte(place.index, of: request[1], executor)
    let changed = bit == 1 ? old.byte | place.mask : old.byte & ~place.mask
    do throws(StoreError) {
      // A bit that stays as it is still makes the value a raw one, as in Redis, but is no change to who watches it.
      let isChange = changed != old.byte || place.index >= old.count
      let count = max(old.count, place.index + 1)
      let part = place.index..<place.index + 1
      try executor.change(request[1], executor.keyHash, count: count, part: part, isChange: isChange) { value in
        value[place.index] = changed
      }
      executor.replies.integer(old.byte & place.mask == 0 ? 0 : 1)
    } catch {
      executor.refuse(error)
    }
    return .replied
  }

  static func getBit(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard let place = place(request[2], &executor) else { return .replied }
    let byte = storedByte(place.index, of: request[1], executor).byte
    executor.replies.integer(byte & place.mask == 0 ? 0 : 1)
    return .replied
  }

  /// The byte that a bit's offset lies in, and its bit there; nil if an error is written.
  private static func place(
    _ word: Span<UInt8>, _ executor: inout CommandExecutor
  ) -> (index: Int, mask: UInt8)? {
    guard let offset = word.integer, offset >= 0, offset >> 3 < Int64(executor.settings.valueBytesMax) else {
      executor.refuse("ERR", "bit offset is not an integer or out of range")
      return nil
    }
    return (Int(offset >> 3), 0x80 >> UInt8(offset & 7))
  }

  /// A byte of a key's value, 0 where there is none, and the value's length.
  private static func storedByte(
    _ index: Int, of key: Span<UInt8>, _ executor: borrowing CommandExecutor
  ) -> (byte: UInt8, count: Int) {
    guard let value = executor.keyspace.value(of: key, hash: executor.keyHash, now: executor.now) else { return (0, 0) }
    return (index < value.count ? value[index] : 0, value.count)
  }

  // MARK: - Parts

  /// A part of a value as a command names it.
  private struct Part {
    var start: Int64 = 0
    var end: Int64?
    var isInBits = false

    /// The bits that it covers of a value of so many bytes; nil if there are none.
    func bits(count: Int) -> Range<Int>? {
      let total = isInBits ? Int64(count) << 3 : Int64(count)
      guard let units = BitIndices.range(start, end ?? -1, count: total) else { return nil }
      return isInBits ? units : units.lowerBound << 3..<units.upperBound << 3
    }
  }

  static func count(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    // Redis answers for a key that is not there before it looks at the part.
    guard let length = executor.valueCount(of: request[1], executor.keyHash) else {
      executor.replies.integer(0)
      return .replied
    }
    var part = Part()
    if request.count == 4 || request.count == 5 {
      guard let start = integer(request[2], &executor), let end = integer(request[3], &executor) else {
        return .replied
      }
      if start < 0, end < 0, start > end {
        executor.replies.integer(0)
        return .replied
      }
      part = Part(start: start, end: end)
      if request.count == 5, !readUnit(request[4], of: &part, &executor) { return .replied }
    } else if request.count != 2 {
      executor.replies.syntaxError()
      return .replied
    }
    let bits = part.bits(count: length)
    executor.replies.integer(Int64(bits.map { countBits($0, of: request[1], executor) } ?? 0))
    return .replied
  }

  private static func countBits(
    _ bits: Range<Int>, of key: Span<UInt8>, _ executor: borrowing CommandExecutor
  ) -> Int {
    guard let value = executor.keyspace.value(of: key, hash: executor.keyHash, now: executor.now) else { return 0 }
    return value.nonzeroBitCount(in: bits)
  }

  static func position(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard let bit = integer(request[2], &executor) else { return .replied }
    guard bit == 0 || bit == 1 else {
      executor.refuse("ERR", "The bit argument must be 1 or 0.")
      return .replied
    }
    // A key that is not there stands for zeros without end; Redis says so before it looks at the part.
    guard let length = executor.valueCount(of: request[1], executor.keyHash) else {
      executor.replies.integer(bit == 0 ? 0 : -1)
      return .replied
    }
    guard let part = part(request, &executor) else { return .replied }
    guard let bits = part.bits(count: length) else {
      executor.replies.integer(-1)
      return .replied
    }
    if let found = firstBit(bit == 1, in: bits, of: request[1], executor) {
      executor.replies.integer(Int64(found))
    } else {
      // Zeros are thought to stand behind a value whose end was not given.
      executor.replies.integer(bit == 0 && part.end == nil ? Int64(length) << 3 : -1)
    }
    return .replied
  }

  private static func firstBit(
    _ isSet: Bool, in bits: Range<Int>, of key: Span<UInt8>, _ executor: borrowing CommandExecutor
  ) -> Int? {
    guard let value = executor.keyspace.value(of: key, hash: executor.keyHash, now: executor.now) else { return nil }
    return value.firstBit(isSet, in: bits)
  }

  /// The part that BITPOS names; nil if an error is written.
  private static func part(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Part? {
    var part = Part()
    guard request.count <= 6 else {
      executor.replies.syntaxError()
      return nil
    }
    if request.count > 3 {
      guard let start = integer(request[3], &executor) else { return nil }
      part.start = start
    }
    if request.count == 6, !readUnit(request[5], of: &part, &executor) { return nil }
    if request.count > 4 {
      guard let end = integer(request[4], &executor) else { return nil }
      part.end = end
    }
    return part
  }

  /// Reads `BYTE` or `BIT`; false if an error is written.
  private static func readUnit(_ word: Span<UInt8>, of part: inout Part, _ executor: inout CommandExecutor) -> Bool {
    part.isInBits = word.isWord("BIT")
    guard part.isInBits || word.isWord("BYTE") else {
      executor.replies.syntaxError()
      return false
    }
    return true
  }

  private static func integer(_ word: Span<UInt8>, _ executor: inout CommandExecutor) -> Int64? {
    guard let number = word.integer else {
      executor.replies.notAnInteger()
      return nil
    }
    return number
  }

  // MARK: - BITOP

  static func combine(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let word = request[1]
    let isNot = word.isWord("NOT")
    guard let operation = isNot ? BitOperation.xor : BitOperation(word) else {
      executor.replies.syntaxError()
      return .replied
    }
    guard !isNot || request.count == 4 else {
      executor.refuse("ERR", "BITOP NOT must be called with a single source key.")
      return .replied
    }
    var result = combined(operation, request, executor)
    if isNot {
      var bits = result.mutableSpan
      bits.invert()
    }
    let target = request[2]
    do throws(StoreError) {
      if result.isEmpty {
        _ = executor.remove(target, executor.keyHash)
      } else {
        try executor.set(target, executor.keyHash, result.span)
      }
      executor.replies.integer(Int64(result.count))
    } catch {
      executor.refuse(error)
    }
    return .replied
  }

  /// All sources combined, each as long as the longest of them, with zeros behind its end.
  private static func combined(
    _ operation: BitOperation, _ request: borrowing Request, _ executor: borrowing CommandExecutor
  ) -> ByteBuffer {
    var longest = 0
    for index in 3..<request.count {
      let hash = executor.keyspace.hash(request[index])
      longest = max(longest, executor.valueCount(of: request[index], hash) ?? 0)
    }
    var result = ByteBuffer(capacity: longest)
    for index in 3..<request.count {
      let hash = executor.keyspace.hash(request[index])
      if let value = executor.keyspace.value(of: request[index], hash: hash, now: executor.now) {
        append(value, to: &result, operation, isFirst: index == 3, longest)
      } else {
        append(Span(), to: &result, operation, isFirst: index == 3, longest)
      }
    }
    return result
  }

  /// Makes the first value of several the result so far, or combines another one with it.
  private static func append(
    _ value: Span<UInt8>, to result: inout ByteBuffer, _ operation: BitOperation, isFirst: Bool, _ longest: Int
  ) {
    if isFirst {
      result.append(value)
      var rest = result.freeSpace(longest - value.count)
      rest.update(repeating: 0)
      result.commit(longest - value.count)
    } else {
      var bits = result.mutableSpan
      bits.combine(operation, with: value)
    }
  }
}

extension BitOperation {
  fileprivate init?(_ word: Span<UInt8>) {
    if word.isWord("AND") {
      self = .and
    } else if word.isWord("OR") {
      self = .or
    } else if word.isWord("XOR") {
      self = .xor
    } else {
      return nil
    }
  }
}

extension CommandExecutor {
  /// The length of a key's value in bytes; nil if the key is not there.
  func valueCount(of key: Span<UInt8>, _ hash: UInt64) -> Int? {
    guard let value = keyspace.value(of: key, hash: hash, now: now) else { return nil }
    return value.count
  }
}
