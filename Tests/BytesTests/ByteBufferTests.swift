import Bytes
import Testing

@Suite struct ByteBufferTests {
  @Test func `appended bytes come out in order, across growth`() {
    var buffer = ByteBuffer(capacity: 2)
    for value in 0..<1000 { buffer.append(UInt8(truncatingIfNeeded: value)) }
    buffer.append("end")
    #expect(buffer.count == 1003)
    let bytes = buffer.span
    for index in 0..<1000 { #expect(bytes[index] == UInt8(truncatingIfNeeded: index)) }
    #expect(bytes[1000] == UInt8(ascii: "e"))
  }

  @Test func `a removed prefix leaves the rest`() {
    var buffer = ByteBuffer()
    buffer.append("abcdef")
    buffer.removePrefix(2)
    let rest = buffer.span
    #expect(rest.count == 4)
    #expect(rest[0] == UInt8(ascii: "c"))
  }

  @Test func `free space counts once it is committed`() {
    var buffer = ByteBuffer()
    buffer.append("x")
    var free = buffer.freeSpace(100)
    free[0] = 7
    free[1] = 8
    buffer.commit(2)
    #expect(buffer.count == 3)
    let bytes = buffer.span
    #expect(bytes[1] == 7 && bytes[2] == 8)
  }
}
