// Level-triggered epoll(7). Each registration carries a 64-bit token of the caller's, which comes back with its
// events; the kernel's descriptor number never does, so that a reused number cannot be mistaken for its predecessor.

import CLinux
import Glibc

/// What a registration waits for.
public struct Interest: OptionSet, Sendable, BitwiseCopyable {
  /// The bits.
  public let rawValue: UInt8
  /// Creates an interest from its bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// There is something to receive or accept, or the peer has closed its side.
  public static let readable = Interest(rawValue: 1)
  /// There is room to send.
  public static let writable = Interest(rawValue: 2)

  var epollEvents: UInt32 {
    (contains(.readable) ? EPOLLIN.rawValue : 0) | (contains(.writable) ? EPOLLOUT.rawValue : 0)
  }
}

/// An event: whose it is, and what can be done now.
public struct Event: Sendable, BitwiseCopyable {
  /// The token that the descriptor was registered with.
  public let token: UInt64
  /// There is something to receive or accept, or the peer has closed its side.
  public let isReadable: Bool
  /// There is room to send.
  public let isWritable: Bool
  /// The connection has failed or both sides are closed; reported whatever the interest.
  public let isBroken: Bool

  /// Creates an event.
  public init(token: UInt64, isReadable: Bool, isWritable: Bool, isBroken: Bool) {
    self.token = token
    self.isReadable = isReadable
    self.isWritable = isWritable
    self.isBroken = isBroken
  }
}

/// An epoll instance and the room for one batch of its events; closes itself.
public struct Epoll: ~Copyable {
  private let descriptor: Descriptor
  private let batch: UnsafeMutablePointer<epoll_event>
  private let batchCount: Int

  /// Creates an instance that reports at most `batchCount` events a wait.
  public init(batchCount: Int) throws(SystemCallError) {
    let number = try check("epoll_create1") { epoll_create1(Int32(EPOLL_CLOEXEC)) }
    descriptor = Descriptor(rawValue: number)
    batch = .allocate(capacity: batchCount)
    self.batchCount = batchCount
  }

  deinit {
    batch.deallocate()
    descriptor.close()
  }

  /// Registers a descriptor; throws when the kernel has no room for one more (ENOMEM, ENOSPC).
  public func add(_ target: Descriptor, token: UInt64, interest: Interest) throws(SystemCallError) {
    var event = epoll_event(events: interest.epollEvents, data: epoll_data_t(u64: token))
    let result = epoll_ctl(descriptor.rawValue, EPOLL_CTL_ADD, target.rawValue, &event)
    guard result != 0 else { return }
    guard errno == ENOMEM || errno == ENOSPC else { unexpected("epoll_ctl", errno) }
    throw SystemCallError(call: "epoll_ctl", number: errno)
  }

  /// Changes what a registered descriptor waits for.
  public func modify(_ target: Descriptor, token: UInt64, interest: Interest) {
    var event = epoll_event(events: interest.epollEvents, data: epoll_data_t(u64: token))
    mustSucceed("epoll_ctl") { epoll_ctl(descriptor.rawValue, EPOLL_CTL_MOD, target.rawValue, &event) }
  }

  /// Waits for events, at most `milliseconds` (nil: for ever), and returns how many there are; 0 also after a signal
  /// handler ran.
  public func wait(milliseconds: Int32?) -> Int {
    let count = epoll_wait(descriptor.rawValue, batch, Int32(batchCount), milliseconds ?? -1)
    if count >= 0 { return Int(count) }
    guard errno == EINTR else { unexpected("epoll_wait", errno) }
    return 0
  }

  /// The event at `index` of the last wait.
  public func event(_ index: Int) -> Event {
    precondition(index >= 0 && index < batchCount, "an event lies within its batch")
    let event = batch[index]
    return Event(
      token: event.data.u64,
      isReadable: event.events & EPOLLIN.rawValue != 0,
      isWritable: event.events & EPOLLOUT.rawValue != 0,
      isBroken: event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0)
  }
}
