// What bounds the work of a turn. A server has the defaults; the
// simulator gives it small ones too, so that what usually takes one slice takes many, with changes in between.

/// How much of a kind of work is done before others have their turn.
package struct TurnLimits: Sendable {
  /// Requests of one connection executed before others have their turn: some 50 microseconds.
  package var requestsPerSliceMax = 256
  /// Slices of buffered requests and long replies executed a turn, before the kernel is asked for events again.
  package var slicesPerTurnMax = 16
  /// Buckets that a listing visits a slice: some 400 keys, some 50 microseconds.
  package var listingBucketsPerSlice = 64
  /// Bytes that a long reply writes a slice: of the 1,500 turns that GET of 100 MB took on a busy machine,
  /// the longest had 0.14 to 0.6 ms of processor time, sending included.
  package var longReplyBytesPerSlice = 64 * 1024
  /// Output of a turn that is sent before the turn goes on, to bound the shared buffer.
  package var turnOutputBytesHigh = 1024 * 1024
  /// Units of background work a turn: expired keys removed, memory given back.
  package var backgroundUnitsPerTurn = 256
  /// Keys that a slice of compaction visits.
  package var compactionKeysPerSlice = 1024
  /// Bytes of records that a slice of compaction gathers: some 0.2 ms of work.
  package var compactionBytesPerSlice = 128 * 1024
  /// Bytes of a base's frame: what is written at once, and synced, between two frames of the journal.
  package var baseFrameBytes = 1024 * 1024
  /// Writes wait while so many bytes of changes wait for the disk.
  package var backlogBytesMax = 32 * 1024 * 1024

  /// Creates the default limits.
  package init() {}
}
