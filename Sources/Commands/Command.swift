// One row of the command table. Everything that is told about a command follows from its row: how many arguments it
// takes, the line that says so when there are too few, its line in HELP, which words are keys.

import Bytes
import Wire

/// A command: what it is called, what it takes, what it touches, what it does, and the function that does it.
public struct Command: Sendable {
  /// Its name in capitals; at most 16 bytes.
  public let name: StaticString
  /// What it takes, in order.
  public let arguments: [Argument]
  /// What it does with the keyspace.
  public let access: Access
  /// What it is for, in a few words.
  public let summary: StaticString
  /// The function: reads the request, changes the keyspace, writes one reply.
  let run: Handler

  typealias Handler = @Sendable (borrowing Request, inout CommandExecutor) -> Outcome

  init(
    _ name: StaticString, _ arguments: [Argument] = [], _ access: Access, _ summary: StaticString,
    run: @escaping Handler
  ) {
    self.name = name
    self.arguments = arguments
    self.access = access
    self.summary = summary
    self.run = run
  }
}

/// What a command does with the keyspace.
public enum Access: Sendable {
  /// Nothing.
  case none
  /// Looks at some keys.
  case reads
  /// Changes some keys.
  case writes
  /// Looks at all keys.
  case readsAll
}

/// One argument of a command, or several of one kind.
public struct Argument: Sendable {
  /// How often it stands.
  public enum Presence: Sendable {
    /// Once.
    case required
    /// Once or not at all; only after the required ones.
    case optional
    /// Once or more; only at the end.
    case repeated
  }

  /// What limit it is held to.
  public enum Kind: Sendable {
    /// A key.
    case key
    /// A value.
    case value
    /// A glob pattern over keys.
    case pattern
    /// Any other word.
    case word
  }

  /// Its name in a usage line: `key`.
  public let name: StaticString
  /// Its name in a sentence: `a key`.
  public let phrase: StaticString
  /// What limit it is held to.
  public let kind: Kind
  /// How often it stands.
  public let presence: Presence

  static let key = Argument(name: "key", phrase: "a key", kind: .key, presence: .required)
  static let keys = Argument(name: "key", phrase: "one or more keys", kind: .key, presence: .repeated)
  static let value = Argument(name: "value", phrase: "a value", kind: .value, presence: .required)
  static let pattern = Argument(name: "pattern", phrase: "a pattern", kind: .pattern, presence: .optional)

  static func optional(_ name: StaticString, _ phrase: StaticString) -> Argument {
    Argument(name: name, phrase: phrase, kind: .word, presence: .optional)
  }
}

/// How the server goes on after a command.
public enum Outcome: Equatable, Sendable {
  /// The reply is written; go on with the next request.
  case replied
  /// The reply is written; send it and close the connection.
  case closing
  /// The reply is a listing: step it until it has ended before the next request is executed.
  case listing(ListingID)
}
