import Bytes

/// The text of INFO: sections of `name:value` lines that end in CR LF, an empty line between two.
struct InfoText: ~Copyable {
  private(set) var text = ByteBuffer()

  mutating func begin(_ section: InfoSection) {
    if !text.isEmpty { text.append("\r\n") }
    text.append("# ")
    for (index, byte) in section.rawValue.utf8.enumerated() {
      text.append(index == 0 || section == .cpu ? ASCII.uppercased(byte) : byte)
    }
    text.append("\r\n")
  }

  mutating func line(_ write: (inout ByteBuffer) -> Void) {
    write(&text)
    text.append("\r\n")
  }

  mutating func field(_ name: StaticString, _ value: StaticString) {
    field(name) { $0.append(value) }
  }

  mutating func field(_ name: StaticString, _ value: [UInt8]) {
    field(name) { $0.append(value.span) }
  }

  mutating func field(_ name: StaticString, _ number: some BinaryInteger) {
    field(name) { $0.append(decimal: Int64(clamping: number)) }
  }

  /// A number of bytes, and the same for people.
  mutating func bytes(_ name: StaticString, _ number: UInt64) {
    field(name, number)
    line { line in
      line.append(name)
      line.append("_human:")
      line.append(human: number)
    }
  }

  mutating func ratio(_ name: StaticString, _ number: UInt64, _ whole: UInt64) {
    field(name) { $0.append(ratio: number, whole) }
  }

  mutating func percentage(_ name: StaticString, _ number: UInt64, _ whole: UInt64) {
    field(name) { line in
      line.append(ratio: number &* 100, whole)
      line.append("%")
    }
  }

  mutating func seconds(_ name: StaticString, microseconds: UInt64) {
    field(name) { line in
      line.append(decimal: microseconds / 1_000_000)
      line.append(".")
      var place: UInt64 = 100_000
      while place > 0 {
        line.append(UInt8(ascii: "0") + UInt8(microseconds / place % 10))
        place /= 10
      }
    }
  }

  private mutating func field(_ name: StaticString, _ write: (inout ByteBuffer) -> Void) {
    text.append(name)
    text.append(":")
    write(&text)
    text.append("\r\n")
  }
}

extension ByteBuffer {
  /// Appends a number of bytes for people: `512B`, `1.50K`, `2.00G`.
  mutating func append(human bytes: UInt64) {
    guard bytes >= 1_024 else {
      append(decimal: bytes)
      append("B")
      return
    }
    var unit: UInt64 = 1_024
    for letter: StaticString in ["K", "M", "G", "T"] {
      if bytes / unit < 1_024 || unit == 1 << 40 {
        append(ratio: bytes, unit)
        append(letter)
        return
      }
      unit <<= 10
    }
  }
}
