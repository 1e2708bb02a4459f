import Glibc
import TestSupport
import Testing

/// Swiftlet against programs that others wrote: Redis's server as the reference, Redis's clients as users.
@Suite(.serialized) struct InteropTests {
  /// A Swiftlet that speaks the Redis protocol whatever a connection's first byte is.
  static func swiftlet(_ flags: [String] = []) throws -> ServerProcess {
    try ServerProcess(["--listen", "resp://127.0.0.1:0"] + flags, listens: false)
  }

  /// The folder of the small programs that use client libraries.
  static let clients: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast().joined(separator: "/") + "/Clients"
  }()

  /// The value of an environment variable, if it is set.
  static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

/// The words of a request.
typealias Words = [[UInt8]]

/// The words of a line, parted by spaces; `_` is a space, `""` an empty word.
func words(_ text: String) -> Words {
  text.split(separator: " ").map { word in
    word == "\"\"" ? [] : Array(word.utf8).map { $0 == UInt8(ascii: "_") ? UInt8(ascii: " ") : $0 }
  }
}

/// Bytes as a person can read them.
func shown(_ bytes: [UInt8], most: Int = 300) -> String {
  var text = ""
  for byte in bytes.prefix(most) {
    switch byte {
    case 13: text += "\\r"
    case 10: text += "\\n"
    case UInt8(ascii: "\\"): text += "\\\\"
    case 0x20..<0x7F: text += String(UnicodeScalar(byte))
    default: text += "\\x" + String(Int(byte) + 0x100, radix: 16).dropFirst()
    }
  }
  return bytes.count > most ? "\(text)… (\(bytes.count) bytes)" : text
}

/// A request as a person can read it.
func shown(_ request: Words) -> String {
  request.map { word in
    word.isEmpty || word.contains { $0 <= 0x20 || $0 == UInt8(ascii: "\"") } ? "\"\(shown(word))\"" : shown(word)
  }.joined(separator: " ")
}
