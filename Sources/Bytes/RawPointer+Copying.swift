extension UnsafeMutableRawPointer {
  /// Copies bytes that do not overlap with the target; 16 to 64 of them without a call, which would cost more.
  @inlinable @inline(__always)
  public func copyBytes(from source: UnsafeRawPointer, count: Int) {
    guard count >= 16, count <= 64 else { return copyMemory(from: source, byteCount: count) }
    var offset = 0
    repeat {
      copyBlock(from: source, offset)
      offset &+= 16
    } while offset &+ 16 < count
    copyBlock(from: source, count &- 16)
  }

  @inlinable @inline(__always)
  func copyBlock(from source: UnsafeRawPointer, _ offset: Int) {
    let block = source.loadUnaligned(fromByteOffset: offset, as: SIMD2<UInt64>.self)
    storeBytes(of: block, toByteOffset: offset, as: SIMD2<UInt64>.self)
  }
}
