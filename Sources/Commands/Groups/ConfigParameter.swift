import Bytes

/// A parameter of CONFIG: how it is read, and how it is set if it can be.
struct ConfigParameter: Sendable {
  let name: StaticString
  let read: @Sendable (Settings, ServerFacts) -> [UInt8]
  private let access: Access

  private enum Access: Sendable {
    /// Can be set.
    case open(@Sendable ([UInt8], inout Settings) -> ConfigFault?)
    /// Can be set to what it is.
    case constant([UInt8])
    /// Cannot be set.
    case closed
  }

  private init(
    _ name: StaticString, read: @escaping @Sendable (Settings) -> [UInt8],
    set: @escaping @Sendable ([UInt8], inout Settings) -> ConfigFault?
  ) {
    self.name = name
    self.read = { settings, _ in read(settings) }
    access = .open(set)
  }

  private init(_ name: StaticString, constant: String) {
    let text = Array(constant.utf8)
    self.name = name
    read = { _, _ in text }
    access = .constant(text)
  }

  /// One that can be set to what it is.
  private init(_ name: StaticString, own read: @escaping @Sendable (Settings) -> [UInt8]) {
    self.init(name, read: read) { value, settings in value == read(settings) ? nil : .immutable }
  }

  private init(_ name: StaticString, closed read: @escaping @Sendable (ServerFacts) -> [UInt8]) {
    self.name = name
    self.read = { read($1) }
    access = .closed
  }

  /// Sets the parameter in `settings`; returns why it cannot.
  func set(_ value: [UInt8], _ settings: inout Settings) -> ConfigFault? {
    switch access {
    case .open(let set): set(value, &settings)
    case .constant(let text): value == text ? nil : .immutable
    case .closed: .immutable
    }
  }

  /// The parameter of this name in whatever case, or nil.
  static func named(_ name: Span<UInt8>) -> ConfigParameter? {
    let small = name.lowercased
    return all.first { $0.name.hasSameBytes(as: small.span) }
  }

  // MARK: - The parameters

  /// All of them, in the order in which CONFIG GET * shows them.
  static let all: [ConfigParameter] = [
    ConfigParameter("maxmemory") {
      text($0.memoryBytesMax ?? 0)
    } set: { value, settings in
      guard let bytes = value.span.memoryBytes else { return .notMemory }
      settings.memoryBytesMax = bytes == 0 ? nil : bytes
      return nil
    },
    ConfigParameter("maxmemory-policy") { _ in
      Array("noeviction".utf8)
    } set: { value, _ in
      value.span.isWord("NOEVICTION") ? nil : .notOneOf("noeviction")
    },
    integer("timeout", 0...Int64(Int32.max), { Int64($0.idleTimeoutSeconds) }) { $1.idleTimeoutSeconds = UInt32($0) },
    ConfigParameter("requirepass") {
      $0.password
    } set: { value, settings in
      settings.password = value
      return nil
    },
    integer("slowlog-log-slower-than", -1...Int64.max, { $0.slowLogMicroseconds }) { $1.slowLogMicroseconds = $0 },
    integer("slowlog-max-len", 0...CommandLimits.slowLogLengthMax, { Int64($0.slowLogLength) }) {
      $1.slowLogLength = Int($0)
    },
    integer("latency-monitor-threshold", 0...Int64.max, { $0.latencyThresholdMilliseconds }) {
      $1.latencyThresholdMilliseconds = $0
    },
    ConfigParameter("proto-max-bulk-len") {
      text($0.valueBytesMax)
    } set: { value, settings in
      guard let bytes = value.span.memoryBytes else { return .notMemory }
      guard valueBytes.contains(Int64(clamping: bytes)) else { return .outside(valueBytes) }
      settings.valueBytesMax = Int(bytes)
      return nil
    },
    ConfigParameter("client-output-buffer-limit") {
      OutputLimits.text($0)
    } set: {
      OutputLimits.set($0, &$1)
    },
    ConfigParameter("maxclients", closed: { text($0.connectionsMax) }),
    ConfigParameter("port", closed: { text($0.tcpPort) }),
    ConfigParameter("bind", closed: \.hosts),
    ConfigParameter("loglevel", closed: \.logLevel),
    ConfigParameter("databases", constant: "1"),
    ConfigParameter("appendfsync") {
      Array($0.sync.rawValue.utf8)
    } set: { value, settings in
      guard let mode = SyncMode(rawValue: String(decoding: value, as: UTF8.self).lowercased()) else {
        return .notOneOf("everysec, always, no")
      }
      settings.sync = mode
      return nil
    },
    ConfigParameter("save", constant: ""),
    ConfigParameter("appendonly", own: { $0.directory.isEmpty ? Array("no".utf8) : Array("yes".utf8) }),
    ConfigParameter("auto-aof-rewrite-percentage", closed: { text($0.journal?.compactionPercentage ?? 0) }),
    ConfigParameter("auto-aof-rewrite-min-size", closed: { text($0.journal?.compactionBytesMin ?? 0) }),
    ConfigParameter("dir", own: { $0.directory }),
    ConfigParameter("dbfilename", constant: ""),
    ConfigParameter("hz", constant: "10"),
    ConfigParameter("io-threads", constant: "1"),
    ConfigParameter("cluster-enabled", constant: "no"),
    ConfigParameter("notify-keyspace-events", constant: ""),
    ConfigParameter("lazyfree-lazy-user-flush", constant: "yes"),
  ]

  /// What a value may be limited to: from what Redis takes at least to what it usually takes at most.
  private static let valueBytes: ClosedRange<Int64> = 1_048_576...536_870_912

  private static func integer(
    _ name: StaticString, _ range: ClosedRange<Int64>, _ read: @escaping @Sendable (Settings) -> Int64,
    _ set: @escaping @Sendable (Int64, inout Settings) -> Void
  ) -> ConfigParameter {
    ConfigParameter(name) {
      text(read($0))
    } set: { value, settings in
      guard let number = value.span.integer else { return .notInteger }
      guard range.contains(number) else { return .outside(range) }
      set(number, &settings)
      return nil
    }
  }

  private static func text(_ number: some BinaryInteger) -> [UInt8] { Array("\(number)".utf8) }
}

/// Why a parameter cannot be set, in Redis's words.
enum ConfigFault {
  case immutable, notInteger, notMemory
  case outside(ClosedRange<Int64>)
  case notOneOf(StaticString)
  case other(StaticString)

  func appendSentence(to message: inout ByteBuffer) {
    switch self {
    case .immutable: message.append("can't set immutable config")
    case .notInteger: message.append("argument couldn't be parsed into an integer")
    case .notMemory: message.append("argument must be a memory value")
    case .outside(let range):
      message.append("argument must be between ")
      message.append(decimal: range.lowerBound)
      message.append(" and ")
      message.append(decimal: range.upperBound)
      message.append(" inclusive")
    case .notOneOf(let values):
      message.append("argument(s) must be one of the following: ")
      message.append(values)
    case .other(let sentence): message.append(sentence)
    }
  }
}

/// `client-output-buffer-limit`: of Redis's limits for each kind of client, the hard one of subscribers means something
/// here.
private enum OutputLimits {
  static func text(_ settings: Settings) -> [UInt8] {
    let hard = settings.subscriberOutputBytesMax == .max ? 0 : settings.subscriberOutputBytesMax
    return Array("normal 0 0 0 slave 0 0 0 pubsub \(hard) 0 0".utf8)
  }

  static func set(_ value: [UInt8], _ settings: inout Settings) -> ConfigFault? {
    let words = value.split(separator: UInt8(ascii: " ")).map(Array.init)
    guard !words.isEmpty, words.count.isMultiple(of: 4) else {
      return .other("Wrong number of arguments in buffer limit configuration.")
    }
    for index in stride(from: 0, to: words.count, by: 4) {
      let kind = words[index]
      let isPubSub = kind.span.isWord("PUBSUB")
      guard isPubSub || kind.span.isWord("NORMAL") || kind.span.isWord("SLAVE") || kind.span.isWord("REPLICA") else {
        return .other("Invalid client class specified in buffer limit configuration.")
      }
      let (hardWord, softWord, secondsWord) = (words[index + 1], words[index + 2], words[index + 3])
      guard let hard = hardWord.span.memoryBytes, let soft = softWord.span.memoryBytes,
        let seconds = secondsWord.span.integer, seconds >= 0
      else { return .other("Error in hard, soft or soft_seconds setting in buffer limit configuration.") }
      guard soft == 0, isPubSub || hard == 0 else {
        return .other("only pubsub has a limit here, a hard one: pubsub <bytes> 0 0")
      }
      if isPubSub { settings.subscriberOutputBytesMax = hard == 0 ? .max : Int(clamping: hard) }
    }
    return nil
  }
}

extension Span<UInt8> {
  /// A number of bytes as Redis writes them: `1024`, `1k` (1,000), `1kb` (1,024), `5mb`, `2gb`; nil if it is none.
  var memoryBytes: UInt64? {
    let text = copied
    let digits = text.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    guard !digits.isEmpty, let number = UInt64(String(decoding: digits, as: UTF8.self)) else { return nil }
    let units: [String: UInt64] = [
      "": 1, "b": 1, "k": 1_000, "kb": 1 << 10, "m": 1_000_000, "mb": 1 << 20, "g": 1_000_000_000, "gb": 1 << 30,
    ]
    let unit = String(decoding: text[digits.count...], as: UTF8.self).lowercased()
    guard let factor = units[unit] else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : product
  }
}

extension StaticString {
  /// Whether the literal's bytes are these.
  func hasSameBytes(as bytes: Span<UInt8>) -> Bool {
    guard utf8CodeUnitCount == bytes.count else { return false }
    return (0..<bytes.count).allSatisfy { byte($0) == bytes[$0] }
  }

  /// Whether two literals are the same.
  func hasSameBytes(as other: StaticString) -> Bool {
    guard utf8CodeUnitCount == other.utf8CodeUnitCount else { return false }
    return (0..<utf8CodeUnitCount).allSatisfy { byte($0) == other.byte($0) }
  }
}
