// When the journal is compacted, and how fast. L is what the live data would take as a base, B the base, J all segments
// behind it, S the size of a segment. The disk never holds more than
//
//     2.5 L + 2 S
//
// While a compaction runs it holds B + J, the new base with L, what is journalled meanwhile, G, and space that is
// reserved and not used yet, at most S/4. So one begins when B + J reaches what is left of the bound:
//
//     B + J  ≥  1.375 L + 1.5 S        with  G = L/8 + S/4
//
// and keeps a pace: for each byte that is journalled meanwhile, at least L/G bytes of the base are written, so that the
// base is whole before G is used up. It ends with B = L and J ≤ G, so the next one begins when at least L/4 + 5S/4
// bytes more are journalled. Write amplification is thus at most 1 + 4, and 1.8 while the data fits a segment.
//
// Removing keys adds little to the journal and makes L small: then the bound is passed for as long as the compaction
// takes that is begun at once.

/// Decides when to compact a journal, from sizes alone.
public struct CompactionPolicy: Sendable {
  /// Bytes of a segment after which the next one is begun.
  public let segmentBytes: UInt64

  /// Creates the policy of a journal with such segments.
  public init(segmentBytes: UInt64 = JournalLimits.segmentBytes) { self.segmentBytes = segmentBytes }

  /// The most that base, segments and a base that is being written take together.
  public func diskBytesMax(liveBytes: UInt64) -> UInt64 {
    liveBytes.adding(liveBytes).adding(liveBytes / 2).adding(segmentBytes).adding(segmentBytes)
  }

  /// The size of base and segments at which a compaction begins.
  public func startBytes(liveBytes: UInt64) -> UInt64 {
    liveBytes.adding(liveBytes / 8).adding(liveBytes / 4).adding(segmentBytes).adding(segmentBytes / 2)
  }

  /// Whether a compaction is to begin.
  ///
  /// `liveBytes` is what a base of the present keys would take: each record with its lengths. An estimate that is up
  /// to a sixth too low makes compactions more frequent, not endless.
  public func isDue(liveBytes: UInt64, baseBytes: UInt64, journalBytes: UInt64) -> Bool {
    baseBytes.adding(journalBytes) >= startBytes(liveBytes: liveBytes)
  }

  /// Whether a compaction is to begin on a full disk, that it may give room back: if there is room for its base, of
  /// which `freeBytes` are known, and base and segments take more than the live data by a margin.
  public func isDueOnFullDisk(
    liveBytes: UInt64, baseBytes: UInt64, journalBytes: UInt64, freeBytes: UInt64, marginBytes: UInt64
  ) -> Bool {
    liveBytes <= freeBytes.adding(marginBytes)
      && baseBytes.adding(journalBytes) >= liveBytes.adding(marginBytes)
  }

  /// How much may be journalled while a compaction runs.
  public func journalBytesDuring(liveBytes: UInt64) -> UInt64 { (liveBytes / 8).adding(segmentBytes / 4) }

  /// How many bytes of the base have to be written by the time that so much has been journalled since the compaction
  /// began; `liveBytes` is what it was then.
  public func baseBytesDue(liveBytes: UInt64, journalBytesSinceBegin journalled: UInt64) -> UInt64 {
    let room = journalBytesDuring(liveBytes: liveBytes)
    guard journalled < room else { return liveBytes }
    // Less than liveBytes, since journalled / room is below 1.
    return room.dividingFullWidth(liveBytes.multipliedFullWidth(by: journalled)).quotient
  }
}

extension UInt64 {
  /// The sum, or the greatest number if it is beyond.
  fileprivate func adding(_ other: UInt64) -> UInt64 {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? .max : sum
  }
}
