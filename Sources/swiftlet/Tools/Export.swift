import ArgumentParser
import Bytes
import Commands
import Journal
import LinuxIO
import Wire

/// Loads a journal as a server would, and writes its keys to the standard output as requests that store them.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the keys of a data directory that no server has as requests.",
    discussion: """
      To store them in another server: swiftlet export DIRECTORY | nc -N HOST PORT, or \
      swiftlet export --resp DIRECTORY | redis-cli -h HOST -p PORT --pipe. Keys that have expired are left out.
      """)

  /// Lines that are longer than a server reads unless it was told otherwise.
  private static let lineBytesMax = WireLimits().lineBytesMax
  private static let outputBytes = 256 * 1024
  private static let keysAtOnce = 1024

  @ArgumentParser.Argument(help: ArgumentHelp("The data directory.", valueName: "directory"))
  var directory: String

  @Flag(help: "Write requests of the Redis protocol instead of lines.")
  var resp = false

  func run() throws {
    var executor: CommandExecutor
    do throws(ApplyFault) {
      executor = try CommandExecutor.offline(pages: .heap, randomWord: Entropy.word)
    } catch {
      throw ToolFailure(Self.noMemory)
    }
    executor.now = Clock.wallMilliseconds()
    try load(&executor)
    let longLines = try write(executor)
    guard longLines > 0 else { return }
    let note =
      "swiftlet: \(longLines) lines are longer than \(Self.lineBytesMax) bytes: the server that is to read them has to "
      + "be started with a larger --max-line-bytes, or given the keys with --resp\n"
    StandardError.write(Array(note.utf8))
  }

  private static let noMemory = "the machine has no memory for the data that is to be loaded"

  private func load(_ executor: inout CommandExecutor) throws(ToolFailure) {
    let journal = try StoredJournal(directory)
    let reading = try journal.read(try journal.files()) { facts, _, records throws(ToolFailure) in
      do throws(ApplyFault) {
        return try executor.apply(records, time: facts.header.time) == Int(facts.header.recordCount)
      } catch {
        if case .store = error { throw ToolFailure(Self.noMemory) }
        return false
      }
    }
    switch reading {
    case .damaged(let fault): throw ToolFailure(fault.sentence(directory: directory))
    // What somebody has been told is gone stays so, should the wall clock have been set back since.
    case .whole(let result): executor.now = max(executor.now, result.lastTime ?? executor.now)
    }
  }

  /// Writes all keys; returns how many lines are longer than most servers read.
  private func write(_ executor: borrowing CommandExecutor) throws(ToolFailure) -> Int {
    var text = ByteBuffer()
    var longLines = 0
    var cursor: UInt64 = 0
    repeat {
      text.removeAll(keepingCapacity: Self.outputBytes * 2)
      cursor = executor.appendRequests(
        from: cursor, keys: Self.keysAtOnce, bytes: Self.outputBytes, resp ? .resp2 : .line, to: &text
      ) { length in
        if !resp, length > Self.lineBytesMax { longLines += 1 }
      }
      do throws(SystemCallError) {
        try StandardOutput.write(text.span)
      } catch {
        throw ToolFailure("cannot write the keys: \(error)")
      }
    } while cursor != 0
    return longLines
  }
}
