import Bytes
import Testing

@Suite struct LittleEndianTests {
  @Test func `numbers are read and written with their lowest byte first at any offset`() {
    for offset in 0..<9 {
      var buffer = ByteBuffer()
      for _ in 0..<(offset + 8) { buffer.append(0xEE) }
      buffer.put(littleEndian: 0x0102_0304_0506_0708 as UInt64, at: offset)
      #expect(buffer.span[offset] == 8 && buffer.span[offset + 7] == 1)
      #expect(buffer.span.littleEndian(UInt64.self, at: offset) == 0x0102_0304_0506_0708)
      #expect(buffer.span.littleEndian(UInt32.self, at: offset) == 0x0506_0708)
      buffer.put(littleEndian: -2 as Int64, at: offset)
      #expect(buffer.span.littleEndian(Int64.self, at: offset) == -2)
      buffer.put(littleEndian: 7 as UInt8, at: offset)
      #expect(buffer.span.littleEndian(UInt16.self, at: offset) == 0xFF07)
      #expect(offset == 0 || buffer.span[offset - 1] == 0xEE)
    }
  }

  @Test(arguments: [-1, 1, 9, Int.max, Int.min])
  func `a number that does not lie within its bytes ends the process`(offset: Int) async {
    await #expect(processExitsWith: .failure) { [offset] in
      let bytes = [UInt8](repeating: 0, count: 8)
      _ = bytes.span.littleEndian(UInt64.self, at: offset)
    }
    await #expect(processExitsWith: .failure) { [offset] in
      var buffer = ByteBuffer()
      for _ in 0..<8 { buffer.append(0) }
      buffer.put(littleEndian: 1 as UInt64, at: offset)
    }
  }

  @Test func `a byte that is not zero is found wherever it stands`() {
    for count in 0..<40 {
      var bytes = [UInt8](repeating: 0, count: count)
      #expect(Self.isZero(bytes))
      for index in 0..<count {
        bytes[index] = 1
        #expect(!Self.isZero(bytes))
        bytes[index] = 0
      }
    }
  }

  private static func isZero(_ bytes: [UInt8]) -> Bool { bytes.span.isAllZero }
}
