/// Why the store did not do what it was asked; nothing has changed.
public enum StoreError: Error, Equatable, Sendable {
  /// The machine has no memory left.
  case outOfMemory
  /// The write would take more memory than the keyspace may have.
  case memoryLimitReached
  /// As many walks are running as there can be.
  case tooManyWalks
}
