/// What a keyspace's memory goes to, in bytes.
public struct MemoryUse: Equatable, Sendable {
  /// Blocks of entries: header, key, value, and what rounding to a block's size adds.
  public var entryBytes: UInt64 = 0
  /// Buckets, overflow buckets and the directory.
  public var tableBytes: UInt64 = 0
  /// All memory that is held, free blocks and extents included, what is to go back with `Keyspace.reclaim`, and values
  /// that are held though their keys are gone.
  public var heldBytes: UInt64 = 0

  /// What entries and table use; the memory limit bounds this.
  public var usedBytes: UInt64 { entryBytes + tableBytes }
}
