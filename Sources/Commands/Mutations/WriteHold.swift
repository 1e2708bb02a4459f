// Requests that cannot be executed now for reasons of the disk: while the keyspace is being loaded, while more has
// changed than the disk has taken, and while it is full.

import Bytes
import Wire

/// Why writes are not executed.
public enum WriteHold: Equatable, Sendable {
  /// They are.
  case none
  /// So many changes wait to be written that writes wait until there are fewer.
  case backlog
  /// The disk is full: what may need room is refused; removals are executed as long as there is room for their records.
  case diskFull
}

extension CommandExecutor {
  /// Refuses a request of this row, or has it wait, if it cannot be executed now; nil if it can.
  @inline(never)
  mutating func refuseForNow(_ row: Int) -> Outcome? {
    let traits = shape(of: row).traits
    if isLoading, traits.contains(.needsKeyspace) {
      refuseWhileLoading()
      return .replied
    }
    // Whether a transaction can be executed was decided when it began.
    guard !isExecuting else { return nil }
    switch writeHold {
    case .none: return nil
    case .backlog: return traits.contains(.writes) ? .waits(.pause) : nil
    case .diskFull:
      guard traits.contains(.grows) else { return nil }
      refuseWhileFull()
      return .replied
    }
  }

  /// Refuses EXEC, or has it wait, if the transaction cannot be executed now; nil if it can.
  mutating func refuseForNow(_ transaction: Transaction) -> Outcome? {
    guard transaction.traits.contains(.writes) else { return nil }
    switch writeHold {
    case .none: break
    case .backlog: return .waits(.pause)
    case .diskFull: if transaction.traits.contains(.grows) { return refuseTransactionWhileFull() }
    }
    switch roomAnswer(transaction) {
    case .fits: return nil
    case .waits: return .waits(.pause)
    case .refused: return refuseTransactionWhileFull()
    }
  }

  private mutating func refuseTransactionWhileFull() -> Outcome {
    endTransaction(current)
    refuse("EXECABORT") { message in
      message.append("Transaction discarded because of: ")
      message.append(Self.fullDisk)
    }
    return .replied
  }

  mutating func refuseWhileLoading() {
    refuse(
      "LOADING",
      replies.dialect == .line
        ? "the data is being loaded: try again in a while" : "Swiftlet is loading the dataset in memory")
  }

  mutating func refuseWhileFull() { refuse("MISCONF") { $0.append(Self.fullDisk) } }

  private static let fullDisk: StaticString =
    "the disk is full, so that no write can be kept: make room, or DELETE keys; reads go on"
}
