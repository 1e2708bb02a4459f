import CLinux
import Glibc

/// Anonymous memory straight from the kernel: mmap(2), aligned.
public enum MappedMemory {
  /// Maps `byteCount` zeroed bytes at a multiple of `alignment`, or returns nil when there is no memory.
  ///
  /// The alignment is a power of two; a block always begins at a page.
  public static func map(byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer? {
    let (padded, overflow) = byteCount.addingReportingOverflow(alignment)
    guard !overflow, let mapping = mmapAnonymous(padded) else { return nil }
    let address = UInt(bitPattern: mapping)
    let aligned = (address + UInt(alignment) - 1) & ~UInt(alignment - 1)
    let before = Int(aligned - address)
    let block = mapping + before
    let length = roundedToPages(byteCount)
    if before > 0 { mustSucceed("munmap") { munmap(mapping, before) } }
    let after = roundedToPages(padded) - before - length
    if after > 0 { mustSucceed("munmap") { munmap(block + length, after) } }
    return block
  }

  /// Lets the kernel gather a block that is in use throughout into huge pages, which saves TLB misses: madvise(2).
  ///
  /// It does so by and by, in a thread of its own. Asked for beforehand, the first touch of each huge page would wait
  /// until one is free or made free: milliseconds where the kernel has to move memory for it.
  public static func gather(_ block: UnsafeMutableRawPointer, byteCount: Int) {
    _ = madvise(block, roundedToPages(byteCount), MADV_HUGEPAGE)
  }

  /// Gives back what `map` returned for the same size.
  public static func unmap(_ block: UnsafeMutableRawPointer, byteCount: Int) {
    mustSucceed("munmap") { munmap(block, roundedToPages(byteCount)) }
  }

  /// Gives back the end of what `map` returned, which has `newCount` bytes from then on.
  public static func shorten(_ block: UnsafeMutableRawPointer, byteCount: Int, to newCount: Int) {
    let kept = roundedToPages(newCount)
    let gone = roundedToPages(byteCount) - kept
    if gone > 0 { mustSucceed("munmap") { munmap(block + kept, gone) } }
  }

  private static func mmapAnonymous(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    let block = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    return block == MAP_FAILED ? nil : block
  }

  private static func roundedToPages(_ byteCount: Int) -> Int { (byteCount + 4095) & ~4095 }
}
