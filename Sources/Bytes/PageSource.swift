/// Where a store gets its memory: large aligned blocks, which may run out.
///
/// The store asks through this seam so that it makes no system calls of its own, and so that a test can let any one
/// request fail. Its functions are called rarely: once a region of entries or a large value, not once a key.
public struct PageSource: Sendable {
  /// Returns a block of the given size and alignment (both in bytes, the alignment a power of two), or nil when there
  /// is none to be had; its content is unspecified.
  public let allocate: @Sendable (_ byteCount: Int, _ alignment: Int) -> UnsafeMutableRawPointer?
  /// Takes back a block that `allocate` returned, with the same size.
  public let release: @Sendable (_ block: UnsafeMutableRawPointer, _ byteCount: Int) -> Void
  /// Takes back the end of a block, so that it is one of fewer bytes from then on, at least 2 MiB; nil: can not.
  public let shorten: (@Sendable (_ block: UnsafeMutableRawPointer, _ byteCount: Int, _ newCount: Int) -> Void)?
  /// Is told of a block that is in use throughout, and will be for a while.
  public let noteFull: @Sendable (_ block: UnsafeMutableRawPointer, _ byteCount: Int) -> Void

  /// Creates a source from its functions.
  public init(
    allocate: @escaping @Sendable (_ byteCount: Int, _ alignment: Int) -> UnsafeMutableRawPointer?,
    release: @escaping @Sendable (_ block: UnsafeMutableRawPointer, _ byteCount: Int) -> Void,
    shorten: (@Sendable (_ block: UnsafeMutableRawPointer, _ byteCount: Int, _ newCount: Int) -> Void)? = nil,
    noteFull: @escaping @Sendable (_ block: UnsafeMutableRawPointer, _ byteCount: Int) -> Void = { _, _ in }
  ) {
    self.allocate = allocate
    self.release = release
    self.shorten = shorten
    self.noteFull = noteFull
  }
}
