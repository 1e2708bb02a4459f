import Builtin

/// Asks the processor to load the cache line at `address` for reading; harmless whatever the address.
@inline(__always)
func prefetch(_ address: UnsafeRawPointer) {
  Builtin.int_prefetch_RawPointer(address._rawValue, Int32(0)._value, Int32(3)._value, Int32(1)._value)
}
