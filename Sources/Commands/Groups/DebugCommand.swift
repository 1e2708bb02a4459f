import Bytes
import Wire

/// DEBUG SLEEP, for tests of clients' timeouts; nothing else of DEBUG's.
enum DebugCommand {
  static let row = Command(
    "DEBUG", .server, .admin, "Try how clients bear a slow server",
    unlikeRedis: "There is SLEEP only, and it holds up no one but the client that asks.",
    subcommands: [
      Command(
        "SLEEP", .server, [.word("seconds", "a number of seconds")], .admin, "O(1)",
        "Answer this client's next request after so long", run: sleep)
    ])

  static func sleep(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard let milliseconds = milliseconds(request[2]) else {
      executor.refuse("ERR", "value is not a valid float")
      return .replied
    }
    guard milliseconds <= CommandLimits.sleepMillisecondsMax else {
      executor.refuse("ERR", "value is out of range")
      return .replied
    }
    executor.asked = .sleep(milliseconds: milliseconds)
    return .asks
  }

  /// Reads `1`, `0.25` or `.5` seconds; digits beyond the third behind the point count for nothing. Nil if it is none.
  static func milliseconds(_ text: Span<UInt8>) -> UInt64? {
    guard text.count > 0, text.count <= 18 else { return nil }
    var value: UInt64 = 0
    var places = -1
    var digits = 0
    for index in 0..<text.count {
      let byte = text[index]
      if byte == UInt8(ascii: "."), places < 0 {
        places = 0
        continue
      }
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      digits += 1
      guard places < 3 else { continue }
      value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
      if places >= 0 { places += 1 }
    }
    guard digits > 0 else { return nil }
    for _ in max(0, places)..<3 {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      guard !overflow else { return .max }
      value = product
    }
    return value
  }
}
