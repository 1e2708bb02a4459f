// The command line: which seeds, for how long, with which faults.

import ArgumentParser
import Glibc
import LinuxIO

/// Runs the server on simulated machines, and checks everything that it says.
@main
struct Simulator: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulator", abstract: "Run the server on simulated machines, and check every reply.")

  @Option(help: "The seed of the only run.")
  var seed: UInt64?

  @Option(help: ArgumentHelp("The seeds of several runs.", valueName: "first..last"))
  var seeds: SeedRange?

  @Option(help: "Turns of the server's loop before it is stopped.")
  var ticks = 5_000

  @Option(
    help: ArgumentHelp(
      "all, none or names with commas: \(Faults.all). Without it each seed chooses.", valueName: "faults"))
  var faults: Faults?

  @Option(help: "Turns from one look at all keys to the next.")
  var auditEvery = 512

  @Flag(help: "Stop at the first failure without a word about what led to it.")
  var quick = false

  @Flag(help: "Few clients and keys.")
  var small = false

  @Flag(help: "Show the server's log.")
  var log = false

  func run() throws {
    let range = seeds?.range ?? (seed ?? 1)...(seed ?? 1)
    var requests = 0
    var simulated: UInt64 = 0
    let start = ProcessFacts.current().userMicroseconds
    for seed in range {
      var plan = Plan(seed: seed, turns: ticks, allowed: faults)
      if small { plan = plan.small }
      plan.turnsPerAudit = auditEvery
      plan.showsLog = log
      // In front, and at once: a server that traps has no more to say.
      report(seeds == nil ? "\(plan)" : "seed \(seed)", terminator: seeds == nil ? "\n" : ": ")
      let result = Run.carryOut(plan)
      requests += result.counts.requests
      simulated += result.simulatedNanoseconds
      report("\(result)")
      if result.failure != nil {
        if !quick { explain(result) }
        throw ExitCode.failure
      }
    }
    let seconds = Double(ProcessFacts.current().userMicroseconds - start) / 1e6
    report(
      """
      \(range.count) runs, \(requests) requests, \(simulated / 1_000_000_000) simulated seconds in \
      \(Int(seconds)) s of processor time: \(Int(Double(requests) / max(seconds, 0.001))) requests a second
      """)
  }

  private func explain(_ result: RunResult) {
    report("\(result.plan)")
    for event in result.lastEvents { report("  \(event)") }
    report("needed faults: \(Shrinking.neededFaults(of: result))")
    report("again: simulator --seed \(result.plan.seed) --ticks \(ticks)\(faults.map { " --faults \($0)" } ?? "")")
  }

  private func report(_ line: String, terminator: String = "\n") {
    print(line, terminator: terminator)
    fflush(nil)
  }
}

/// Seeds from one to another.
struct SeedRange: ExpressibleByArgument {
  let range: ClosedRange<UInt64>

  init?(argument: String) {
    let parts = argument.split(separator: ".", omittingEmptySubsequences: true)
    guard parts.count == 2, let first = UInt64(parts[0]), let last = UInt64(parts[1]), first <= last else { return nil }
    range = first...last
  }
}

extension Faults: ExpressibleByArgument {
  init?(argument: String) { self.init(argument) }
}

extension RunResult: CustomStringConvertible {
  var description: String {
    let numbers = """
      \(counts.requests) requests, \(counts.transactions) transactions, \(counts.listings) listings, \
      \(counts.connections) connections, \(counts.faults) faults, \(counts.crashes) crashes, \
      \(counts.rots) rotten bits, \(simulatedNanoseconds / 1_000_000) ms in \
      \(turn) turns, trace \(String(hash, radix: 16))
      """
    guard let failure else { return numbers }
    return "\(numbers)\nFAILED at turn \(turn): \(failure)"
  }
}

/// Which of a failed run's faults it needs.
enum Shrinking {
  /// Leaves out one kind of fault after the other for as long as the run fails without it.
  static func neededFaults(of result: RunResult) -> Faults {
    var faults = result.plan.faults
    for fault in faults.each {
      let fewer = faults.subtracting(fault)
      var plan = result.plan
      plan.faults = fewer
      if Run.carryOut(plan).failure != nil { faults = fewer }
    }
    return faults
  }
}
