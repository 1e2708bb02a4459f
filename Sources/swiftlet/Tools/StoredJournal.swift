// A data directory that no server has, for the tools: its lock is taken as a server takes it, and its journal read by
// the same recovery. What a server would refuse, in whatever words, a tool finds in the same ones.

import Bytes
import Journal
import LinuxIO

/// Why a tool could not do what it was asked for, in one line.
struct ToolFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// A data directory, and the way through its journal.
struct StoredJournal: ~Copyable {
  /// A file, and how much of it is looked at.
  typealias File = (name: String, byteCount: UInt64)

  let path: String
  var directory: DataDirectory

  /// Takes a directory's lock; throws if it is not there, or if a server has it.
  init(_ path: String) throws(ToolFailure) {
    self.path = path
    do throws(StorageError) {
      directory = try DataDirectory(path, mayCreate: false)
    } catch {
      throw ToolFailure(error.description)
    }
  }

  /// All files of the directory.
  func files() throws(ToolFailure) -> [File] {
    do throws(SystemCallError) {
      return try directory.files().map { ($0.name, $0.byteCount) }
    } catch {
      throw ToolFailure("cannot read the data directory \(path): \(error)")
    }
  }

  /// What came of reading a journal.
  enum Reading {
    case whole(RecoveryResult)
    case damaged(JournalFault)
  }

  /// Reads the journal that `files` are, all of it, or up to where it is damaged. `body` takes each frame of changes in
  /// order, with the header of its file and the frame's records, and returns whether it could read them.
  func read(
    _ files: [File], _ body: (FrameFacts, SegmentHeader?, Span<UInt8>) throws(ToolFailure) -> Bool
  ) throws(ToolFailure) -> Reading {
    var recovery: Recovery
    do throws(JournalFault) { recovery = try Recovery(files: files) } catch { return .damaged(error) }
    while true {
      let step: Recovery.Step
      do throws(JournalFault) { step = try recovery.next() } catch { return .damaged(error) }
      switch step {
      case .read(let name, let offset, let count):
        do throws(SystemCallError) {
          try directory.read(name, at: offset, count: count, into: &recovery.buffer)
        } catch {
          throw ToolFailure("cannot read \(name): \(error)")
        }
      case .frame(let facts):
        let records = recovery.buffer.span.extracting(facts.payload)
        guard try body(facts, recovery.currentHeader, records) else {
          return .damaged(recovery.unreadableRecords(of: facts))
        }
      case .finished(let result): return .whole(result)
      }
    }
  }
}
