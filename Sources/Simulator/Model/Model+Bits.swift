import Bytes
import Wire

// Values as strings of bits, the highest bit of the first byte first; bit by bit, because that is hard to get wrong.

extension Model {
  mutating func executeBits(_ request: Request, _ reply: inout ReplyMatcher) {
    let key = Int(request.keys[0])
    switch request.verb {
    case .setbit:
      let old = bit(Int(request.number), of: key)
      let byte = Int(request.number >> 3)
      let extends = !isLive(key) || byte >= values[key].count
      reply.integer(old ? 1 : 0)
      // A bit that stays as it is changes nothing for those who watch the key, nor for the disk.
      guard extends || old != (request.second == 1) else { return }
      prepareChange(key)
      if byte >= values[key].count {
        values[key].append(contentsOf: repeatElement(0, count: byte + 1 - values[key].count))
      }
      let mask = UInt8(0x80) >> UInt8(request.number & 7)
      if request.second == 1 { values[key][byte] |= mask } else { values[key][byte] &= ~mask }
      changes[key] &+= 1
    case .getbit: reply.integer(bit(Int(request.number), of: key) ? 1 : 0)
    case .bitcount: reply.integer(bitRange(request, key, isPosition: false)?.count { bit($0, of: key) } ?? 0)
    case .bitpos: executeBitPosition(request, &reply)
    case .bitop: executeBitOperation(request, &reply)
    default: reply.fail("\(request.verb) is none of the bits'")
    }
  }

  private func bit(_ index: Int, of key: Int) -> Bool {
    guard isLive(key), index >> 3 < values[key].count else { return false }
    return values[key][index >> 3] & (0x80 >> UInt8(index & 7)) != 0
  }

  private func bitRange(_ request: Request, _ key: Int, isPosition: Bool) -> Range<Int>? {
    guard isLive(key) else { return nil }
    let isInBits = request.options.contains(.inBits)
    let count = isInBits ? values[key].count * 8 : values[key].count
    var start = request.options.contains(.hasStart) ? Int(request.number) : 0
    var end = request.options.contains(.hasEnd) ? Int(request.second) : -1
    if !isPosition, request.options.contains(.hasEnd), start < 0, end < 0, start > end { return nil }
    if start < 0 { start = max(0, start + count) }
    if end < 0 { end = max(0, end + count) }
    end = min(end, count - 1)
    guard start <= end else { return nil }
    return isInBits ? start..<end + 1 : start * 8..<(end + 1) * 8
  }

  private func executeBitPosition(_ request: Request, _ reply: inout ReplyMatcher) {
    let key = Int(request.keys[0])
    let isSet = request.operation == 1
    guard isLive(key) else { return reply.integer(isSet ? -1 : 0) }
    guard let range = bitRange(request, key, isPosition: true) else { return reply.integer(-1) }
    if let found = range.first(where: { bit($0, of: key) == isSet }) { return reply.integer(found) }
    reply.integer(!isSet && !request.options.contains(.hasEnd) ? values[key].count * 8 : -1)
  }

  private mutating func executeBitOperation(_ request: Request, _ reply: inout ReplyMatcher) {
    var result: [UInt8] = []
    var longest = 0
    for index in 1..<Int(request.keyCount) where isLive(request.key(index)) {
      longest = max(longest, values[request.key(index)].count)
    }
    for byte in 0..<longest {
      var combined = self.byte(byte, of: Int(request.keys[1]))
      for index in 2..<max(2, Int(request.keyCount)) {
        let other = self.byte(byte, of: request.key(index))
        switch request.operation {
        case 0: combined &= other
        case 1: combined |= other
        default: combined ^= other
        }
      }
      result.append(request.operation == 3 ? ~combined : combined)
    }
    let target = Int(request.keys[0])
    if result.isEmpty {
      remove(target)
    } else {
      scratch = result
      store(target, expiry: .max)
    }
    reply.integer(result.count)
  }

  private func byte(_ index: Int, of key: Int) -> UInt8 {
    isLive(key) && index < values[key].count ? values[key][index] : 0
  }
}
