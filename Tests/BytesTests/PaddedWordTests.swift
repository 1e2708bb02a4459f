import Bytes
import Testing

@Suite struct PaddedWordTests {
  @Test(arguments: [0, 1, 7, 8, 9, 15, 16, 17])
  func `a padded word is the bytes from its index on, and zeros`(_ count: Int) {
    let bytes = (0..<count).map { UInt8($0 + 1) }
    for index in 0...(count + 9) {
      var expected: UInt64 = 0
      for place in 0..<8 where index + place < count { expected |= UInt64(bytes[index + place]) << UInt64(8 * place) }
      #expect(bytes.span.paddedWord(at: index) == expected, "\(count) bytes, at \(index)")
    }
  }

  @Test func `there is no word before the first byte`() async {
    await #expect(processExitsWith: .failure) { _ = [1, 2, 3].span.paddedWord(at: -1) }
  }
}
