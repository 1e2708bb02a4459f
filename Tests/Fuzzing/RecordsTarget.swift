// The records in a frame's payload, applied to keys. Anything is refused as malformed or applied; the same records give
// the same keys, and applied once more they change nothing.
//
// The first two gaps are the time, in milliseconds since 1970, so that what expires is before it and behind it. Flags:
// 0 in blocks that end anywhere, each applied by itself; 1 before the first of January 1970.

import Bytes
import Commands
import Store

enum RecordsTarget {
  /// Bytes that keys and values may take.
  private static let memoryBytesMax: UInt64 = 16 << 20

  static func run(_ input: FuzzInput) {
    let sign: Int64 = input.has(1) ? -1 : 1
    let time = sign * (Int64(input.gaps[0]) | Int64(input.gaps[1]) << 8)
    let first = Caller(memoryBytesMax: memoryBytesMax)
    let second = Caller(memoryBytesMax: memoryBytesMax)
    let blocks = input.has(0) ? input.pieces.map(Array.init) : [input.body]
    for block in blocks {
      let outcome = apply(block, to: first, time)
      check(apply(block, to: second, time) == outcome, "the same records have the same outcome")
      check(contents(first) == contents(second), "the same records give the same keys")
      if case .applied(let count) = outcome {
        check(MutationBlock.recordCount(of: block.span) == count, "a record is one, whoever looks")
        check(apply(block, to: second, time) == outcome, "what was applied can be applied again")
        check(contents(first) == contents(second), "applied again, records change nothing")
      }
      if case .malformed = outcome { check(MutationBlock.recordCount(of: block.span) == nil, "no record is none") }
    }
    first.executor.keyspace.checkInvariants()
    second.executor.keyspace.checkInvariants()
  }

  private enum Result: Equatable {
    case applied(Int)
    case malformed
    case noRoom
  }

  private static func apply(_ records: [UInt8], to caller: Caller, _ time: Int64) -> Result {
    do throws(ApplyFault) {
      return .applied(try caller.executor.apply(records.span, time: time))
    } catch {
      if case .malformed(let offset) = error {
        check(offset < records.count, "what is malformed lies within")
        return .malformed
      }
      return .noRoom
    }
  }

  /// Every key that is stored, whether it has expired or not.
  static func contents(_ caller: Caller) -> [[UInt8]: StoredValue] { contents(of: caller.executor.keyspace, now: .min) }

  static func contents(of keyspace: borrowing Keyspace, now: Int64) -> [[UInt8]: StoredValue] {
    var found: [[UInt8]: StoredValue] = [:]
    var cursor: UInt64 = 0
    repeat {
      cursor = keyspace.scanEntries(cursor: cursor, count: .max, bytes: .max, now: now) { key, value, expiry in
        found[key.copied] = StoredValue(value: value.copied, expiry: expiry)
      }
    } while cursor != 0
    return found
  }
}

/// What is stored of a key.
struct StoredValue: Equatable {
  let value: [UInt8]
  let expiry: Expiry
}
