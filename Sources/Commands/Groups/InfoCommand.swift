import Bytes
import Store
import Wire

/// INFO: how the server is, in Redis's sections and names. None of it looks at keys.
enum InfoCommand {
  static let row = Command(
    "INFO", .server, [.options("[section ...]")], .timed, "O(1)", "Tell how the server is",
    unlikeRedis: "Commands are counted and not timed; fields that mean nothing here are left out.", run: info)

  static func info(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.asked = .facts(.info((1..<request.count).map { request[$0].lowercased }))
    return .asks
  }
}

/// A section of INFO, in Redis's order.
enum InfoSection: String, CaseIterable {
  case server, clients, memory, persistence, stats, replication, cpu, modules, commandstats, errorstats, latencystats,
    cluster, keyspace

  /// Those that stand in it unless others are asked for.
  private static let usual: Set<InfoSection> = Set(allCases).subtracting([.commandstats, .latencystats])

  /// Those that names in small letters ask for.
  static func named(_ names: [[UInt8]]) -> [InfoSection] {
    var wanted: Set<InfoSection> = names.isEmpty ? usual : []
    for name in names {
      switch String(decoding: name, as: UTF8.self) {
      case "default": wanted.formUnion(usual)
      case "all": wanted.formUnion(Set(allCases).subtracting([.modules]))
      case "everything": wanted.formUnion(allCases)
      case let name: if let section = InfoSection(rawValue: name) { wanted.insert(section) }
      }
    }
    return allCases.filter(wanted.contains)
  }
}

extension CommandExecutor {
  /// Writes the reply to a command that asked for facts.
  public mutating func answer(_ request: FactsRequest, _ facts: ServerFacts) {
    switch request {
    case .info(let names):
      let text = info(InfoSection.named(names), facts)
      replies.verbatim(text.text.span)
    case .memoryStatistics: replyMemoryStatistics(facts)
    case .memoryAdvice: replyMemoryAdvice(facts)
    case .allocatorStatistics: replyAllocatorStatistics(facts)
    case .configuration(let patterns): replyConfiguration(patterns, facts)
    case .lastSave: replies.integer(lastSave(facts))
    }
  }

  private func info(_ sections: [InfoSection], _ facts: ServerFacts) -> InfoText {
    var text = InfoText()
    for section in sections {
      text.begin(section)
      switch section {
      case .server: appendServer(facts, &text)
      case .clients: appendClients(facts, &text)
      case .memory: appendMemory(facts, &text)
      case .persistence: appendPersistence(facts, &text)
      case .stats: appendStatistics(&text)
      case .replication: appendReplication(&text)
      case .cpu: appendProcessor(facts, &text)
      case .modules, .latencystats: break
      case .commandstats: appendCalls(&text)
      case .errorstats: appendErrors(&text)
      case .cluster: text.field("cluster_enabled", 0)
      case .keyspace: appendKeyspace(&text)
      }
    }
    return text
  }

  private func appendServer(_ facts: ServerFacts, _ text: inout InfoText) {
    text.field("redis_version", Identity.redisVersion)
    text.field("swiftlet_version", Identity.version)
    text.field("redis_mode", "standalone")
    text.field("os", facts.operatingSystem)
    text.field("arch_bits", Int.bitWidth)
    text.field("multiplexing_api", "epoll")
    text.field("process_id", facts.processID)
    text.field("process_supervised", "no")
    text.field("run_id", gauges.runID)
    text.field("tcp_port", facts.tcpPort)
    text.field("server_time_usec", now &* 1_000)
    text.field("uptime_in_seconds", facts.uptimeMilliseconds / 1_000)
    text.field("uptime_in_days", facts.uptimeMilliseconds / 86_400_000)
    text.field("executable", "")
    text.field("config_file", "")
    text.field("io_threads_active", 0)
  }

  private func appendClients(_ facts: ServerFacts, _ text: inout InfoText) {
    text.field("connected_clients", clients.openCount)
    text.field("cluster_connections", 0)
    text.field("maxclients", facts.connectionsMax)
    text.field("blocked_clients", facts.waitingCount)
    text.field("tracking_clients", 0)
    text.field("clients_in_timeout_table", 0)
  }

  private func appendMemory(_ facts: ServerFacts, _ text: inout InfoText) {
    let figures = MemoryFigures(self, facts)
    text.bytes("used_memory", figures.used)
    text.bytes("used_memory_rss", figures.resident)
    text.bytes("used_memory_peak", figures.peak)
    text.percentage("used_memory_peak_perc", figures.used, figures.peak)
    text.field("used_memory_overhead", figures.table)
    text.field("used_memory_startup", 0)
    text.field("used_memory_dataset", figures.entries)
    text.percentage("used_memory_dataset_perc", figures.entries, figures.used)
    text.field("allocator_allocated", figures.used)
    text.field("allocator_active", figures.held)
    text.field("allocator_resident", figures.resident)
    text.bytes("total_system_memory", facts.machineBytes)
    text.field("used_memory_lua", 0)
    text.field("used_memory_scripts", 0)
    text.field("number_of_cached_scripts", 0)
    text.field("number_of_functions", 0)
    text.bytes("maxmemory", settings.memoryBytesMax ?? 0)
    text.field("maxmemory_policy", "noeviction")
    text.ratio("allocator_frag_ratio", figures.held, figures.used)
    text.field("allocator_frag_bytes", figures.free)
    text.ratio("mem_fragmentation_ratio", figures.resident, figures.used)
    text.field("mem_fragmentation_bytes", figures.unused)
    text.field("mem_allocator", "swiftlet")
    text.field("active_defrag_running", 0)
    text.field("lazyfree_pending_objects", 0)
  }

  private func appendStatistics(_ text: inout InfoText) {
    let rates = gauges.rates(statistics, now: now)
    text.field("total_connections_received", clients.acceptedCount - statistics.acceptedBefore)
    text.field("total_commands_processed", statistics.commands)
    text.field("instantaneous_ops_per_sec", rates.commands)
    text.field("total_net_input_bytes", statistics.receivedBytes)
    text.field("total_net_output_bytes", statistics.sentBytes)
    text.ratio("instantaneous_input_kbps", rates.receivedBytes, 1_024)
    text.ratio("instantaneous_output_kbps", rates.sentBytes, 1_024)
    text.field("rejected_connections", statistics.refusedConnections)
    text.field("expired_keys", statistics.expiredKeys)
    text.field("evicted_keys", 0)
    text.field("evicted_clients", 0)
    text.field("keyspace_hits", statistics.hits)
    text.field("keyspace_misses", statistics.misses)
    text.field("pubsub_channels", subscriptions.channels.count)
    text.field("pubsub_patterns", subscriptions.patterns.count)
    text.field("pubsubshard_channels", 0)
    text.field("latest_fork_usec", 0)
    text.field("total_forks", 0)
    text.field("total_error_replies", replies.errors.total)
  }

  private func appendReplication(_ text: inout InfoText) {
    text.field("role", "master")
    text.field("connected_slaves", 0)
    text.field("master_failover_state", "no-failover")
    text.field("master_replid", gauges.runID)
    text.field("master_replid2", [UInt8](repeating: UInt8(ascii: "0"), count: 40))
    text.field("master_repl_offset", 0)
    text.field("second_repl_offset", -1)
    text.field("repl_backlog_active", 0)
    text.field("repl_backlog_size", 0)
    text.field("repl_backlog_first_byte_offset", 0)
    text.field("repl_backlog_histlen", 0)
  }

  private func appendProcessor(_ facts: ServerFacts, _ text: inout InfoText) {
    text.seconds("used_cpu_sys", microseconds: facts.kernelMicroseconds)
    text.seconds("used_cpu_user", microseconds: facts.userMicroseconds)
    text.seconds("used_cpu_sys_children", microseconds: 0)
    text.seconds("used_cpu_user_children", microseconds: 0)
  }

  private func appendCalls(_ text: inout InfoText) {
    for (row, command) in CommandTable.rows.enumerated() where statistics.calls(of: row) > 0 {
      text.line { line in
        line.append("cmdstat_")
        line.append(lowercased: command.name)
        line.append(":calls=")
        line.append(decimal: statistics.calls(of: row))
      }
    }
  }

  private func appendErrors(_ text: inout InfoText) {
    for error in replies.errors.byCode {
      text.line { line in
        line.append("errorstat_")
        line.append(error.code)
        line.append(":count=")
        line.append(decimal: error.count)
      }
    }
  }

  private func appendKeyspace(_ text: inout InfoText) {
    guard keyspace.count > 0 else { return }
    text.line { line in
      line.append("db0:keys=")
      line.append(decimal: Int64(keyspace.count))
      line.append(",expires=")
      line.append(decimal: Int64(keyspace.volatileCount))
      line.append(",avg_ttl=")
      line.append(decimal: keyspace.meanTimeToLive(now: now))
    }
  }
}
