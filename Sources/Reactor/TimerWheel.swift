// One timer a connection, in a hashed wheel (Varghese and Lauck, Hashed and Hierarchical Timing Wheels, SOSP 1987).
//
//     slot:    0     1     2   …   511          a slot is a tick of 128 ms; the wheel turns once in 65 s
//              │           │
//              ▼           ▼
//            conn 7 ⇄ conn 3 ⇄ conn 90          doubly linked through the nodes
//
// Timers are lazy: what moves a deadline back (every request does) touches nothing here. When a timer comes up, its
// owner looks at the real deadline and schedules it again if that lies ahead. A deadline beyond one turn of the wheel
// waits in the farthest slot and is looked at from there. So each connection costs O(1) a turn of the wheel.

import Bytes

/// At most one timer for each of a fixed number of connections.
struct TimerWheel: ~Copyable {
  struct Node: BitwiseCopyable {
    /// Neighbours' numbers + 1; 0 at an end.
    var next: UInt32
    var previous: UInt32
    /// Slot + 1; 0 while not scheduled.
    var slot: UInt32
  }

  /// Milliseconds a tick.
  static let tickMilliseconds: UInt64 = 128
  private static let slotCount: UInt64 = 512

  private var nodes: ZeroedArray<Node>
  private var heads = ZeroedArray<UInt32>(count: Int(slotCount))
  private var scheduledCount = 0
  /// The first tick that has not been worked off.
  private var cursor: UInt64 = 0

  init(count: Int) { nodes = ZeroedArray(count: count) }

  /// Makes `timer` come up at `milliseconds` of the loop's time or a little later, unless it comes up sooner anyway.
  mutating func schedule(_ timer: Int, at milliseconds: UInt64) {
    let tick = (milliseconds + Self.tickMilliseconds - 1) / Self.tickMilliseconds
    let placed = min(max(tick, cursor), cursor + Self.slotCount - 1)
    let current = nodes[timer].slot
    if current != 0 {
      if Self.tick(ofSlot: UInt64(current - 1), from: cursor) <= placed { return }
      cancel(timer)
    }
    let slot = Int(placed % Self.slotCount)
    let head = heads[slot]
    nodes[timer] = Node(next: head, previous: 0, slot: UInt32(slot) + 1)
    if head != 0 { nodes[Int(head) - 1].previous = UInt32(timer) + 1 }
    heads[slot] = UInt32(timer) + 1
    scheduledCount += 1
  }

  /// Makes `timer` not come up.
  mutating func cancel(_ timer: Int) {
    let node = nodes[timer]
    guard node.slot != 0 else { return }
    if node.previous != 0 {
      nodes[Int(node.previous) - 1].next = node.next
    } else {
      heads[Int(node.slot) - 1] = node.next
    }
    if node.next != 0 { nodes[Int(node.next) - 1].previous = node.previous }
    nodes[timer] = Node(next: 0, previous: 0, slot: 0)
    scheduledCount -= 1
  }

  /// Takes one timer that has come up by `milliseconds`, or nil if there is none.
  mutating func next(by milliseconds: UInt64) -> Int? {
    let now = milliseconds / Self.tickMilliseconds
    if scheduledCount == 0 {
      cursor = max(cursor, now)
      return nil
    }
    while cursor <= now {
      let head = heads[Int(cursor % Self.slotCount)]
      if head != 0 {
        let timer = Int(head) - 1
        cancel(timer)
        return timer
      }
      cursor += 1
    }
    return nil
  }

  /// When the next timer comes up, in the loop's milliseconds; nil if none is scheduled. O(slots).
  func nextDeadline() -> UInt64? {
    guard scheduledCount > 0 else { return nil }
    var tick = cursor
    while heads[Int(tick % Self.slotCount)] == 0 { tick += 1 }
    return tick * Self.tickMilliseconds
  }

  private static func tick(ofSlot slot: UInt64, from cursor: UInt64) -> UInt64 {
    cursor + (slot + slotCount - cursor % slotCount) % slotCount
  }
}
