/// Takes LZF apart again (its layout is described with `LZFCompressor`), some bytes a step; trusts nothing.
public struct LZFDecompressor: Sendable {
  /// How a step ended.
  public enum Progress: Equatable, Sendable {
    /// There is more to come.
    case more
    /// The output is complete.
    case done
    /// The input is not what a compressor writes, or does not give as many bytes as it should.
    case damaged
  }

  private let outputCount: Int
  private var position = 0
  private var written = 0

  /// Creates a decompressor of one string of `outputCount` bytes.
  public init(outputCount: Int) {
    precondition(outputCount >= 0, "a length is not negative")
    self.outputCount = outputCount
  }

  /// Appends about `budget` more bytes to `output`; `input` is the same in each step, and what was appended stays
  /// there.
  public mutating func step(
    _ input: Span<UInt8>, into output: inout ByteBuffer, budget: Int = .max
  ) -> Progress {
    let stop = budget < outputCount - written ? written + budget : outputCount
    while position < input.count {
      if written >= stop, written < outputCount { return .more }
      let control = Int(input[position])
      position += 1
      let isGood = control < 32 ? copyLiterals(control + 1, input, &output) : copyMatch(control, input, &output)
      guard isGood else { return .damaged }
    }
    return written == outputCount ? .done : .damaged
  }

  private mutating func copyLiterals(_ length: Int, _ input: Span<UInt8>, _ output: inout ByteBuffer) -> Bool {
    guard length <= input.count - position, length <= outputCount - written else { return false }
    output.append(input.extracting(position..<position + length))
    position += length
    written += length
    return true
  }

  private mutating func copyMatch(_ control: Int, _ input: Span<UInt8>, _ output: inout ByteBuffer) -> Bool {
    var length = control >> 5
    if length == 7 {
      guard position < input.count else { return false }
      length += Int(input[position])
      position += 1
    }
    guard position < input.count else { return false }
    let distance = (control & 0x1F) << 8 | Int(input[position])
    position += 1
    length += 2
    guard distance < written, length <= outputCount - written else { return false }
    // The two may overlap: then bytes are read that were written just before.
    output.reserve(length)
    var source = output.base + output.count - distance - 1
    for _ in 0..<length {
      output.base[output.count] = source.pointee
      output.filled += 1
      source += 1
    }
    written += length
    return true
  }
}
