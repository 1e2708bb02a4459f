import Testing

@testable import Bytes

@Suite struct BufferPoolTests {
  @Test func `a huge buffer gives its memory back in parts once it is released`() {
    var pool = BufferPool()
    let id = pool.acquire()
    _ = pool[id].freeSpace(20_000_000)
    pool[id].commit(20_000_000)
    pool.release(id)
    #expect(pool.inUse == 0)
    let other = pool.acquire()
    #expect(other != id)
    pool[other].append(1)
    var parts = 1
    var last = pool[id].capacity
    while pool.giveBackSome() {
      #expect(pool[id].capacity >= last - 2 * 1024 * 1024)
      last = pool[id].capacity
      parts += 1
    }
    #expect(parts == 9)
    #expect(pool[id].capacity == 0)
    #expect(pool.acquire() == id)
    #expect(pool.inUse == 2)
    #expect(pool[other].count == 1)
  }
}
