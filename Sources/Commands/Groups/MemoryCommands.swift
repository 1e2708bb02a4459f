import Bytes
import Store
import Wire

/// MEMORY: what the keys take, and whether that is well.
enum MemoryCommands {
  static let row = Command(
    "MEMORY", .server, [], "Tell about the use of memory",
    unlikeRedis:
      "What is told of an allocator is told of the keyspace's own, whose whole regions go back by themselves.",
    subcommands: [
      Command("DOCTOR", .server, [], [], "O(1)", "Say in words how it stands", run: doctor),
      Command("MALLOC-STATS", .server, [], [], "O(1)", "Tell about the keyspace's allocator", run: allocator),
      Command("PURGE", .server, [], [], "O(1)", "Give free memory back: it goes back by itself", run: purge),
      Command("STATS", .server, [], [], "O(1)", "Show what memory is used for", run: statistics),
      MemoryUsage.row,
    ])

  static func doctor(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.asked = .facts(.memoryAdvice)
    return .asks
  }

  static func statistics(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.asked = .facts(.memoryStatistics)
    return .asks
  }

  static func allocator(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.asked = .facts(.allocatorStatistics)
    return .asks
  }

  static func purge(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.replies.ok()
    return .replied
  }
}

/// What memory goes to, in bytes: keyspace and process side by side.
struct MemoryFigures {
  let keyCount: UInt64
  let entries: UInt64
  let table: UInt64
  let held: UInt64
  let peak: UInt64
  let resident: UInt64

  init(_ executor: borrowing CommandExecutor, _ facts: ServerFacts) {
    let use = executor.keyspace.memoryUse
    keyCount = UInt64(executor.keyspace.count)
    entries = use.entryBytes
    table = use.tableBytes
    held = use.heldBytes
    peak = max(executor.gauges.usedBytesPeak, use.usedBytes)
    resident = facts.residentBytes
  }

  /// What the memory limit bounds.
  var used: UInt64 { entries + table }
  /// Held by the keyspace, and used by nothing.
  var free: UInt64 { held > used ? held - used : 0 }
  /// Resident, and not held by the keyspace: program, connections, buffers.
  var beside: UInt64 { resident > held ? resident - held : 0 }
  /// Resident, and used by no key.
  var unused: UInt64 { resident > used ? resident - used : 0 }
}

extension CommandExecutor {
  /// The reply to MEMORY STATS: Redis's names.
  mutating func replyMemoryStatistics(_ facts: ServerFacts) {
    let figures = MemoryFigures(self, facts)
    replies.map(28)
    reply("peak.allocated", figures.peak)
    reply("total.allocated", figures.used)
    for name: StaticString in ["startup.allocated", "replication.backlog", "clients.slaves", "clients.normal"] {
      reply(name, 0)
    }
    for name: StaticString in ["cluster.links", "aof.buffer", "lua.caches", "functions.caches"] { reply(name, 0) }
    replies.value("db.0")
    replies.map(2)
    reply("overhead.hashtable.main", figures.table)
    reply("overhead.hashtable.expires", 0)
    reply("overhead.total", figures.table)
    reply("keys.count", figures.keyCount)
    reply("keys.bytes-per-key", figures.keyCount == 0 ? 0 : figures.used / figures.keyCount)
    reply("dataset.bytes", figures.entries)
    reply("dataset.percentage", ratio: figures.entries &* 100, figures.used)
    reply("peak.percentage", ratio: figures.used &* 100, figures.peak)
    reply("allocator.allocated", figures.used)
    reply("allocator.active", figures.held)
    reply("allocator.resident", figures.resident)
    reply("allocator-fragmentation.ratio", ratio: figures.held, figures.used)
    reply("allocator-fragmentation.bytes", figures.free)
    reply("allocator-rss.ratio", ratio: figures.resident, figures.held)
    reply("allocator-rss.bytes", figures.beside)
    reply("rss-overhead.ratio", ratio: figures.resident, figures.resident)
    reply("rss-overhead.bytes", 0)
    reply("fragmentation", ratio: figures.resident, figures.used)
    reply("fragmentation.bytes", figures.unused)
  }

  private mutating func reply(_ name: StaticString, _ number: UInt64) {
    replies.value(name)
    replies.integer(Int64(clamping: number))
  }

  private mutating func reply(_ name: StaticString, ratio number: UInt64, _ whole: UInt64) {
    replies.value(name)
    var text = ByteBuffer()
    text.append(ratio: number, whole)
    replies.double(text.span)
  }

  /// The reply to MEMORY DOCTOR.
  mutating func replyMemoryAdvice(_ facts: ServerFacts) {
    let figures = MemoryFigures(self, facts)
    var text = ByteBuffer()
    if let limit = settings.memoryBytesMax, figures.used >= limit / 10 * 9 {
      text.append("Nine tenths of maxmemory are used: writes will soon be refused. Raise it, or delete keys.\n")
    }
    if figures.used >= 16 << 20, figures.free > figures.used {
      text.append("More memory is held free than is used: many keys were removed from between others that stay.\n")
    }
    if figures.resident > facts.machineBytes / 10 * 9, facts.machineBytes > 0 {
      text.append("Nine tenths of the machine's memory are resident in this process: set maxmemory.\n")
    }
    if text.isEmpty { text.append("Nothing about the use of memory needs attention.\n") }
    replies.verbatim(text.span)
  }

  /// The reply to MEMORY MALLOC-STATS.
  mutating func replyAllocatorStatistics(_ facts: ServerFacts) {
    let figures = MemoryFigures(self, facts)
    var text = ByteBuffer()
    func line(_ name: StaticString, _ number: UInt64) {
      text.append(name)
      text.append(": ")
      text.append(decimal: number)
      text.append("\n")
    }
    line("bytes of entries", figures.entries)
    line("bytes of the table", figures.table)
    line("bytes held", figures.held)
    line("bytes held free", figures.free)
    line("bytes resident in the process", figures.resident)
    line("buffers of connections in use", UInt64(max(0, facts.bufferCount)))
    replies.verbatim(text.span)
  }
}

extension ByteBuffer {
  /// Appends the quotient of two numbers with two decimals; 0.00 if there is none.
  mutating func append(ratio number: UInt64, _ whole: UInt64) {
    let hundredths = whole == 0 ? 0 : UInt64((Double(number) / Double(whole) * 100).rounded())
    append(decimal: hundredths / 100)
    append(UInt8(ascii: "."))
    append(UInt8(ascii: "0") + UInt8(hundredths / 10 % 10))
    append(UInt8(ascii: "0") + UInt8(hundredths % 10))
  }
}
