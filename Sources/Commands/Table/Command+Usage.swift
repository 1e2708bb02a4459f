import Bytes

extension Command {
  /// `PUT key value`, `LIST [pattern]`, `EXISTS key [key ...]`.
  public func appendUsage(to text: inout ByteBuffer) {
    text.append(name)
    for argument in arguments {
      text.append(argument.presence == .optional ? " [" : " ")
      text.append(argument.name)
      switch argument.presence {
      case .required, .free: break
      case .optional: text.append("]")
      case .repeated:
        text.append(" [")
        text.append(argument.name)
        text.append(" ...]")
      }
    }
  }

  /// `a key and a value`, `no arguments`, `at most a pattern`.
  func appendPhrase(to text: inout ByteBuffer) {
    if arguments.isEmpty { text.append("no arguments") }
    for (index, argument) in arguments.enumerated() {
      let isFirst = index == 0
      let isLast = index == arguments.count - 1
      if !isFirst { text.append(isLast ? " and " : ", ") }
      if argument.presence == .optional { text.append("at most ") }
      text.append(argument.phrase)
    }
  }
}
