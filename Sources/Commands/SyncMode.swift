/// How safe a change is before anybody is told of it.
public enum SyncMode: String, CaseIterable, Sendable {
  /// On disk.
  case always
  /// With the kernel; the disk is synced once a second.
  case everysec
  /// In memory only; the kernel gets it soon, and decides when the disk does.
  case no

  /// What the mode promises, in one sentence.
  public var promise: String {
    switch self {
    case .always:
      "a reply waits until what it tells of is on disk: neither a crash nor a power cut takes back what was answered"
    case .everysec:
      """
      a reply waits until the kernel has what it tells of, and the disk is synced every second: a crash of the server \
      takes back nothing, a power cut at most what the last two seconds have changed
      """
    case .no:
      """
      no reply waits, and the kernel writes when it likes: a crash of the server takes back at most its last turns, a \
      power cut what the kernel had not written
      """
    }
  }
}
