import Journal
import Testing

@Suite struct CompactionPolicyTests {
  private static let mebibyte: UInt64 = 1 << 20
  private static let gibibyte: UInt64 = 1 << 30

  /// A journal of which every byte replaces an older one, compacted as late and as slowly as the policy allows.
  @Test(arguments: [1, mebibyte, 64 * mebibyte, gibibyte, 300 * gibibyte], [mebibyte, 64 * mebibyte, gibibyte])
  func `the disk stays within its bound and write amplification within five`(live: UInt64, segment: UInt64) {
    let policy = CompactionPolicy(segmentBytes: segment)
    let (step, reserved) = (max(segment / 16, live / 4096), segment / 4)
    var (base, journal) = (UInt64(0), UInt64(0))
    var (journalled, written) = (UInt64(0), UInt64(0))
    for _ in 0..<6 {
      while !policy.isDue(liveBytes: live, baseBytes: base, journalBytes: journal) {
        journal += step
        journalled += step
        #expect(base + journal + reserved <= policy.diskBytesMax(liveBytes: live) + step)
      }
      var (since, newBase) = (UInt64(0), UInt64(0))
      while newBase < live {
        since += step
        journalled += step
        newBase = policy.baseBytesDue(liveBytes: live, journalBytesSinceBegin: since)
        #expect(base + journal + since + newBase + reserved <= policy.diskBytesMax(liveBytes: live) + 2 * step)
      }
      written += live
      (base, journal) = (live, since)
      #expect(!policy.isDue(liveBytes: live, baseBytes: base, journalBytes: journal))
      #expect(!policy.isDue(liveBytes: live - live / 6, baseBytes: base, journalBytes: journal))
    }
    #expect(written <= 4 * journalled)
    #expect(live > segment || written * 10 <= 8 * journalled)
  }

  @Test func `on a full disk a margin is enough, if there is room for the base`() {
    func isDue(_ live: UInt64, _ journal: UInt64, free: UInt64) -> Bool {
      CompactionPolicy().isDueOnFullDisk(
        liveBytes: live, baseBytes: Self.mebibyte, journalBytes: journal, freeBytes: free, marginBytes: 1_000)
    }
    #expect(isDue(0, 0, free: 0))
    #expect(isDue(Self.mebibyte, 1_000, free: Self.mebibyte))
    #expect(!isDue(Self.mebibyte, 999, free: Self.mebibyte))
    #expect(!isDue(Self.mebibyte, 9_000, free: Self.mebibyte - 1_001))
  }

  @Test func `after all keys were removed a compaction begins at once`() {
    let policy = CompactionPolicy()
    #expect(policy.isDue(liveBytes: 0, baseBytes: Self.gibibyte, journalBytes: 100))
    #expect(!policy.isDue(liveBytes: Self.gibibyte, baseBytes: Self.gibibyte, journalBytes: 100))
    #expect(!policy.isDue(liveBytes: 0, baseBytes: 0, journalBytes: Self.mebibyte))
  }

  @Test func `the base is written in proportion and whole in the end`() {
    let policy = CompactionPolicy(segmentBytes: 8 * Self.mebibyte)
    let live = 80 * Self.mebibyte
    let room = policy.journalBytesDuring(liveBytes: live)
    #expect(room == 12 * Self.mebibyte)
    #expect(policy.baseBytesDue(liveBytes: live, journalBytesSinceBegin: 0) == 0)
    #expect(policy.baseBytesDue(liveBytes: live, journalBytesSinceBegin: room / 4) == live / 4)
    #expect(policy.baseBytesDue(liveBytes: live, journalBytesSinceBegin: room - 1) < live)
    #expect(policy.baseBytesDue(liveBytes: live, journalBytesSinceBegin: room) == live)
    #expect(policy.baseBytesDue(liveBytes: 0, journalBytesSinceBegin: 0) == 0)
  }

  @Test func `sizes beyond any disk do not overflow`() {
    let policy = CompactionPolicy(segmentBytes: .max)
    #expect(policy.diskBytesMax(liveBytes: .max) == .max)
    #expect(policy.isDue(liveBytes: .max, baseBytes: .max, journalBytes: .max))
    #expect(policy.baseBytesDue(liveBytes: .max, journalBytesSinceBegin: .max - 1) <= .max)
  }
}
