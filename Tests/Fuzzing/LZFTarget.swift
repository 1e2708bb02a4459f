// LZF both ways: what is compressed comes out again, in steps of any size; anything that is taken apart comes to the
// same as with a second, simple reader, and to no more bytes than were announced.
//
// Flags: 0 the body is compressed bytes, otherwise a value. The gaps are the steps; the first three are the length that
// is announced.

import Bytes

enum LZFTarget {
  static func run(_ input: FuzzInput) {
    if input.has(0) {
      let count = Int(input.gaps[0]) | Int(input.gaps[1]) << 8 | Int(input.gaps[2] & 1) << 16
      let once = unpacked(input.body, count, [.max])
      check(once == LZFReader.value(input.body, count: UInt64(count)), "\(input.body) is \(once ?? [])")
      check(once == unpacked(input.body, count, input.gaps.map(Int.init)), "steps give the same as one go")
    } else {
      let bound = input.body.count + 200
      guard let packed = packed(input.body, bound, [.max]) else {
        return check(input.body.isEmpty, "everything fits where there is room enough")
      }
      check(packed == self.packed(input.body, bound, input.gaps.map(Int.init)), "steps give the same as one go")
      check(unpacked(packed, input.body.count, [.max]) == input.body, "\(input.body) comes out again")
      check(LZFReader.value(packed, count: UInt64(input.body.count)) == input.body, "\(input.body) is read by others")
      let tight = self.packed(input.body, Int(input.gaps[0]), [.max])
      check(tight == nil || tight == packed && packed.count <= Int(input.gaps[0]), "the bound is kept")
    }
  }

  private static func packed(_ value: [UInt8], _ bound: Int, _ steps: [Int]) -> [UInt8]? {
    var compressor = LZFCompressor(outputMax: bound)
    var index = 0
    while true {
      let progress = compressor.step(value.span, budget: max(1, steps[index % steps.count]))
      index += 1
      check(index <= value.count + 2, "each step gets on")
      if progress != .more { return progress == .done ? compressor.output.span.copied : nil }
    }
  }

  private static func unpacked(_ bytes: [UInt8], _ count: Int, _ steps: [Int]) -> [UInt8]? {
    var decompressor = LZFDecompressor(outputCount: count)
    var output = ByteBuffer()
    var index = 0
    while true {
      let progress = decompressor.step(bytes.span, into: &output, budget: max(1, steps[index % steps.count]))
      index += 1
      check(index <= count + 2, "each step gets on")
      check(output.count <= count, "there is no more than was announced")
      if progress != .more { return progress == .done ? output.span.copied : nil }
    }
  }
}

/// Takes LZF apart as its format says, in the simplest way.
enum LZFReader {
  static func value(_ bytes: [UInt8], count: UInt64) -> [UInt8]? {
    var rest = bytes[...]
    var value: [UInt8] = []
    while let control = rest.popFirst() {
      if control < 32 {
        guard rest.count > control else { return nil }
        value += rest.prefix(Int(control) + 1)
        rest = rest.dropFirst(Int(control) + 1)
      } else {
        var length = Int(control >> 5) + 2
        if length == 9 {
          guard let more = rest.popFirst() else { return nil }
          length += Int(more)
        }
        guard let low = rest.popFirst() else { return nil }
        let back = (Int(control & 31) << 8 | Int(low)) + 1
        guard back <= value.count else { return nil }
        for _ in 0..<length { value.append(value[value.count - back]) }
      }
      if value.count > count { return nil }
    }
    return value.count == count ? value : nil
  }
}
