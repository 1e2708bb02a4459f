// SCAN: an iteration whose whole state is a number that the client keeps (Pieter Noordhuis's reverse binary iteration,
// described at dictScan in Redis's dict.c).
//
//     cursor, of 3 bits     000 → 100 → 010 → 110 → 001 → 101 → 011 → 111 → 000: done
//
// A cursor names the keys whose hash ends in its bits. It counts up from its top bit down, so that what a cursor of
// three bits has passed is what those of two or four bits made from it have passed, whichever way the table goes
// meanwhile: a key that is there from the first call to the last is reported, perhaps more than once.
//
// The table's cursor has the bits of its smaller mask: the keys that end in them lie in one bucket, or in the two that
// it was split into.

extension Keyspace {
  /// Reports some keys from a cursor on; returns the cursor to go on from, 0 when all keys have been reported.
  ///
  /// It begins with 0. A key that is there all the time is reported at least once. Stops after `count` keys or little
  /// more, and after some hundred buckets and ten for each key that was asked for. If what is done with a key takes a
  /// step for each of its bytes and each of `stepsPerByte`, a key counts as one more for every 4,096 steps.
  public func scan(
    cursor: UInt64, count wanted: Int, now: Int64, stepsPerByte: Int = 0, _ report: (Span<UInt8>) -> Void
  ) -> UInt64 {
    guard count > 0 else { return 0 }
    return scanBuckets(cursor: cursor, count: wanted) { bucket in
      var steps = 0
      let keys = reportKeys(of: bucket, now) { key in
        steps += key.count * stepsPerByte
        report(key)
      }
      return keys + steps / 4_096
    }
  }

  /// Calls `report` with buckets from a cursor on until it has returned a sum of `wanted`; returns the next cursor.
  @inline(__always)
  func scanBuckets(cursor: UInt64, count wanted: Int, _ report: (Int) -> Int) -> UInt64 {
    let mask = current.table.mask
    var cursor = cursor & mask
    var keys = 0
    var visits = StoreLimits.scanBucketsMin &+ min(max(wanted, 1), 1 << 40) &* 10
    repeat {
      let bucket = Int(cursor)
      current.table.prefetchEntries(bucket, current.memory)
      keys &+= report(bucket)
      if bucket < current.table.split { keys &+= report(bucket + Int(mask) + 1) }
      cursor = Self.next(cursor, mask)
      visits -= 1
    } while cursor != 0 && keys < wanted && visits > 0
    return cursor
  }

  /// Counts up from the top bit of the mask down.
  private static func next(_ cursor: UInt64, _ mask: UInt64) -> UInt64 {
    let reversed = reverse(cursor | ~mask) &+ 1
    return reverse(reversed)
  }

  /// The bits of a word from last to first.
  private static func reverse(_ word: UInt64) -> UInt64 {
    var bits = word.byteSwapped
    bits = bits >> 4 & 0x0F0F_0F0F_0F0F_0F0F | (bits & 0x0F0F_0F0F_0F0F_0F0F) << 4
    bits = bits >> 2 & 0x3333_3333_3333_3333 | (bits & 0x3333_3333_3333_3333) << 2
    return bits >> 1 & 0x5555_5555_5555_5555 | (bits & 0x5555_5555_5555_5555) << 1
  }

  private func reportKeys(of bucket: Int, _ now: Int64, _ report: (Span<UInt8>) -> Void) -> Int {
    var keys = 0
    current.table.forEachHandle(bucket, current.memory) { handle in
      let entry = current.entry(handle)
      guard entry.isLive(at: now) else { return }
      report(Span(_unsafeElements: entry.key.assumingMemoryBound(to: UInt8.self)))
      keys += 1
    }
    return keys
  }

  // MARK: - Random keys

  /// Reports some key, by a number drawn; returns false if there is none.
  ///
  /// A bucket is drawn, then an entry of it; after some empty buckets in a row, the next key that there is. O(keys)
  /// at worst, if nearly all have expired and have not been removed yet.
  public func randomKey(_ draw: UInt64, now: Int64, _ body: (Span<UInt8>) -> Void) -> Bool {
    guard count > 0 else { return false }
    let bucketCount = current.table.bucketCount
    var state = draw
    var bucket = 0
    for _ in 0..<StoreLimits.randomBucketsMax {
      state = (state &+ 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
      state ^= state >> 31
      bucket = Int(state.multipliedFullWidth(by: UInt64(bucketCount)).high)
      if reportKey(of: bucket, state &* 0x94D0_49BB_1331_11EB, now, body) { return true }
    }
    for step in 1...bucketCount where reportKey(of: (bucket + step) % bucketCount, state, now, body) { return true }
    return false
  }

  /// Reports a live key of a bucket, if there is one: one of them is drawn.
  private func reportKey(
    of bucket: Int, _ draw: UInt64, _ now: Int64, _ body: (Span<UInt8>) -> Void
  ) -> Bool {
    var live = 0
    current.table.forEachHandle(bucket, current.memory) { handle in
      if current.entry(handle).isLive(at: now) { live += 1 }
    }
    guard live > 0 else { return false }
    var skipped = Int(draw.multipliedFullWidth(by: UInt64(live)).high)
    current.table.forEachHandle(bucket, current.memory) { handle in
      let entry = current.entry(handle)
      guard entry.isLive(at: now) else { return }
      if skipped == 0 { body(Span(_unsafeElements: entry.key.assumingMemoryBound(to: UInt8.self))) }
      skipped -= 1
    }
    return true
  }
}
