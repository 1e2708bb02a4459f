import Wire

/// The numbers that bound what one command or client may make the executor keep; what can be set lies in `Settings`.
enum CommandLimits {
  /// Bytes of queued requests in a transaction.
  static let transactionBytesMax = 64 * 1024 * 1024
  /// Bytes of what CLIENT SETNAME and CLIENT SETINFO set.
  static let nameBytesMax = 128
  /// Bytes of a reply of several elements: keys that a listing gathers before their count is known, values of MGET, a
  /// transaction's replies.
  static let replyBytesMax = 256 * 1024 * 1024
  /// A reply within a transaction that is so short is not taken back.
  static let shortReplyBytesMax = 128
  /// Walks that are kept for listings within transactions, which cannot wait for another one to end, and run to their
  /// end at once.
  static let walksForTransactions = 1
  /// A value from this length on is shown over several turns. It is four slices long; to cut a shorter one would save
  /// nobody a wait that counts.
  static let longValueBytesMin = 256 * 1024
  /// Keys that one SCAN is asked for at most; more are cut to this: some 0.5 ms. Keys that are long to hold against a
  /// pattern count for more.
  static let scanCountMax = 4096
  /// Products of two lengths, each plus one, up to which LCS compares two values: Redis's bound. 64 cells are a step,
  /// and their bits take 16 MiB at most: some 5 ms.
  static let lcsCellsMax = 128 * 1024 * 1024
  /// Bytes of the values that LCS compares: each byte of one costs a step at least, however short the other is.
  static let lcsValueBytesMax = 1024 * 1024
  /// Slow moments that the latency monitor keeps of a kind; as many as Redis.
  static let latencySamplesMax = 160
  /// Commands that the slow log can be told to keep: at some 4 kB each, 64 MB.
  static let slowLogLengthMax: Int64 = 16_384
  /// The longest time that DEBUG SLEEP takes: a day.
  static let sleepMillisecondsMax: UInt64 = 86_400_000
  /// Room in front of a block of records for whoever frames it.
  static let frameHeaderBytes = 64
  /// Bytes that a request may record beside its words: a frame's header, the whole of a short value.
  static let recordBytesBesideWordsMax = 512
  /// Bytes beside each word: what kind of record it is, its length, an expiry.
  static let recordBytesBesideWordMax = 24
  /// Bytes beside the words of a batch.
  static let batchRecordBytesMax = WireLimits.requestsPerBatchMax * recordBytesBesideWordsMax
  /// The longest number that INCRBYFLOAT writes has fewer digits.
  static let numberBytesMax = 6 * 1024
  /// A change of a part of a value this long is recorded as the whole value, which is simpler and hardly longer.
  static let wholeRecordBytesMax = 128
  /// A longer value is told part by part when the keyspace is written down: some 50 microseconds a part.
  static let wholeEntryBytesMax = 128 * 1024
}
