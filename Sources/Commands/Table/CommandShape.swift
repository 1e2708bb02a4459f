/// What is checked of a request before its command runs, drawn from the command's row once at start: 20 bytes.
struct CommandShape: BitwiseCopyable, Sendable {
  /// Arguments that it takes at least.
  let argumentsMin: Int32
  /// Arguments that it takes at most.
  let argumentsMax: Int32
  let keys: KeyPositions
  /// Whether it takes one key, right behind the verb.
  let takesOneKey: Bool
  /// Index of the word that is a value to be stored; 0 if none is.
  let value: UInt8
  let traits: Command.Traits

  /// Whether a request may have so many words, its verb included.
  @inline(__always)
  func accepts(wordCount: Int) -> Bool {
    let argumentCount = Int32(truncatingIfNeeded: wordCount &- 1)
    return argumentCount >= argumentsMin && argumentCount <= argumentsMax
  }

  private static func derivedTraits(_ command: Command) -> Command.Traits {
    var traits = Command.Traits.any
    let hidesKeys = command.group == .scripting || command.subcommands.contains { $0.keys.first != 0 }
    if hidesKeys || command.traits.contains(.allKeys) { traits.insert(.seesAnyKey) }
    let isAboutKeys = !command.traits.isDisjoint(with: [.reads, .writes, .allKeys]) || command.group == .transactions
    if hidesKeys || isAboutKeys || "\(command.name)" == "PING" { traits.insert(.needsKeyspace) }
    return traits
  }

  init(_ command: Command) {
    argumentsMin = command.argumentsMin
    argumentsMax = command.argumentsMax
    keys = command.keys
    takesOneKey = keys.first == 1 && keys.last == 1
    value = UInt8(command.arguments.firstIndex { $0.kind == .value }.map { $0 + 1 } ?? 0)
    traits = command.traits.union(Self.derivedTraits(command))
  }
}

/// Which words of a request are keys, in Redis's terms; `first` is 0 if none are.
public struct KeyPositions: Equatable, Sendable, BitwiseCopyable {
  /// Index of the first key's word, the verb being word 0.
  public let first: UInt8
  /// Index of the last key's word; −1 is the last word.
  public let last: Int8
  /// From one key to the next.
  public let step: UInt8

  /// The indices of the keys of a request of so many words.
  @inline(__always)
  func indices(wordCount: Int) -> StrideThrough<Int> {
    stride(from: Int(first), through: last < 0 ? wordCount + Int(last) : Int(last), by: Int(step))
  }
}

extension Command {
  /// Arguments that it takes at least.
  public var argumentsMin: Int32 {
    arguments.reduce(0) { sum, argument in
      switch argument.presence {
      case .optional, .free: sum
      case .required, .repeated: sum + (argument.kind == .pair ? 2 : 1)
      }
    }
  }

  /// Arguments that it takes at most; Int32.max if there is no bound.
  public var argumentsMax: Int32 {
    let isOpen = arguments.contains { $0.presence == .repeated || $0.presence == .free }
    return isOpen ? Int32.max : Int32(arguments.count)
  }

  /// Which words are keys.
  public var keys: KeyPositions {
    guard let first = arguments.firstIndex(where: \.isKey) else {
      return KeyPositions(first: 0, last: 0, step: 0)
    }
    let repeats = arguments.contains { $0.isKey && $0.presence == .repeated }
    let count = arguments.count(where: \.isKey)
    return KeyPositions(
      first: UInt8(first + 1), last: repeats ? -1 : Int8(first + count),
      step: arguments[first].kind == .pair ? 2 : 1)
  }

  /// Redis's arity: words in all, negative if there may be more.
  public var arity: Int { argumentsMin == argumentsMax ? Int(argumentsMin) + 1 : -Int(argumentsMin) - 1 }
}
