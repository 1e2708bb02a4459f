// An array whose memory comes zeroed and untouched from calloc(3): elements that nobody has used yet cost address space
// only, so that a table for a million connections can be made at start and never has to move.

import Glibc

/// A fixed number of plain values with one owner, zero at first.
///
/// All bytes zero must be a valid value of `Element`. Access is checked, O(1).
@safe
public struct ZeroedArray<Element: BitwiseCopyable>: ~Copyable {
  @usableFromInline let base: UnsafeMutablePointer<Element>
  /// How many elements there are.
  public let count: Int

  /// Creates `count` zero elements; memory is committed by the kernel as they are touched.
  public init(count: Int) {
    precondition(count >= 0, "a count is not negative")
    guard let block = calloc(max(count, 1), MemoryLayout<Element>.stride) else {
      fatalError("no address space for \(count) elements")
    }
    base = block.bindMemory(to: Element.self, capacity: count)
    self.count = count
  }

  deinit { free(base) }

  /// The elements.
  public var span: Span<Element> {
    @inlinable
    @_lifetime(borrow self)
    get { _overrideLifetime(Span(_unsafeStart: base, count: count), borrowing: self) }
  }

  /// The element at `index`.
  @inlinable
  public subscript(index: Int) -> Element {
    unsafeAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "an index lies within its array")
      return UnsafePointer(base + index)
    }
    unsafeMutableAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "an index lies within its array")
      return base + index
    }
  }
}
