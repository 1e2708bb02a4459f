import LinuxIO
import TestSupport
import Testing

@testable import Reactor

@Suite struct ConnectionTableTests {
  @Test func `a connection takes 64 bytes`() {
    #expect(MemoryLayout<Connection>.size <= 64)
  }

  @Test func `a token names one client only`() {
    var table = ConnectionTable(count: 2)
    guard let first = table.open(Descriptor(rawValue: 7)) else { return }
    let stale = table.token(of: first)
    let isCurrent = table.isCurrent(stale)
    #expect(isCurrent)
    table.close(first)
    let isStillCurrent = table.isCurrent(stale)
    #expect(!isStillCurrent)
    guard let second = table.open(Descriptor(rawValue: 7)) else { return }
    #expect(second == first, "the place is used again")
    let isCurrentAgain = table.isCurrent(stale)
    #expect(!isCurrentAgain)
    let isNewCurrent = table.isCurrent(table.token(of: second))
    #expect(isNewCurrent)
    let isUnusedCurrent = table.isCurrent(ConnectionToken(slot: 1, generation: 0))
    #expect(!isUnusedCurrent, "a place that was never used")
  }

  @Test func `tokens of clients are never the server's own`() {
    for generation: UInt32 in [0, 1, 0x7FFF_FFFF] {
      let token = ConnectionToken(slot: 0, generation: generation)
      guard case .connection(let read) = EventSource(token: EventSource.connection(token).token) else {
        Issue.record("generation \(generation) is taken for the server's")
        continue
      }
      #expect(read.slot == 0 && read.generation == generation)
    }
    guard case .listener(3) = EventSource(token: EventSource.listener(3).token) else {
      Issue.record("a listener's token is read back")
      return
    }
    guard case .signal = EventSource(token: EventSource.signal.token) else {
      Issue.record("the signals' token is read back")
      return
    }
  }

  @Test func `there are as many places as there may be clients`() {
    var table = ConnectionTable(count: 3)
    var slots: [Int] = []
    for number: Int32 in 0..<3 { if let slot = table.open(Descriptor(rawValue: number)) { slots.append(slot) } }
    #expect(slots == [0, 1, 2])
    let surplus = table.open(Descriptor(rawValue: 9))
    #expect(surplus == nil)
    table.close(1)
    let reused = table.open(Descriptor(rawValue: 9))
    #expect(reused == 1)
  }

  @Test func `the run queue is first in first out and forgets who has left`() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    var table = ConnectionTable(count: 50)
    var open: Set<Int> = []
    var queue: [Int] = []
    for _ in 0..<20_000 {
      switch random.next() % 4 {
      case 0:
        if let slot = table.open(Descriptor(rawValue: 1)) {
          #expect(!open.contains(slot), "seed \(seed)")
          open.insert(slot)
        }
      case 1:
        if let slot = open.randomElement(using: &random) {
          table.close(slot)
          open.remove(slot)
          queue.removeAll { $0 == slot }
        }
      case 2:
        if let slot = open.randomElement(using: &random) {
          table.enqueue(slot)
          if !queue.contains(slot) { queue.append(slot) }
        }
      default:
        let expected = queue.isEmpty ? nil : queue.removeFirst()
        let next = table.dequeue()
        #expect(next == expected, "seed \(seed)")
      }
      let openCount = table.openCount
      #expect(openCount == open.count, "seed \(seed)")
    }
  }
}
