import CLinux
import Glibc

/// How many descriptors the process may have open: RLIMIT_NOFILE (getrlimit(2)).
public enum OpenFileLimit {
  /// The hard limit: what any process may raise its soft limit to.
  public static var hard: Int { Int(clamping: current.rlim_max) }

  /// Raises the soft limit to `wanted` and returns the limit then in force.
  ///
  /// It stops at the hard limit, which it raises too where the process may; it never lowers anything.
  public static func raise(to wanted: Int) -> Int {
    let limit = current
    let target = rlim_t(max(wanted, 0))
    if limit.rlim_cur >= target { return Int(clamping: limit.rlim_cur) }
    var raised = limit
    raised.rlim_cur = target
    raised.rlim_max = max(limit.rlim_max, target)
    if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { return wanted }
    raised.rlim_cur = min(target, limit.rlim_max)
    raised.rlim_max = limit.rlim_max
    let granted = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0
    return Int(clamping: granted ? raised.rlim_cur : limit.rlim_cur)
  }

  private static var current: rlimit {
    var limit = rlimit()
    mustSucceed("getrlimit") { getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) }
    return limit
  }
}
