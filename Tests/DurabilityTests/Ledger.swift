// What a client's own keys hold if exactly some of its requests were executed: the truth that a server is measured by.

/// Keys with their values and expiries.
struct Ledger: Equatable {
  /// A key's value, and when it expires, in seconds since 1970.
  struct Entry: Equatable {
    var value: [UInt8]
    var expiry: Int64?
  }

  var entries: [String: Entry] = [:]

  /// Executes a request that is known to succeed.
  mutating func execute(_ words: [String]) {
    let key = words[1]
    switch words[0] {
    case "SET":
      entries[key] = Entry(value: Array(words[2].utf8), expiry: words.count > 3 ? Int64(words[4]) : nil)
    case "MSET":
      for index in stride(from: 1, to: words.count, by: 2) {
        entries[words[index]] = Entry(value: Array(words[index + 1].utf8))
      }
    case "RENAME":
      let entry = entries[key]
      entries[key] = nil
      entries[words[2]] = entry
    case "DEL": for key in words.dropFirst() { entries[key] = nil }
    case "INCR":
      let number = entries[key].flatMap { Int(String(decoding: $0.value, as: UTF8.self)) } ?? 0
      change(key) { $0 = Array("\(number + 1)".utf8) }
    case "APPEND": change(key) { $0 += Array(words[2].utf8) }
    case "SETRANGE":
      let start = Int(words[2])!
      let bytes = Array(words[3].utf8)
      change(key) { value in
        if value.count < start + bytes.count {
          value += [UInt8](repeating: 0, count: start + bytes.count - value.count)
        }
        value.replaceSubrange(start..<start + bytes.count, with: bytes)
      }
    case "EXPIREAT": entries[key]?.expiry = Int64(words[2])
    case "PERSIST": entries[key]?.expiry = nil
    default: preconditionFailure("the ledger knows \(words[0])")
    }
  }

  private mutating func change(_ key: String, _ body: (inout [UInt8]) -> Void) {
    var entry = entries[key] ?? Entry(value: [])
    body(&entry.value)
    entries[key] = entry
  }
}
