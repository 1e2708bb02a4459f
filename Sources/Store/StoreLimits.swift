/// The sizes that the store is built from.
enum StoreLimits {
  /// Bytes of a region, the unit in which memory is asked for: as much as a huge page.
  static let regionBytes = 2 * 1024 * 1024
  /// Bytes of an extent, the unit in which a region is used: a slab of blocks of one size, or a segment of the table.
  static let extentBytes = 64 * 1024
  /// Regions that a 36-bit handle can tell apart: 256 GiB of entries and table. Large values lie outside of them.
  static let regionsMax = 1 << 17
  /// Wholly free regions that are kept for the next need, when others go back.
  static let spareRegionsMax = 1
  /// Bytes of the largest block in a slab. At 8 KiB a slab holds seven, and what is left over is under an eighth of it;
  /// the lengths within fit 13 bits each.
  static let blockBytesMax = 8 * 1024
  /// Keys per two buckets beyond which the table grows by a bucket. At 6.5 of 10 slots about one bucket in eight has an
  /// overflow bucket when the table is halfway through a doubling, and the table takes some 11 bytes a key.
  static let keysPerTwoBucketsMax = 13
  /// A block of a large value goes back in slices of a region's size from this size on; one of half that size takes the
  /// kernel some 0.1 ms.
  static let slicedBlockBytesMin = 2 * regionBytes
  /// Walks at once; each may have to be given what every change is about to hide from it.
  static let walksMax = 64
  /// Bytes of keys kept for a walk that is not stepped while keys change; beyond that it is lost.
  static let capturedBytesMax = 64 * 1024 * 1024
  /// Expired keys that are looked at when a walk begins, to know how many keys it reports.
  static let walkExpiredMax = 1_000
  /// Bytes of the longest value; beyond the longest that any dialect allows.
  static let valueBytesMax = 1 << 40
  /// Buckets that a scan visits at least while they are empty: all of the smallest table, some microseconds.
  static let scanBucketsMin = 1024
  /// Random buckets that are tried for a random key. A table that is filled as it should be has no empty ones to speak
  /// of; a small one in the smallest table does.
  static let randomBucketsMax = 64
}
