import Bytes
import Testing

@Suite struct BitTests {
  @Test func `bits are counted at all lengths`() {
    for count in 0...200 {
      let value = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 3) }
      #expect(value.span.nonzeroBitCount == value.reduce(0) { $0 + $1.nonzeroBitCount }, "\(count)")
    }
  }

  @Test(arguments: [0, 0xFF, 0x5A] as [UInt8])
  func `the first other byte is found wherever it stands`(_ byte: UInt8) {
    for count in 0...40 {
      let value = [UInt8](repeating: byte, count: count)
      #expect(value.span.firstIndex(otherThan: byte) == nil)
      for index in 0..<count {
        var other = value
        other[index] ^= 0x10
        other[count - 1] ^= 0x80
        #expect(other.span.firstIndex(otherThan: byte) == (index == count - 1 ? count - 1 : index))
      }
    }
  }

  @Test func `a copy overwrites its part and nothing else`() {
    for offset in 0...5 {
      var target: [UInt8] = [1, 2, 3, 4, 5]
      let source: [UInt8] = Array([9, 8, 7].prefix(5 - offset))
      var span = target.mutableSpan
      span.copy(source.span, to: offset)
      var expected: [UInt8] = [1, 2, 3, 4, 5]
      expected.replaceSubrange(offset..<offset + source.count, with: source)
      #expect(target == expected)
    }
  }

  @Test func `a copy that does not fit ends the process`() async {
    await #expect(processExitsWith: .failure) {
      var target: [UInt8] = [1, 2, 3]
      let source: [UInt8] = [1, 2]
      var span = target.mutableSpan
      span.copy(source.span, to: 2)
    }
  }
}
