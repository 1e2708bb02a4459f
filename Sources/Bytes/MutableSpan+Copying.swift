import Glibc

extension MutableSpan<UInt8> {
  /// Overwrites the bytes from `offset` on with `source`, which has to fit; one memmove(3).
  @_lifetime(self: copy self)
  public mutating func copy(_ source: Span<UInt8>, to offset: Int) {
    precondition(offset >= 0 && offset <= count && source.count <= count - offset, "a copy lies within its target")
    withUnsafeMutableBytes { target in
      source.withUnsafeBytes { bytes in
        if let from = bytes.baseAddress, let base = target.baseAddress { memmove(base + offset, from, bytes.count) }
      }
    }
  }
}
