// One row of the command table. Everything that is told about a command follows from its row: how many arguments it
// takes, the line that says so when there are too few, its line in HELP, which words are keys, what COMMAND says of it.

import Bytes
import Wire

/// A command: what it is called, what it takes, what it touches, what it costs, what it does, and the function that
/// does it.
public struct Command: Sendable {
  /// Its name in capitals; at most 16 bytes.
  public let name: StaticString
  /// The family that it is shown with.
  public let group: Group
  /// What it takes, in order.
  public let arguments: [Argument]
  /// What it touches, and where it may be used.
  public let traits: Traits
  /// How its time grows.
  public let complexity: StaticString
  /// What it is for, in a few words.
  public let summary: StaticString
  /// How it differs from Redis's command of that name; empty if it does not.
  public let difference: StaticString
  /// For a command whose first argument names one of several: those.
  public let subcommands: [Command]
  /// The function: reads the request, changes the keyspace, writes one reply.
  let run: Handler

  typealias Handler = @Sendable (borrowing Request, inout CommandExecutor) -> Outcome

  init(
    _ name: StaticString, _ group: Group, _ arguments: [Argument] = [], _ traits: Traits = [],
    _ complexity: StaticString, _ summary: StaticString, unlikeRedis difference: StaticString = "",
    run: @escaping Handler
  ) {
    self.name = name
    self.group = group
    self.arguments = arguments
    self.traits = traits
    self.complexity = complexity
    self.summary = summary
    self.difference = difference
    subcommands = []
    self.run = run
  }

  /// A command of several; each of `subcommands` counts its arguments after its own name.
  ///
  /// What it does without a subcommand is `alone`; nil: it takes one.
  init(
    _ name: StaticString, _ group: Group, _ traits: Traits = [], _ summary: StaticString,
    unlikeRedis difference: StaticString = "", alone: Handler? = nil, subcommands: [Command]
  ) {
    self.name = name
    self.group = group
    arguments =
      alone == nil
      ? [.word("subcommand", "a subcommand"), .options("[argument ...]")] : [.options("[subcommand [argument ...]]")]
    self.traits = traits
    complexity = "Depends on subcommand."
    self.summary = summary
    self.difference = difference
    self.subcommands = subcommands
    run = { request, executor in
      if request.count == 1, let alone { return alone(request, &executor) }
      return executor.runSubcommand(of: subcommands, container: name, request)
    }
  }

  /// The families of commands, in Redis's words.
  public enum Group: String, Sendable, CaseIterable {
    case string, bitmap, generic, transactions, connection, pubsub, server, scripting
  }

  /// What a command touches, and where it may be used.
  public struct Traits: OptionSet, Sendable, BitwiseCopyable {
    /// The bits.
    public let rawValue: UInt32
    /// Creates traits from their bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Looks at keys.
    static let reads = Traits(rawValue: 1 << 0)
    /// Changes keys.
    static let writes = Traits(rawValue: 1 << 1)
    /// May need more memory.
    static let grows = Traits(rawValue: 1 << 2)
    /// Its time does not depend on how much there is.
    static let fast = Traits(rawValue: 1 << 3)
    /// Touches the whole keyspace.
    static let allKeys = Traits(rawValue: 1 << 4)
    /// For whoever runs the server.
    static let admin = Traits(rawValue: 1 << 5)
    /// Belongs to publish and subscribe.
    static let pubsub = Traits(rawValue: 1 << 6)
    /// May be used before authentication.
    static let noAuth = Traits(rawValue: 1 << 7)
    /// Is executed at once within a transaction, and not queued.
    static let unqueued = Traits(rawValue: 1 << 8)
    /// May not be used within a transaction.
    static let noTransaction = Traits(rawValue: 1 << 9)
    /// May be used by a RESP2 subscriber.
    static let forSubscribers = Traits(rawValue: 1 << 10)
    /// May take long enough to be timed for the slow log.
    static let timed = Traits(rawValue: 1 << 11)
    /// Changes nothing, but is held up by CLIENT PAUSE WRITE all the same.
    static let paused = Traits(rawValue: 1 << 12)
    /// May look at keys that its words do not name at fixed places; drawn from its row.
    static let seesAnyKey = Traits(rawValue: 1 << 13)
    /// Is refused while the keyspace is being loaded: it is about keys, or asks whether the server is ready; drawn from
    /// its row.
    static let needsKeyspace = Traits(rawValue: 1 << 14)
    /// Every shape has it: so a set of traits can stand for all commands.
    static let any = Traits(rawValue: 1 << 15)
    /// May store more than its words say: what keys hold, or what a word or a number is unfolded to.
    static let copies = Traits(rawValue: 1 << 16)
  }
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
    /// Any number of words; only at the end.
    case free
  }

  /// What it is.
  public enum Kind: Sendable {
    /// A key.
    case key
    /// A key and a value behind it.
    case pair
    /// A value to be stored.
    case value
    /// Any other word.
    case word
  }

  /// Its name in a usage line: `key`.
  public let name: StaticString
  /// Its name in a sentence: `a key`.
  public let phrase: StaticString
  /// What it is.
  public let kind: Kind
  /// How often it stands.
  public let presence: Presence

  /// Whether it is a key, or begins with one.
  var isKey: Bool { kind == .key || kind == .pair }

  static let key = Argument(name: "key", phrase: "a key", kind: .key, presence: .required)
  static let keys = Argument(name: "key", phrase: "one or more keys", kind: .key, presence: .repeated)
  static let value = Argument(name: "value", phrase: "a value", kind: .value, presence: .required)
  static let pairs = Argument(
    name: "key value", phrase: "one or more keys, each with a value", kind: .pair, presence: .repeated)

  static func key(_ name: StaticString, _ phrase: StaticString) -> Argument {
    Argument(name: name, phrase: phrase, kind: .key, presence: .required)
  }

  static func keys(_ name: StaticString, _ phrase: StaticString) -> Argument {
    Argument(name: name, phrase: phrase, kind: .key, presence: .repeated)
  }

  static func word(_ name: StaticString, _ phrase: StaticString) -> Argument {
    Argument(name: name, phrase: phrase, kind: .word, presence: .required)
  }

  static func words(_ name: StaticString, _ phrase: StaticString) -> Argument {
    Argument(name: name, phrase: phrase, kind: .word, presence: .repeated)
  }

  static func optional(_ name: StaticString, _ phrase: StaticString) -> Argument {
    Argument(name: name, phrase: phrase, kind: .word, presence: .optional)
  }

  /// Options, written as their usage shows them: `[EX seconds | PX milliseconds]`.
  static func options(_ usage: StaticString) -> Argument {
    Argument(name: usage, phrase: "options", kind: .word, presence: .free)
  }
}

/// What a request may have to wait for.
public enum Wait: Equatable, Sendable {
  /// The end of CLIENT PAUSE, or of what holds up writes.
  case pause
  /// The end of another listing, of which there are as many as there can be.
  case listing
}

/// How the server goes on after a command.
public enum Outcome: Equatable, Sendable {
  /// The reply is written; go on with the next request.
  case replied
  /// The reply is written; send it and close the connection.
  case closing
  /// The reply takes many turns: step it until it has ended before the next request is executed.
  case longReply(LongReplyID)
  /// EXEC: the array's header is written; execute what `nextQueued` gives, then go on.
  case transaction
  /// The reply is the server's to write: see `CommandExecutor.asked`.
  case asks
  /// Nothing was done. Execute the request again when what it waits for is over.
  case waits(Wait)
}
