import Bytes
import Store
import Wire

/// Values that are numbers.
enum CounterCommands {
  static let rows: [Command] = [
    Command("INCR", .string, [.key], [.writes, .grows, .fast], "O(1)", "Add one to a number", run: increment),
    Command("DECR", .string, [.key], [.writes, .grows, .fast], "O(1)", "Take one from a number", run: decrement),
    Command(
      "INCRBY", .string, [.key, .word("increment", "an integer")], [.writes, .grows, .fast], "O(1)", "Add to a number",
      run: incrementBy),
    Command(
      "DECRBY", .string, [.key, .word("decrement", "an integer")], [.writes, .grows, .fast], "O(1)",
      "Take from a number", run: decrementBy),
    Command(
      "INCRBYFLOAT", .string, [.key, .word("increment", "a number")], [.writes, .grows, .fast, .copies], "O(1)",
      "Add to a number with a fraction", run: incrementByFloat),
  ]

  static func increment(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    add(1, to: request[1], &executor)
  }

  static func decrement(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    add(-1, to: request[1], &executor)
  }

  static func incrementBy(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard let amount = request[2].integer else {
      executor.replies.notAnInteger()
      return .replied
    }
    return add(amount, to: request[1], &executor)
  }

  static func decrementBy(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard let amount = request[2].integer else {
      executor.replies.notAnInteger()
      return .replied
    }
    guard amount != Int64.min else {
      executor.replies.error("ERR", "decrement would overflow")
      return .replied
    }
    return add(-amount, to: request[1], &executor)
  }

  private static func add(_ amount: Int64, to key: Span<UInt8>, _ executor: inout CommandExecutor) -> Outcome {
    guard let old = storedInteger(key, executor) else {
      executor.replies.notAnInteger()
      return .replied
    }
    let (sum, overflow) = old.addingReportingOverflow(amount)
    guard !overflow else {
      executor.replies.error("ERR", "increment or decrement would overflow")
      return .replied
    }
    var digits = DecimalDigits()
    do throws(StoreError) {
      try executor.set(key, executor.keyHash, digits.write(sum), expiry: .keep)
      executor.replies.integer(sum)
    } catch {
      executor.refuse(error)
    }
    return .replied
  }

  /// The number that a key holds, 0 if it is not there; nil if what it holds is none.
  private static func storedInteger(_ key: Span<UInt8>, _ executor: borrowing CommandExecutor) -> Int64? {
    guard let value = executor.keyspace.value(of: key, hash: executor.keyHash, now: executor.now) else { return 0 }
    return value.integer
  }

  private static func storedFloat(_ key: Span<UInt8>, _ executor: borrowing CommandExecutor) -> LongDouble? {
    guard let value = executor.keyspace.value(of: key, hash: executor.keyHash, now: executor.now) else { return 0 }
    return value.longDouble
  }

  static func incrementByFloat(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    let key = request[1]
    guard let old = storedFloat(key, executor), let amount = request[2].longDouble else {
      executor.replies.error("ERR", "value is not a valid float")
      return .replied
    }
    let sum = old + amount
    guard sum.isFinite else {
      executor.replies.error("ERR", "increment would produce NaN or Infinity")
      return .replied
    }
    var text = ByteBuffer()
    text.append(longDouble: sum)
    do throws(StoreError) {
      try executor.set(key, executor.keyHash, text.span, expiry: .keep)
      executor.replies.value(text.span)
    } catch {
      executor.refuse(error)
    }
    return .replied
  }
}
