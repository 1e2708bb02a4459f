// The keys that expire, in order of when: a hierarchical timing wheel (Varghese and Lauck, Hashed and Hierarchical
// Timing Wheels, SOSP 1987). Inserting and removing a key are O(1), and each key is in it once: nothing stale is left
// behind.
//
// Time is cut into ticks of 64 ms. `cursor` is the tick that the wheel is at. Level 0 has a list for each tick near the
// cursor, level 1 one for each 256 ticks (16 s), level 2 for each 65,536 (70 min), and so on up to 2,230 years.
//
//     level 1   ──┬───────────────┬───────────────┬───────────────┬──────────────    a list's number is that of its
//                 │   emptied     │ emptying now  │       ●       │      ●●          ticks, without their last 8 bits;
//               ──┴───────────────┴───────────────┴───────────────┴──────────────    on level 2 without 16, and so on
//                 ╎                               ╎
//     level 0     ├─┬─┬─┬─┬─┬─┬─┬─┬─┬─┬─┬─┬─┬─┬─┬─┤
//                 │x│x│x│●│●│ │●│ │ │●│ │ │●│●│ │ │      x passed, ● keys
//                 └─┴─┴─┴▲┴─┴─┴─┴─┴─┴─┴─┴─┴─┴─┴─┴─┘
//                      cursor
//
// A level covers the block of 256 lists that the cursor is in and the one after it: 512 places, used round and round. A
// key goes to the lowest level that covers its tick. When the cursor enters a list's span, that list has to be empty,
// its keys spread over the lists below ("cascaded"). Because a level covers one block more than the cursor's, cascading
// a list can begin when the cursor enters the span before it: there are 16 s, or 70 min, to do it in small slices ahead
// of time, and ten million keys in one list delay none of those that are due.
//
//     entry     head ──► first ⇄ second ⇄ last ──► 0      doubly linked through the entries; `previous` of the first
//                         │                               one names its list, under a set top bit, so that removing
//                         └──► list                       a key needs to know nothing but its entry
//
// A tick's list is due when its time has come: a key waits up to 64 ms longer than it had to. The wheel never looks at
// a clock; its caller says what time it is. Where that is put back by more than a second, a second set of lists takes
// over from there, and the keys of the first one are moved there, some at a time.

import Bytes

/// The entries with an expiry, by when it is.
struct ExpiryWheel: ~Copyable {
  static let tickMilliseconds: Int64 = 64
  static let levelCount = 6
  private static let bitsPerLevel: UInt64 = 8
  private static let listsPerLevel = 512
  private static let wordsPerLevel = listsPerLevel / 64
  private static let listsPerSet = levelCount * listsPerLevel
  private static let listMark: UInt64 = 1 << 39
  /// Ticks by which time may go back without further ado; keys may wait so much longer then.
  private static let ticksBackMax: UInt64 = 16

  /// By list, the handle of its first entry; 0 if it is empty. There are two sets of lists.
  private var heads = ZeroedArray<UInt64>(count: 2 * listsPerSet)
  /// A bit for each list that is not empty.
  private var occupied = ZeroedArray<UInt64>(count: 2 * listsPerSet / 64)
  /// The first list of the set in use.
  private var firstList = 0
  /// Where, in the other set, entries may still be that have to be moved to this one: 64 times this number and up.
  private var nextWordToMove = listsPerSet / 64
  /// The tick that the wheel is at: no list is left whose span ended before it, and on level 1 and above none that has
  /// begun.
  private(set) var cursor: UInt64 = 0
  /// How many entries there are.
  private(set) var count = 0
  /// The sum of their deadlines, in milliseconds; so many of 48 bits do not fit 64.
  private var deadlines: UInt128 = 0

  // MARK: - Time

  /// The mean of all deadlines, in milliseconds; 0 if there are none.
  var meanDeadline: Int64 { count == 0 ? 0 : Int64(deadlines / UInt128(count)) }

  /// The tick that has begun by a time.
  static func tick(begunBy milliseconds: Int64) -> UInt64 {
    UInt64(max(0, min(milliseconds, Deadline.latestMilliseconds)) / tickMilliseconds)
  }

  /// The first tick that begins at a deadline or after it.
  static func tick(_ deadline: Deadline) -> UInt64 {
    UInt64((deadline.milliseconds + tickMilliseconds - 1) / tickMilliseconds)
  }

  /// The number, on a level, of the list that a tick belongs to.
  @inline(__always)
  private static func index(_ tick: UInt64, _ level: Int) -> UInt64 { tick &>> (bitsPerLevel &* UInt64(level)) }

  /// The first tick of a list.
  @inline(__always)
  static func firstTick(_ index: UInt64, _ level: Int) -> UInt64 { index &<< (bitsPerLevel &* UInt64(level)) }

  @inline(__always)
  private func place(_ index: UInt64, _ level: Int) -> Int {
    firstList &+ level &* Self.listsPerLevel &+ Int(truncatingIfNeeded: index & UInt64(Self.listsPerLevel - 1))
  }

  // MARK: - Entries

  /// Hangs an entry in, by its deadline.
  mutating func insert(_ block: BlockHandle, now: Int64, _ memory: borrowing SlabAllocator) {
    let tick = Self.tick(begunBy: now)
    if count == 0 || needsRewind(to: tick) {
      rewind(to: tick)
    } else if tick > cursor, (earliest()?.firstTick ?? .max) > tick {
      cursor = tick
    }
    count += 1
    deadlines &+= UInt128(Entry(base: memory.address(of: block)).deadline.milliseconds)
    link(block, memory)
  }

  /// Takes an entry out.
  mutating func remove(_ block: BlockHandle, _ memory: borrowing SlabAllocator) {
    let entry = Entry(base: memory.address(of: block))
    unlink(entry, memory)
    count -= 1
    deadlines &-= UInt128(entry.deadline.milliseconds)
  }

  private mutating func link(_ block: BlockHandle, _ memory: borrowing SlabAllocator) {
    let entry = Entry(base: memory.address(of: block))
    let tick = max(Self.tick(entry.deadline), cursor)
    var level = 0
    while level < Self.levelCount - 1, Self.index(tick, level + 1) > Self.index(cursor, level + 1) + 1 { level += 1 }
    let place = place(Self.index(tick, level), level)
    let first = heads[place]
    entry.setNext(first)
    entry.setPrevious(Self.listMark | UInt64(place))
    if first == 0 {
      occupied[place >> 6] |= 1 << UInt64(place & 63)
    } else {
      Entry(base: memory.address(of: BlockHandle(rawValue: first))).setPrevious(block.rawValue)
    }
    heads[place] = block.rawValue
  }

  private mutating func unlink(_ entry: Entry, _ memory: borrowing SlabAllocator) {
    let next = entry.next
    let previous = entry.previous
    if next != 0 { Entry(base: memory.address(of: BlockHandle(rawValue: next))).setPrevious(previous) }
    if previous & Self.listMark == 0 {
      Entry(base: memory.address(of: BlockHandle(rawValue: previous))).setNext(next)
    } else {
      let place = Int(previous & ~Self.listMark)
      heads[place] = next
      if next == 0 { occupied[place >> 6] &= ~(1 << UInt64(place & 63)) }
    }
  }

  // MARK: - Lists

  /// The first list of a level that is not empty, or nil.
  private func firstIndex(_ level: Int) -> UInt64? {
    let base = Self.index(cursor, level)
    let firstWord = firstList >> 6 + level * Self.wordsPerLevel
    let start = Int(truncatingIfNeeded: base) & (Self.listsPerLevel - 1)
    // The word that the search begins in is looked at twice: its upper bits first, its lower bits last.
    for step in 0...Self.wordsPerLevel {
      let word = (start >> 6 + step) & (Self.wordsPerLevel - 1)
      var bits = occupied[firstWord + word]
      if step == 0 { bits &= ~0 << UInt64(start & 63) }
      guard bits != 0 else { continue }
      let found = word << 6 + bits.trailingZeroBitCount
      return base + UInt64((found - start) & (Self.listsPerLevel - 1))
    }
    return nil
  }

  /// The list that begins first, of those that begin at once the highest; nil if all are empty.
  private func earliest() -> (firstTick: UInt64, level: Int, index: UInt64)? {
    var best: (firstTick: UInt64, level: Int, index: UInt64)?
    for level in 0..<Self.levelCount {
      guard let index = firstIndex(level) else { continue }
      let tick = Self.firstTick(index, level)
      if tick <= best?.firstTick ?? .max { best = (tick, level, index) }
    }
    return best
  }

  // MARK: - Work

  /// An entry whose time has come, which the caller has to remove; nil if there is none, or if `units` are used up.
  ///
  /// Each entry that is moved to a lower level on the way takes a unit.
  mutating func next(dueBy now: Int64, units: inout Int, _ memory: borrowing SlabAllocator) -> BlockHandle? {
    guard count > 0 else { return nil }
    let tick = Self.tick(begunBy: now)
    if needsRewind(to: tick) { rewind(to: tick) }
    if isMoving { moveFromOtherSet(&units, memory) }
    while units > 0 {
      let head = heads[place(cursor, 0)]
      if head != 0, cursor <= tick {
        let block = BlockHandle(rawValue: head)
        prefetchNext(Entry(base: memory.address(of: block)), memory)
        return block
      }
      guard let first = earliest(), first.firstTick <= tick else {
        cursor = max(cursor, tick)
        cascadeAhead(&units, memory)
        return nil
      }
      if first.level == 0 {
        cursor = first.firstTick
      } else {
        cursor = first.firstTick - 1
        respread(place(first.index, first.level), &units, memory)
      }
    }
    return nil
  }

  /// Empties, lower levels first, the lists whose span is the next that the cursor enters.
  private mutating func cascadeAhead(_ units: inout Int, _ memory: borrowing SlabAllocator) {
    for level in 1..<Self.levelCount {
      while units > 0, let index = firstIndex(level), index <= Self.index(cursor, level) + 1 {
        respread(place(index, level), &units, memory)
      }
    }
  }

  /// Takes entries out of a list and hangs them in anew, as long as there are `units`.
  private mutating func respread(_ place: Int, _ units: inout Int, _ memory: borrowing SlabAllocator) {
    while units > 0, heads[place] != 0 {
      let block = BlockHandle(rawValue: heads[place])
      let entry = Entry(base: memory.address(of: block))
      prefetchNext(entry, memory)
      unlink(entry, memory)
      link(block, memory)
      units -= 1
    }
  }

  /// Asks the processor for the next entry of a list.
  private func prefetchNext(_ entry: Entry, _ memory: borrowing SlabAllocator) {
    let next = entry.next
    if next != 0 { prefetch(memory.address(of: BlockHandle(rawValue: next))) }
  }

  /// When there is work to do next, in milliseconds since 1970; nil if there is no entry.
  func nextWork() -> Int64? {
    guard count > 0 else { return nil }
    guard !isMoving else { return 0 }
    var first: UInt64?
    for level in 0..<Self.levelCount {
      guard let index = firstIndex(level) else { continue }
      let tick = level == 0 ? index : Self.firstTick(index - 1, level)
      first = min(first ?? .max, tick)
    }
    return first.map { Int64($0) * Self.tickMilliseconds }
  }

  /// How many entries' time has come by `now`; nil if that takes looking at more than `entriesMax` of them.
  func dueCount(by now: Int64, entriesMax: Int, _ memory: borrowing SlabAllocator) -> Int? {
    guard count > 0 else { return 0 }
    guard !isMoving else { return nil }
    let last = max(Self.tick(begunBy: now) + 1, cursor)
    for level in 1..<Self.levelCount {
      if let index = firstIndex(level), Self.firstTick(index, level) <= last { return nil }
    }
    var due = 0
    var looks = entriesMax
    // Level 0 covers at most 512 ticks from the cursor.
    for tick in cursor...min(last, cursor + UInt64(Self.listsPerLevel) - 1) {
      var handle = heads[place(tick, 0)]
      while handle != 0 {
        guard looks > 0 else { return nil }
        looks -= 1
        let entry = Entry(base: memory.address(of: BlockHandle(rawValue: handle)))
        if !entry.isLive(at: now) { due += 1 }
        handle = entry.next
      }
    }
    return due
  }

  // MARK: - A clock that is put back

  private var isMoving: Bool { nextWordToMove < Self.listsPerSet / 64 }

  /// Whether keys that are hung in now would have to wait for long.
  private func needsRewind(to tick: UInt64) -> Bool { tick + Self.ticksBackMax < cursor && !isMoving }

  /// Puts the cursor to any tick, with empty lists.
  private mutating func rewind(to tick: UInt64) {
    cursor = tick
    nextWordToMove = Self.listsPerSet / 64
    guard count > 0 else { return }
    firstList = Self.listsPerSet - firstList
    nextWordToMove = 0
  }

  /// Moves entries from the set of lists that was in use before, as long as there are `units`.
  private mutating func moveFromOtherSet(_ units: inout Int, _ memory: borrowing SlabAllocator) {
    let other = Self.listsPerSet - firstList
    while units > 0, isMoving {
      let bits = occupied[other >> 6 + nextWordToMove]
      if bits == 0 {
        nextWordToMove += 1
      } else {
        respread(other + nextWordToMove << 6 + bits.trailingZeroBitCount, &units, memory)
      }
    }
  }

  // MARK: - Checking

  /// Ends the process if lists, links, bits or count do not add up, or a deadline is in a wrong list; calls `body` with
  /// each entry. For tests.
  func check(_ memory: borrowing SlabAllocator, _ body: (BlockHandle) -> Void) {
    var found = 0
    var sum: UInt128 = 0
    for place in 0..<2 * Self.listsPerSet {
      let isOccupied = occupied[place >> 6] >> UInt64(place & 63) & 1 != 0
      precondition(isOccupied == (heads[place] != 0), "a list that is not empty has its bit set, and no other")
      var previous = Self.listMark | UInt64(place)
      var handle = heads[place]
      while handle != 0 {
        let entry = Entry(base: memory.address(of: BlockHandle(rawValue: handle)))
        precondition(entry.hasExpiry, "what is in the wheel has an expiry")
        precondition(entry.previous == previous, "an entry names the one before it, or its list")
        if place >= firstList, place < firstList + Self.listsPerSet {
          checkPlace(entry, place)
        } else {
          precondition(isMoving && place >> 6 % (Self.listsPerSet / 64) >= nextWordToMove, "the other set is left")
        }
        body(BlockHandle(rawValue: handle))
        sum += UInt128(entry.deadline.milliseconds)
        found += 1
        precondition(found <= count, "a list ends")
        previous = handle
        handle = entry.next
      }
    }
    precondition(found == count, "\(found) entries are in the wheel, \(count) are counted")
    precondition(sum == deadlines, "deadlines are summed up right")
  }

  private func checkPlace(_ entry: Entry, _ place: Int) {
    let level = (place - firstList) / Self.listsPerLevel
    let tick = Self.tick(entry.deadline)
    let base = Self.index(cursor, level)
    let index = base + UInt64((place - self.place(base, level)) & (Self.listsPerLevel - 1))
    if level == 0 {
      precondition(tick == index || tick < index && index == cursor, "an entry is in its tick's list")
    } else {
      precondition(Self.index(tick, level) == index && index > base, "an entry is in the list of its span, to come")
    }
  }
}
