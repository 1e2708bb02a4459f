// What is going to happen, by time: a binary heap of plain values. Of two things at one time, the one that was planned
// first happens first.

/// Something that is going to happen.
struct Happening: BitwiseCopyable {
  enum Kind: UInt8 {
    /// A client connects.
    case connect
    /// So many bytes of a client arrive.
    case arrive
    /// The end of what a client sends arrives.
    case end
    /// A client's reset arrives.
    case reset
    /// A client takes what it was sent.
    case take
    /// A client sends something, or goes.
    case act
    /// The end of what the server sends has come to the client.
    case finish
    /// Looks for clients that wait for an answer for too long.
    case inspect
    /// The disk has done something.
    case disk
  }

  var time: UInt64
  var number: UInt64
  var kind: Kind
  /// Whom it concerns, and which of those that had that place.
  var link: Int32
  var generation: UInt32
  var amount: Int
}

/// Everything that is going to happen.
struct EventQueue {
  private var heap: [Happening] = []
  private var planned: UInt64 = 0

  var isEmpty: Bool { heap.isEmpty }
  /// When the next thing happens; the end of time if nothing does.
  var nextTime: UInt64 { heap.isEmpty ? .max : heap[0].time }

  mutating func add(
    _ kind: Happening.Kind, at time: UInt64, link: Int = -1, generation: UInt32 = 0, amount: Int = 0
  ) {
    planned += 1
    let happening = Happening(
      time: time, number: planned, kind: kind, link: Int32(link), generation: generation, amount: amount)
    heap.append(happening)
    var index = heap.count - 1
    while index > 0 {
      let parent = (index - 1) >> 1
      guard Self.isBefore(happening, heap[parent]) else { break }
      heap[index] = heap[parent]
      index = parent
    }
    heap[index] = happening
  }

  /// Takes the next thing that happens by `time`.
  mutating func next(by time: UInt64) -> Happening? {
    guard let first = heap.first, first.time <= time else { return nil }
    let last = heap.removeLast()
    let count = heap.count
    if count > 0 {
      var index = 0
      while true {
        var child = 2 * index + 1
        guard child < count else { break }
        if child + 1 < count, Self.isBefore(heap[child + 1], heap[child]) { child += 1 }
        guard Self.isBefore(heap[child], last) else { break }
        heap[index] = heap[child]
        index = child
      }
      heap[index] = last
    }
    return first
  }

  private static func isBefore(_ one: Happening, _ other: Happening) -> Bool {
    one.time != other.time ? one.time < other.time : one.number < other.number
  }
}
