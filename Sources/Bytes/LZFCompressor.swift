// LZF, the compression of long strings in DUMP (Marc A. Lehmann's liblzf, http://software.schmorp.de/pkg/liblzf.html,
// in the variant that redis-server is built with: 2^16 hash slots, VERY_FAST). The output is a row of
//
//     000LLLLL  L + 1 bytes                  bytes as they are, at most 32
//     LLLooooo  oooooooo                     L + 2 bytes again that stand o + 1 bytes back, 1 <= L <= 6, o < 8192
//     111ooooo  LLLLLLLL  oooooooo           L + 9 bytes again
//
// Each position is hashed by the three bytes there; the slot says where that hash was seen last. To be the same as
// liblzf's to the byte, what looks like oversights is kept: the very first byte is never referred to, and the positions
// within a match are left out of the table, but for its last two.
//
// It works in steps, so that a large value is compressed without holding up anything else.

/// Compresses one string, some bytes a step.
public struct LZFCompressor: ~Copyable {
  /// How a step ended.
  public enum Progress: Equatable, Sendable {
    /// There is more to compress.
    case more
    /// The output is complete.
    case done
    /// The output would be longer than allowed.
    case tooLong
  }

  private static let literalsMax = 32
  private static let distanceMax = 1 << 13
  private static let matchMax = 1 << 8 | 1 << 3
  private static let slotCount = 1 << 16

  /// What has been compressed so far; complete when a step says so.
  public private(set) var output: ByteBuffer
  private let outputMax: Int
  private var slots = ZeroedArray<UInt32>(count: slotCount)
  private var position = 0
  /// Bytes written, the byte that will say how long the current run of literals is included.
  private var written = 1
  private var literals = 0

  /// Creates a compressor of one string whose output may have `outputMax` bytes.
  public init(outputMax: Int) {
    precondition(outputMax >= 0, "a length is not negative")
    self.outputMax = outputMax
    // At the end up to three bytes are written beyond what was checked, as the algorithm has it.
    output = ByteBuffer(capacity: outputMax + 8)
  }

  /// Moves the output, complete or not, into an empty buffer; there is no further step.
  public mutating func takeOutput(into buffer: inout ByteBuffer) {
    precondition(buffer.isEmpty, "the output is not put behind anything")
    swap(&output, &buffer)
  }

  /// Compresses about `budget` more bytes of `input`, which is the same in each step and shorter than 4 GiB.
  public mutating func step(_ input: Span<UInt8>, budget: Int = .max) -> Progress {
    precondition(input.count < UInt32.max, "positions fit 32 bits")
    guard !input.isEmpty, outputMax > 0 else { return .tooLong }
    let end = input.count
    let stop = budget < end - position ? position + budget : end
    while position < end - 2 {
      if position >= stop { return .more }
      guard input.withUnsafeBufferPointer({ encodeNext($0) }) else { return .tooLong }
    }
    if written + 3 > outputMax { return .tooLong }
    while position < end { appendLiteral(input[position]) }
    endLiterals()
    output.commit(written)
    return .done
  }

  /// Writes a match or a literal; false if there is no room.
  @inline(__always)
  private mutating func encodeNext(_ input: UnsafeBufferPointer<UInt8>) -> Bool {
    let slot = Self.slot(input, position)
    let candidate = Int(slots[slot])
    slots[slot] = UInt32(truncatingIfNeeded: position)
    let distance = position - candidate - 1
    guard candidate > 0, distance >= 0, distance < Self.distanceMax, input[candidate] == input[position],
      input[candidate + 1] == input[position + 1], input[candidate + 2] == input[position + 2]
    else {
      guard written < outputMax else { return false }
      appendLiteral(input[position])
      return true
    }
    guard written - (literals == 0 ? 1 : 0) + 4 < outputMax else { return false }
    endLiterals()
    let length = Self.matchLength(input, candidate, position)
    writeMatch(length: length, distance: distance)
    literals = 0
    written += 1
    position += length
    guard position < input.count - 2 else { return true }
    for recent in position - 2..<position {
      slots[Self.slot(input, recent)] = UInt32(truncatingIfNeeded: recent)
    }
    return true
  }

  /// How many bytes at both places are the same, of which three are known to be.
  ///
  /// The first 16 beyond those are compared even where that goes beyond the limit by two.
  private static func matchLength(_ input: UnsafeBufferPointer<UInt8>, _ candidate: Int, _ position: Int) -> Int {
    let most = min(input.count - position - 2, matchMax)
    var length = 2
    if most > 16 {
      for _ in 0..<16 {
        length += 1
        if input[candidate + length] != input[position + length] { return length }
      }
    }
    repeat { length += 1 } while length < most && input[candidate + length] == input[position + length]
    return length
  }

  private mutating func writeMatch(length: Int, distance: Int) {
    let high = UInt8(truncatingIfNeeded: distance >> 8)
    let count = length - 2
    if count < 7 {
      write(high | UInt8(truncatingIfNeeded: count << 5))
    } else {
      write(high | 7 << 5)
      write(UInt8(truncatingIfNeeded: count - 7))
    }
    write(UInt8(truncatingIfNeeded: distance))
  }

  private mutating func appendLiteral(_ byte: UInt8) {
    write(byte)
    literals += 1
    position += 1
    if literals == Self.literalsMax {
      endLiterals()
      literals = 0
      written += 1
    }
  }

  /// Says in front of the current run how many literals it has; takes that byte back if there are none.
  private mutating func endLiterals() {
    output.base[written - literals - 1] = UInt8(truncatingIfNeeded: literals - 1)
    if literals == 0 { written -= 1 }
  }

  private mutating func write(_ byte: UInt8) {
    precondition(written < output.capacity, "the room was checked")
    output.base[written] = byte
    written += 1
  }

  @inline(__always)
  private static func slot(_ input: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int {
    let hash = UInt32(input[index]) << 16 | UInt32(input[index + 1]) << 8 | UInt32(input[index + 2])
    return Int(((hash >> 8) &- hash &* 5) & UInt32(slotCount - 1))
  }
}
