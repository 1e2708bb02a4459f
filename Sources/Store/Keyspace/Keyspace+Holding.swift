// Values that are read over many turns: held as they are, whatever becomes of their keys meanwhile.

import Bytes

/// Names a value that is held; used until it is let go.
public struct HeldValue: Equatable, Sendable, BitwiseCopyable {
  fileprivate let address: UInt

  fileprivate var block: UnsafeMutableRawPointer { UnsafeMutableRawPointer(bitPattern: address).unsafelyUnwrapped }
}

extension Keyspace {
  /// Holds the value of `key` as it is now until it is let go; nil if the key is not there, or its value too short to
  /// have a block of its own. O(1).
  ///
  /// A change in place copies the value first while it is held. When the key goes, or gets another value, the memory
  /// stays until the value is let go.
  public func holdValue(of key: Span<UInt8>, hash: UInt64, now: Int64) -> HeldValue? {
    guard let entry = liveEntry(key, hash, now), entry.isLarge else { return nil }
    held.hold(entry.outside, entry.outsideBytes)
    return HeldValue(address: UInt(bitPattern: entry.outside))
  }

  /// A value that is held; lent until the next change, which leaves it as it is.
  @_lifetime(borrow self)
  public func value(of held: HeldValue) -> Span<UInt8> {
    precondition(self.held.isHeld(held.block), "a value is used until it is let go")
    let bytes = UnsafeRawBufferPointer(Entry.value(inOutside: held.block)).assumingMemoryBound(to: UInt8.self)
    return _overrideLifetime(Span(_unsafeElements: bytes), borrowing: self)
  }

  /// Ends a hold.
  public func letGo(_ held: HeldValue) { self.held.letGo(held.block) }
}
