// The keyspace without a server: loaded from a journal by the same `apply`, and written down as requests.

public import Bytes
import Store
public import Wire

extension CommandExecutor {
  /// Creates an executor that serves nobody: for a journal's keys to be applied to.
  ///
  /// `randomWord` gives numbers for the secret of the hash function. Throws if there is no memory.
  public static func offline(pages: PageSource, randomWord: () -> UInt64) throws(ApplyFault) -> CommandExecutor {
    let seed = HashSeed(randomWord(), randomWord(), randomWord(), randomWord())
    let keyspace: Keyspace
    do throws(StoreError) {
      keyspace = try Keyspace(seed: seed, pages: pages)
    } catch {
      throw .store(error)
    }
    return CommandExecutor(keyspace: keyspace, settings: Settings(), clientsMax: 1, randomSeed: randomWord())
  }

  /// Appends requests that store some keys, from a cursor of SCAN's on, to `text`; returns the next cursor, 0 at the
  /// end. Keys that have expired are left out.
  ///
  /// `report` is told the length of each request.
  public func appendRequests(
    from cursor: UInt64, keys: Int, bytes: Int, _ dialect: Dialect, to text: inout ByteBuffer, _ report: (Int) -> Void
  ) -> UInt64 {
    keyspace.scanEntries(cursor: cursor, count: keys, bytes: bytes, now: now) { key, value, expiry in
      let start = text.count
      var moment: Int64?
      if case .at(let time) = expiry { moment = time }
      RequestText.append(key: key, value: value, expiry: moment, dialect, to: &text)
      report(text.count - start)
    }
  }
}
