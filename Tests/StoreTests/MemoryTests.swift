import Bytes
import Glibc
import Synchronization
import Testing

@testable import Store

@Suite struct MemoryTests {
  @Test func `a million keys of 16 bytes with values of 32 cost at most 20 bytes each beside them`() throws {
    let keyspace = Subject()
    let value = Array(repeating: UInt8(7), count: 32)
    for number in 0..<1_000_000 { try keyspace.put(key(number), value) }
    let beside = Double(keyspace.memoryUse.heldBytes) / 1_000_000 - 48
    print("bytes a key beside key and value, at a million keys: \(beside)")
    #expect(beside <= 20)
  }

  @Test func `an expiry costs a key 16 bytes`() throws {
    let keyspace = Subject()
    let value = Array(repeating: UInt8(7), count: 32)
    for number in 0..<100_000 { try keyspace.put(key(number), value) }
    let before = keyspace.memoryUse
    for number in 0..<100_000 { try keyspace.expire(key(number), .at(1_000)) }
    #expect(keyspace.memoryUse.entryBytes == before.entryBytes + 100_000 * 16)
    #expect(keyspace.memoryUse.tableBytes == before.tableBytes)
    while keyspace.reclaim() {}
    #expect(keyspace.memoryUse.heldBytes <= before.heldBytes + UInt64(StoreLimits.regionBytes * 2))
  }

  @Test func `writes beyond the memory limit are refused until keys are removed`() throws {
    let keyspace = Subject(memoryLimitBytes: 200_000)
    var stored = 0
    #expect(throws: StoreError.memoryLimitReached) {
      while true {
        try keyspace.put(key(stored), Array(repeating: 1, count: 100))
        stored += 1
      }
    }
    #expect(stored > 500)
    #expect(keyspace.memoryUse.usedBytes <= 200_000)
    #expect(try keyspace.put(key(0), Array(repeating: 2, count: 100)) == false)
    #expect(throws: StoreError.memoryLimitReached) { try keyspace.put(key(0), Array(repeating: 2, count: 300)) }
    #expect(keyspace.get(key(0)) == Array(repeating: 2, count: 100))
    #expect(throws: StoreError.memoryLimitReached) { try keyspace.put(key(stored), Array(repeating: 2, count: 90_000)) }
    #expect(keyspace.delete(key(1)))
    #expect(try keyspace.put(key(stored), Array(repeating: 1, count: 100)))
    keyspace.checkInvariants()
  }

  @Test func `memory of one size of entry is used again for another`() throws {
    let keyspace = Subject()
    for round in 0..<6 {
      let length = [20, 100, 40, 300, 8, 60][round]
      for number in 0..<20_000 { try keyspace.put(key(number), Array(repeating: 1, count: length)) }
      keyspace.checkInvariants()
      for number in 0..<20_000 where number % 50 != 0 { #expect(keyspace.delete(key(number))) }
    }
    // At most 20,000 entries of 320 bytes were ever there at once.
    #expect(keyspace.memoryUse.heldBytes < 20_000 * 320 * 2)
  }

  @Test func `every allocation may fail once and no key is lost or half there`() throws {
    for failing in 1... {
      let calls = Mutex(0)
      let hasFailed = Mutex(false)
      let pages = PageSource(
        allocate: { byteCount, alignment in
          let number = calls.withLock {
            $0 += 1
            return $0
          }
          if number == failing {
            hasFailed.withLock { $0 = true }
            return nil
          }
          return PageSource.heap.allocate(byteCount, alignment)
        },
        release: PageSource.heap.release)
      try runScenario(pages)
      if !hasFailed.withLock({ $0 }) { return }
    }
  }

  /// Fills, overwrites, resizes and removes, small and large, with and without expiry, comparing with a dictionary; a
  /// failed write changes nothing.
  private func runScenario(_ pages: PageSource) throws {
    let keyspace = Subject(pages: pages)
    var model: [[UInt8]: (value: [UInt8], expiry: Expiry)] = [:]
    for number in 0..<6_000 {
      let name = key(number % 4_000)
      let value = Array(repeating: UInt8(number & 255), count: number % 500 == 0 ? 20_000 : number % 700)
      let change: ExpiryChange = number % 5 == 0 ? .at(1_000_000) : number % 5 == 1 ? .keep : .clear
      do {
        try keyspace.put(name, value, change)
        let old = model[name]?.expiry ?? .never
        model[name] = (value, change == .clear ? .never : change == .keep ? old : .at(1_000_000))
        if number % 4 == 0 {
          let other: Expiry = model[name]!.expiry == .never ? .at(2_000_000) : .never
          try keyspace.expire(name, other)
          model[name]!.expiry = other
        }
        if number % 7 == 0 {
          let count = number % 700 == 0 ? 20_000 + number : number % 900
          try keyspace.resize(name, count)
          model[name]!.value = Array((value + Array(repeating: 0, count: count)).prefix(count))
        }
      } catch {
        #expect(error == .outOfMemory)
        #expect(keyspace.get(name) == model[name]?.value)
        #expect(keyspace.expiry(name) == model[name]?.expiry)
      }
      if number % 3 == 0 {
        let other = key(number / 2)
        #expect(keyspace.delete(other) == (model.removeValue(forKey: other) != nil))
      }
      if number == 2_500 {
        keyspace.keyspace.removeAll()
        model = [:]
      }
      if number % 100 == 0 { _ = keyspace.reclaim() }
    }
    keyspace.checkInvariants()
    #expect(keyspace.count == model.count)
    for (name, item) in model {
      #expect(keyspace.get(name) == item.value)
      #expect(keyspace.expiry(name) == item.expiry)
    }
  }

  @Test func `all memory goes back when the keyspace goes`() throws {
    let source = Counter()
    do {
      let keyspace = Subject(pages: source.pages)
      for number in 0..<20_000 {
        try keyspace.put(key(number), Array(repeating: 1, count: number % 1000 == 0 ? 9_000 : 100))
      }
      #expect(source.heldBytes == Int(keyspace.memoryUse.heldBytes) - HashTable.firstSegmentBytes)
    }
    #expect(source.heldBytes == 0)
  }

  @Test func `each size of block holds what it is chosen for`() {
    var previous = 0
    for sizeClass in 0..<SizeClass.count {
      let bytes = SizeClass.blockBytes(sizeClass)
      #expect(bytes > previous && bytes % 4 == 0)
      #expect(SizeClass.index(for: bytes) == sizeClass)
      #expect(SizeClass.index(for: previous + 1) == sizeClass)
      previous = bytes
    }
    #expect(previous == StoreLimits.blockBytesMax)
  }
}
