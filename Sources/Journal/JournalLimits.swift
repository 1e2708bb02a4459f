/// The sizes that the journal is built from.
public enum JournalLimits {
  /// Bytes of a segment after which the next one is begun: rarely enough that the files stay few, often enough that
  /// what a compaction makes superfluous goes soon.
  public static let segmentBytes: UInt64 = 64 * 1024 * 1024
  /// Bytes that recovery reads at a time: enough that a read's fixed cost is nothing, little enough for a processor's
  /// cache.
  static let readBytes = 1024 * 1024
  /// The greatest number of a segment or a frame, so that adding one to what a file says cannot overflow.
  static let numberMax = UInt64(1) << 63
}
