import Glibc

extension PageSource {
  /// Blocks from the C heap: posix_memalign(3) and free(3).
  public static let heap = PageSource(
    allocate: { byteCount, alignment in
      var block: UnsafeMutableRawPointer?
      return posix_memalign(&block, max(alignment, 16), byteCount) == 0 ? block : nil
    },
    release: { block, _ in free(block) }
  )
}
