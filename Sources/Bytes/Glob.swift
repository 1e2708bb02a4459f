// Glob patterns over bytes, with the meaning that Redis gives them: * any bytes, ? one byte, [abc] [^a] [a-z] one byte
// of a set, \ takes the next byte as it is.
//
// A mismatch goes back to the last star only, which is enough: a later star can always take what an earlier one could.
// So matching takes at most the product of the two lengths, whatever the pattern.

/// Matches byte strings against glob patterns.
public enum Glob {
  /// Whether all of `text` matches `pattern`; O(pattern × text) at worst.
  public static func matches(pattern: Span<UInt8>, text: Span<UInt8>) -> Bool {
    var patternIndex = 0
    var textIndex = 0
    var retry: (pattern: Int, text: Int)?
    while textIndex < text.count {
      if patternIndex < pattern.count, pattern[patternIndex] == UInt8(ascii: "*") {
        patternIndex += 1
        retry = (patternIndex, textIndex)
      } else if patternIndex < pattern.count,
        let next = matchOne(pattern, patternIndex, text[textIndex])
      {
        patternIndex = next
        textIndex += 1
      } else if let last = retry {
        retry = (last.pattern, last.text + 1)
        patternIndex = last.pattern
        textIndex = last.text + 1
      } else {
        return false
      }
    }
    while patternIndex < pattern.count, pattern[patternIndex] == UInt8(ascii: "*") { patternIndex += 1 }
    return patternIndex == pattern.count
  }

  /// The index behind the pattern's element at `index` if that matches `byte`, else nil.
  private static func matchOne(_ pattern: Span<UInt8>, _ index: Int, _ byte: UInt8) -> Int? {
    switch pattern[index] {
    case UInt8(ascii: "?"): return index + 1
    case UInt8(ascii: "["): return matchSet(pattern, index + 1, byte)
    case UInt8(ascii: "\\") where index + 1 < pattern.count: return pattern[index + 1] == byte ? index + 2 : nil
    default: return pattern[index] == byte ? index + 1 : nil
    }
  }

  /// The index behind the set whose first element stands at `index` if it holds `byte`; a set without its closing
  /// bracket reaches to the end of the pattern.
  private static func matchSet(_ pattern: Span<UInt8>, _ start: Int, _ byte: UInt8) -> Int? {
    var index = start
    let isNegated = index < pattern.count && pattern[index] == UInt8(ascii: "^")
    if isNegated { index += 1 }
    var isFound = false
    while index < pattern.count, pattern[index] != UInt8(ascii: "]") {
      if pattern[index] == UInt8(ascii: "\\"), index + 1 < pattern.count {
        isFound = isFound || pattern[index + 1] == byte
        index += 2
      } else if index + 2 < pattern.count, pattern[index + 1] == UInt8(ascii: "-") {
        let low = min(pattern[index], pattern[index + 2])
        let high = max(pattern[index], pattern[index + 2])
        isFound = isFound || (byte >= low && byte <= high)
        index += 3
      } else {
        isFound = isFound || pattern[index] == byte
        index += 1
      }
    }
    return isFound != isNegated ? min(index + 1, pattern.count) : nil
  }
}
