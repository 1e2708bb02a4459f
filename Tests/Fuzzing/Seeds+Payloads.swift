// Seeds that are no requests: values, patterns, payloads, journals, records.

extension Seeds {
  static let texts: [[UInt8]] = {
    let plain = [
      "", "plain", "two words", "\"quoted\"", "a\nb\r\t\\", "é€😀", "\u{85}", "\u{7F}",
      String(repeating: "ab", count: 200),
    ]
    let broken: [[UInt8]] = [[0, 255, 0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]]
    return plain.map { bytes($0) } + broken
  }()

  static let values: [[UInt8]] = {
    var found: [[UInt8]] = [head(1, gap: 8) + [0x03, 97, 98, 99, 100, 0x80, 3]]
    for text in texts {
      found.append(head() + text)
      found.append(head() + text + text + text)
    }
    return found
  }()

  static let patterns: [[UInt8]] = {
    let pairs = [
      ("*", "text"), ("t?xt", "text"), ("[a-z]*", "text"), ("[^a]\\**", "b*c"), ("a*a*a*a*b", "aaaaaaaaaaaaaaaa"),
      ("[a-", "a"), ("[]", "]"), ("[\\]", "]"), ("\\", "\\"),
    ]
    var found: [[UInt8]] = []
    for (pattern, text) in pairs {
      let gap = UInt8(pattern.utf8.count)
      found.append(head(0, gap: gap) + bytes(pattern + text))
      found.append(head(1, gap: gap) + bytes(pattern + text))
    }
    return found
  }()

  static let dumps: [[UInt8]] = {
    let bodies: [[UInt8]] = [
      [0, 0xC0, 5], [0, 0xC1, 5, 1], [0, 0xC2, 1, 2, 3, 4], [0, 0x40, 3, 97, 98, 99], [0, 0x80, 0, 0, 0, 1, 97],
    ]
    var found = bodies.map { head() + $0 }
    let client = Caller()
    for text in texts + [[UInt8](repeating: 97, count: 1_000)] {
      _ = client.run("SET", bytes("k"), text)
      guard let payload = client.bulk("DUMP", bytes("k")) else { continue }
      found.append(head(1) + payload)
      found.append(head() + payload.dropLast(10))
      found.append(head(2) + text)
    }
    return found
  }()

  /// Programs of `FuzzedJournal`.
  static let journals: [[UInt8]] = {
    let frame: [UInt8] = [1, 3, 97, 98, 99]
    let segment: [UInt8] = [0, 0]
    let base: [UInt8] = [5, 2, 0, 9, 1, 4, 97, 98, 99, 100]
    let journal: [UInt8] = segment + frame + frame + segment + frame + frame
    let damages: [[UInt8]] = [
      [], [6], [12, 1, 0, 80, 3], [13, 1, 0, 90], [14, 1, 0, 70, 0, 40, 9], [8, 2, 4, 3, 9], [8, 3, 8, 2, 1],
      [15, 0, 0, 0, 1, 3, 1, 2], [15, 1, 0, 0, 0], [11, 1, 4, 0, 0, 0, 0, 0, 0, 0, 3],
    ]
    var found: [[UInt8]] = []
    for damage in damages {
      for flags in [0, 1, 2] as [UInt8] {
        found.append(head(flags) + journal + damage)
        found.append(head(flags) + base + journal + damage)
      }
    }
    return found
  }()

  static let records: [[UInt8]] = {
    let set: [UInt8] = [1, 1, 107, 2, 97, 98]
    // The first of January 1970 and a bit, none, and both ends of what an expiry can be.
    let moments: [[UInt8]] = [
      [0, 1, 0, 0, 0, 0, 0, 0], [255, 255, 255, 255, 255, 255, 255, 127], [254, 255, 255, 255, 255, 255, 255, 127],
      [0, 0, 0, 0, 0, 0, 0, 128], [1, 0, 0, 0, 0, 0, 0, 128],
    ]
    var parts: [[UInt8]] = [set, [3, 1, 107], [5]]
    for moment in moments {
      parts.append([2, 1, 107] + moment + [1, 97])
      parts.append([4, 1, 107] + moment)
      parts.append([6, 1, 107] + moment + [9, 3, 2, 97, 98])
      parts.append([6, 1, 106] + moment + [2, 0, 1, 97])
    }
    var found: [[UInt8]] = [head() + Array(parts.joined())]
    for part in parts { found += [head() + part, head() + set + part, head(1) + part + set] }
    return found
  }()
}
