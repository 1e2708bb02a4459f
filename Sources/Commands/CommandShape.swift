/// What is checked of a request before its command runs, drawn from the command's row once at start: 16 bytes.
struct CommandShape: BitwiseCopyable, Sendable {
  /// Arguments that it takes at least.
  let argumentsMin: Int32
  /// Arguments that it takes at most.
  let argumentsMax: Int32
  /// Index of the word that is the first key; 0 if there is none.
  let firstKey: UInt8
  /// Whether all words from the first key on are keys.
  let keysRepeat: Bool
  /// Index of the word that is the value; 0 if there is none.
  let value: UInt8
  /// Index of the word that is a glob pattern; 0 if there is none.
  let pattern: UInt8

  init(_ arguments: [Argument]) {
    argumentsMin = Int32(arguments.count { $0.presence != .optional })
    argumentsMax = arguments.contains { $0.presence == .repeated } ? Int32.max : Int32(arguments.count)
    func index(of kind: Argument.Kind) -> UInt8 {
      UInt8(arguments.firstIndex { $0.kind == kind }.map { $0 + 1 } ?? 0)
    }
    firstKey = index(of: .key)
    value = index(of: .value)
    pattern = index(of: .pattern)
    keysRepeat = arguments.contains { $0.kind == .key && $0.presence == .repeated }
    precondition(arguments.count { $0.kind == .key } <= 1, "a row with several single keys needs a wider shape")
  }
}
