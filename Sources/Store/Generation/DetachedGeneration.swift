// What the keyspace held when it was emptied, until its memory has gone back, some of it a slice. Large values lie
// outside the regions and are found through the table; the regions then go back as they are.

import Bytes

/// A generation that is no longer the keyspace's.
final class DetachedGeneration {
  /// So many take about as long as giving a region back.
  private static let bucketsPerUnit = 256

  /// What it holds, as long as it is whole.
  private(set) var generation: Generation
  /// Whether nothing has been given back yet.
  private(set) var isWhole = true
  /// The places of the walks over it, a bit each; it has to stay as it is while there are any.
  var walkers: UInt64
  /// The next bucket in which to look for large values.
  private var next = 0

  init(_ generation: consuming Generation, walkers: UInt64) {
    self.generation = generation
    self.walkers = walkers
  }

  /// Gives some memory back, about two MiB a unit; returns whether there is more. No walk may be under way.
  func reclaim(units: inout Int) -> Bool {
    isWhole = false
    while generation.outside.bytes > 0, units > 0 {
      let end = next + Self.bucketsPerUnit
      var budget = StoreLimits.regionBytes
      while next < end, generation.outside.bytes > 0, budget > 0 {
        if generation.releaseOutside(bucket: next, &budget) { next += 1 }
      }
      units -= max(1, 1 - budget / StoreLimits.regionBytes)
    }
    guard units > 0 else { return true }
    let before = generation.memory.pool.heldBytes
    let left = generation.memory.pool.dismantle(regions: units)
    units -= (before - generation.memory.pool.heldBytes) / StoreLimits.regionBytes
    return left > 0
  }
}
