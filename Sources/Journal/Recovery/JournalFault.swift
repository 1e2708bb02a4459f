// Why a server refuses to start: what it had once written down is not there any more, and going on without it would
// hide that. The refusal says where the damage begins and what it affects, which is all that a repair has to know:
// everything in front of that place is whole.

/// Damage to a journal: where it begins and what it is.
public struct JournalFault: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Reason: Equatable, Sendable {
    /// The file is not there, but later ones are.
    case missing
    /// The file does not begin with the header that belongs there.
    case header(HeaderFault)
    /// What stands there is not the frame that belongs there; `isClaimed` says whether a later frame says that it was
    /// on disk.
    case frame(FrameFault, isClaimed: Bool)
    /// A base that ends before its last frame.
    case unfinished
    /// A base that goes on behind its last frame.
    case afterEnd
    /// The frame is whole, but its payload is no list of as many records as it says.
    case records
  }

  /// The file's name.
  public let file: String
  /// The first byte in it that cannot be used: where a frame begins, or 0.
  public let offset: UInt64
  /// The first frame that is damaged, and the last one that the rest of the file is known to have held; nil where that
  /// cannot be said.
  public let sequences: ClosedRange<UInt64>?
  /// What is wrong.
  public let reason: Reason
  /// The segments behind the file: frames in them cannot be used either.
  public let later: [String]
  /// Whether there is something in front of the damage that can be kept. Then the file can be cut at `offset`, or
  /// removed if that is 0, and those in `later` removed; what stays is whole.
  ///
  /// Of a `missing` file's predecessors it is not known yet whether they are whole: a recovery of the files without
  /// those in `later` says so.
  public let isRepairable: Bool

  /// What has to be told to the person who starts the server, in one line, with the way to the directory.
  public func sentence(directory: String) -> String {
    var sentence = "\(file)"
    if reason != .missing { sentence += ", byte \(offset)" }
    sentence += ": \(reason)"
    if let sequences {
      sentence +=
        sequences.count == 1
        ? "; frame \(sequences.lowerBound) and what follows it"
        : "; frames \(sequences.lowerBound) to \(sequences.upperBound)"
      sentence += " cannot be used"
    }
    sentence += "; run `swiftlet check \(directory)` to see what is whole, "
    sentence +=
      isRepairable
      ? "`swiftlet repair \(directory)` to go on with it and keep the rest aside"
      : "and restore the directory from a copy: there is nothing before that could be kept"
    return sentence
  }

  /// The sentence, with DIR for the directory.
  public var description: String { sentence(directory: "DIR") }
}

extension JournalFault {
  /// A file that is not there.
  init(missing file: String, later: [String], isRepairable: Bool) {
    self.init(
      file: file, offset: 0, sequences: nil, reason: .missing, later: later, isRepairable: isRepairable)
  }
}

extension JournalFault.Reason: CustomStringConvertible {
  /// A clause for people.
  public var description: String {
    switch self {
    case .missing: "the segment is missing, but later ones are there"
    case .header(let fault): "\(fault)"
    case .frame(let fault, true): "\(fault), though later frames say that it was safe on disk"
    case .frame(let fault, false): "\(fault)"
    case .unfinished: "the base ends too early"
    case .afterEnd: "the base goes on behind its end"
    case .records: "the frame's records cannot be read"
    }
  }
}

extension HeaderFault: CustomStringConvertible {
  /// A clause for people.
  public var description: String {
    switch self {
    case .cut: "the file is shorter than its header"
    case .magic: "the file does not begin as a journal does"
    case .checksum: "the file's header does not match its checksum"
    case .version(let version): "the file is of version \(version) of the format, and this server reads version 1"
    case .kind: "the file's header says that it is something else than its name says"
    case .number(let number): "the file's header says that its number is \(number)"
    case .sequence(let sequence): "the file's header says that its first frame is \(sequence), which is not its turn"
    case .previous: "the file does not follow the one before it"
    case .identity: "the file is of another data directory"
    }
  }
}

extension FrameFault: CustomStringConvertible {
  /// A clause for people.
  public var description: String {
    switch self {
    case .cut: "the file ends within a frame's header"
    case .magic: "no frame begins here"
    case .checksum: "the frame's header does not match its checksum"
    case .kind: "the frame is of a kind that does not belong here"
    case .salt: "the frame is of another file"
    case .sequence(let sequence): "frame \(sequence) stands here, and it is not its turn"
    case .previous: "the frame does not follow the one before it"
    case .length(let count): "the frame says that its payload has \(count) bytes, and the file has not"
    case .payload: "the frame's payload does not match its checksum"
    case .padding: "the frame is not followed by zeros"
    }
  }
}
