/// Names a walk; a stale name matches none.
public struct WalkID: Equatable, Sendable, BitwiseCopyable {
  let place: UInt32
  let generation: UInt32

  /// The bit of its place.
  var bit: UInt64 { 1 << UInt64(place) }
}

/// How a step of a walk ended.
public enum WalkProgress: Equatable, Sendable {
  /// There are more keys, or there may be.
  case more
  /// All keys have been reported.
  case finished
  /// So many keys had to be kept for the walk that it was given up.
  case lost
}

/// The walks that are under way, in a fixed number of places.
struct Walks: ~Copyable {
  private let places: UnsafeMutablePointer<SnapshotWalk?>
  private let generations: UnsafeMutablePointer<UInt32>
  /// A bit for each place in use.
  private(set) var inUse: UInt64 = 0
  /// Of these, the ones over the keys of now.
  private(set) var current: UInt64 = 0
  let capturedBytesMax: Int

  init(capturedBytesMax: Int) {
    self.capturedBytesMax = capturedBytesMax
    places = .allocate(capacity: StoreLimits.walksMax)
    for place in 0..<StoreLimits.walksMax { (places + place).initialize(to: nil) }
    generations = .allocate(capacity: StoreLimits.walksMax)
    generations.initialize(repeating: 0, count: StoreLimits.walksMax)
  }

  deinit {
    places.deinitialize(count: StoreLimits.walksMax)
    places.deallocate()
    generations.deallocate()
  }

  mutating func begin(_ walk: consuming SnapshotWalk) -> WalkID? {
    let place = (~inUse).trailingZeroBitCount
    guard place < StoreLimits.walksMax else { return nil }
    places[place] = consume walk
    let id = WalkID(place: UInt32(place), generation: generations[place])
    inUse |= id.bit
    current |= id.bit
    return id
  }

  /// Whether a walk is over the keys of now.
  func isCurrent(_ id: WalkID) -> Bool { current & id.bit != 0 }

  /// Notes that the keys that all walks are over are not those of now any more; returns the places of these walks.
  mutating func detach() -> UInt64 {
    defer { current = 0 }
    return current
  }

  mutating func end(_ id: WalkID) {
    checkCurrent(id)
    places[Int(id.place)] = nil
    inUse &= ~id.bit
    current &= ~id.bit
    generations[Int(id.place)] &+= 1
  }

  /// Lends the walk of that name to be changed.
  func with<Result>(_ id: WalkID, _ body: (inout SnapshotWalk) -> Result) -> Result {
    checkCurrent(id)
    return with(place: Int(id.place), body)
  }

  func with<Result>(place: Int, _ body: (inout SnapshotWalk) -> Result) -> Result {
    guard var walk = places[place].take() else { preconditionFailure("a place in use holds a walk") }
    let result = body(&walk)
    places[place] = consume walk
    return result
  }

  private func checkCurrent(_ id: WalkID) {
    precondition(
      inUse & id.bit != 0 && generations[Int(id.place)] == id.generation, "a walk is used until it ends")
  }
}
