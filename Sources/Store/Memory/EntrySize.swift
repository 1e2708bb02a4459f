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
      sizeClass = SizeClass.index(for: start &+ Entry.pointerBytes)
      outsideBytes = Entry.outsideHeaderBytes &+ content &+ slack
    }
  }

  /// What a large entry takes whose outside block has so many bytes.
  init(hasExpiry: Bool, outsideBytes: Int) {
    let start = Entry.headerBytes + (hasExpiry ? Entry.expiryBytes : 0)
    sizeClass = SizeClass.index(for: start + Entry.pointerBytes)
    self.outsideBytes = outsideBytes
  }

  @inline(__always) var isLarge: Bool { outsideBytes != 0 }

  /// Bytes of both blocks.
  @inline(__always) var bytes: Int { SizeClass.blockBytes(sizeClass) &+ outsideBytes }
}
