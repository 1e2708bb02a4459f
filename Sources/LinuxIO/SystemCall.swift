// What all system calls here share: EINTR is retried, an errno that only a bug can give ends the process with the
// call's name, and every other one is named by the wrapper that may get it.

import CLinux
import Glibc

/// A failed system call that its caller can do something about.
public struct SystemCallError: Error, CustomStringConvertible, Sendable {
  /// The call, as in its man page.
  public let call: StaticString
  /// The errno that it left.
  public let number: Int32

  /// Creates the error of a call that left `number`.
  public init(call: StaticString, number: Int32) {
    self.call = call
    self.number = number
  }

  /// Whether the disk, or this user's share of it, is full, or the file as long as this process may make it.
  public var isDiskFull: Bool { number == ENOSPC || number == EDQUOT || number == EFBIG }

  /// Whether it was a sync that failed: what was to be made durable may be lost, and another sync would not tell.
  public var isOfSync: Bool { "\(call)" == "fdatasync" || "\(call)" == "fsync" }

  /// `bind: Address already in use`, say.
  public var description: String { "\(call): \(reason)" }

  /// strerror(3) of the number.
  public var reason: String { String(cString: strerror(number)) }
}

/// Runs `call` again for as long as a signal interrupts it; returns its result, errno being the last call's.
@inline(__always)
func retryingInterrupts<Result: SignedInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}

/// Runs `call`, and throws what errno says if it fails.
@discardableResult
func check<Result: SignedInteger>(
  _ name: StaticString, _ call: () -> Result
) throws(SystemCallError) -> Result {
  let result = retryingInterrupts(call)
  guard result >= 0 else { throw SystemCallError(call: name, number: errno) }
  return result
}

/// Runs `call`, which fails only if this process has a bug, and ends the process if it does.
@discardableResult
func mustSucceed<Result: SignedInteger>(_ name: StaticString, _ call: () -> Result) -> Result {
  let result = retryingInterrupts(call)
  guard result >= 0 else { unexpected(name, errno) }
  return result
}

/// Ends the process: `number` is an errno that `name` gives only to a caller with a bug.
func unexpected(_ name: StaticString, _ number: Int32) -> Never {
  fatalError("\(name) failed in a way that only a bug explains: \(String(cString: strerror(number)))")
}
