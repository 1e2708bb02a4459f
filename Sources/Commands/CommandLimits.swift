/// What commands hold their arguments to.
public struct CommandLimits: Sendable {
  /// A longer key is refused. 16 KiB is far beyond what names things, and keeps a key within one small block.
  public var keyBytesMax = 16 * 1024
  /// A longer value is refused. 1 MiB is copied in about a tenth of a millisecond, so that it delays nobody.
  public var valueBytesMax = 1024 * 1024
  /// A longer pattern is refused: matching may take the product of pattern and key length, for every key.
  public var patternBytesMax = 256

  /// Creates the default limits.
  public init() {}
}
