/// The memory that an entry takes: a block of a size class, and for a large one a block outside the slabs too.
struct EntrySize: Equatable {
  let sizeClass: Int
  /// Bytes of the block outside the slabs; 0 for a small entry.
  let outsideBytes: Int

  /// What a key and a value of these lengths need; a large value gets `slack` bytes to grow into.
  @inline(__always)
  init(keyCount: Int, valueCount: Int, hasExpiry: Bool, slack: Int = 0) {
    let content = keyCount &+ valueCount
    let start = Entry.headerBytes &+ (hasExpiry ? Entry.expiryBytes : 0)
    if start &+ content <= StoreLimits.blockBytesMax {
      sizeClass = SizeClass.index(for: start &+ content)
      outsideBytes = 0
    } else {
      let isKeyOutside = Self.isKeyOutside(keyCount)
      sizeClass = SizeClass.index(for: start &+ Entry.pointerBytes &+ (isKeyOutside ? 0 : keyCount))
      outsideBytes = Entry.outsideHeaderBytes &+ (isKeyOutside ? keyCount : 0) &+ valueCount &+ slack
    }
  }

  /// What a large entry takes whose outside block has so many bytes.
  init(keyCount: Int, hasExpiry: Bool, outsideBytes: Int) {
    let start = Entry.headerBytes + (hasExpiry ? Entry.expiryBytes : 0)
    sizeClass = SizeClass.index(for: start + Entry.pointerBytes + (Self.isKeyOutside(keyCount) ? 0 : keyCount))
    self.outsideBytes = outsideBytes
  }

  /// Whether a large entry has a key of this length in its block outside, because no block of a slab has room for it.
  static func isKeyOutside(_ keyCount: Int) -> Bool {
    keyCount > StoreLimits.blockBytesMax - Entry.headerBytes - Entry.expiryBytes - Entry.pointerBytes
  }

  @inline(__always) var isLarge: Bool { outsideBytes != 0 }

  /// Bytes of both blocks.
  @inline(__always) var bytes: Int { SizeClass.blockBytes(sizeClass) &+ outsideBytes }
}
