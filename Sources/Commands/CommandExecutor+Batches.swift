// Requests in batches: `prepare` looks up the verbs of all, hashes their keys, and asks the processor for the buckets
// and then for the entries that they will touch; `executeRun` then executes them in order. So the cache misses of a
// batch happen at once, and what a call between modules costs is paid once for all. A run ends early where whoever
// drives the executor has something to do.
//
// Checks that need no look at the keyspace are made while a request is prepared. One that does not pass them is
// executed carefully, which makes them again and says what is wrong; so is every request of a client in an uncommon
// state, and what stands in the same batch behind a change of the settings that the checks were made by.

public import Bytes
public import Wire

/// Why a run of requests has ended.
public enum RunEnd {
  /// All of the batch are executed.
  case done
  /// So much is written that it should be sent before the request at hand is executed.
  case full
  /// The request at hand should be executed alone, with `executeTimed`, and timed.
  case timed
  /// The request at hand has had an outcome other than a reply.
  case outcome(Outcome)
}

/// How a request is executed.
enum Way: UInt8, BitwiseCopyable {
  /// With all checks: one of them may not be passed, or the request is to be timed. Zero, so that it is what a request
  /// starts with.
  case careful
  /// Plainly: its row's checks are passed.
  case plain
  /// Plainly, and as what most requests are: by its row's function, but without the closure around it.
  case get, set, put

  /// How requests of a row are executed that pass its checks.
  init(_ command: Command) {
    switch "\(command.name)" {
    case "GET": self = .get
    case "SET": self = .set
    case "PUT": self = .put
    default: self = command.traits.contains(.copies) ? .careful : .plain
    }
  }
}

/// What is known of a request before it is executed.
struct PreparedRequest: BitwiseCopyable {
  /// The command's row, or −1 if there is none.
  let row: Int32
  let way: Way
}

extension CommandExecutor {
  /// Prepares the requests of a batch, whose input is `buffer`, for `executeRun`.
  public mutating func prepare(_ batch: borrowing RequestBatch, of buffer: borrowing ByteBuffer) {
    isCareful = pause.isOn || writeHold != .none || isLoading || isRoomShort(forBatchOf: buffer.count)
    let requests = batch.requests(of: buffer.span)
    for index in 0..<requests.count {
      var keyHash: UInt64 = 0
      prepared[index] = prepare(requests[index], &keyHash)
      keyHashes[index] = keyHash
    }
    // What has no key fetches something that nobody needs, which is cheaper than asking.
    if requests.count > 1 { keyspace.prefetch(keyHashes.span.extracting(..<requests.count)) }
  }

  /// Looks a request's verb up, hashes its first key, and makes the checks that need no look at the keyspace.
  @inline(__always)
  private mutating func prepare(_ request: borrowing Request, _ keyHash: inout UInt64) -> PreparedRequest {
    let number = verbs.row(of: request)
    guard number >= 0 else { return PreparedRequest(row: -1, way: .careful) }
    let shape = rows[number].shape
    let row = Int32(truncatingIfNeeded: number)
    guard shape.takesOneKey, shape.accepts(wordCount: request.count), shape.traits.isDisjoint(with: settings.timed),
      shape.value == 0 || request[Int(shape.value)].count <= settings.valueBytesMax
    else { return prepareOther(request, row, &keyHash) }
    let key = request[1]
    keyHash = keyspace.hash(key)
    return PreparedRequest(row: row, way: key.count <= settings.keyBytesMax ? rows[number].way : .careful)
  }

  /// Prepares a request that does not have one key, or does not pass its row's checks.
  @inline(never)
  private func prepareOther(_ request: borrowing Request, _ row: Int32, _ keyHash: inout UInt64) -> PreparedRequest {
    let shape = shape(of: Int(row))
    let first = Int(shape.keys.first)
    if first != 0, first < request.count { keyHash = keyspace.hash(request[first]) }
    let isPlain =
      first == 0 && shape.value == 0 && shape.accepts(wordCount: request.count)
      && shape.traits.isDisjoint(with: settings.timed)
    return PreparedRequest(row: row, way: isPlain ? rows[Int(row)].way : .careful)
  }

  /// Executes the selected client's requests from `index` on, which is moved past each that is answered, and before
  /// `end`, until there are `repliesMax` bytes of replies.
  public mutating func executeRun(
    _ batch: borrowing RequestBatch, from index: inout Int, to end: Int, of buffer: borrowing ByteBuffer,
    repliesMax: Int
  ) -> RunEnd {
    let requests = batch.requests(of: buffer.span)
    let end = min(end, requests.count)
    while index < end {
      guard replies.buffer.count < repliesMax else { return .full }
      let request = prepared[index]
      let outcome: Outcome
      if request.way == .careful || isCareful || !clients[current].flags.isDisjoint(with: Client.Flags.special) {
        guard !isTimed(request) else { return .timed }
        outcome = executeCarefully(requests[index], Int(request.row), keyHashes[index])
      } else {
        outcome = executePlainly(requests[index], request, keyHashes[index])
      }
      guard case .replied = outcome else { return .outcome(outcome) }
      index &+= 1
    }
    return .done
  }

  @inline(__always)
  private mutating func executePlainly(
    _ request: borrowing Request, _ prepared: PreparedRequest, _ keyHash: UInt64
  ) -> Outcome {
    begin(Int(prepared.row), keyHash)
    if isGating { waitForWhatItSees(request, Int(prepared.row), keyHash) }
    switch prepared.way {
    case .get: return KeyCommands.get(request, &self)
    case .set: return SetCommand.set(request, &self)
    case .put: return KeyCommands.put(request, &self)
    case .plain, .careful: return rows[row].run(request, &self)
    }
  }

  /// Executes one of the selected client's requests, for which a run has ended.
  public mutating func executeTimed(
    _ batch: borrowing RequestBatch, _ index: Int, of buffer: borrowing ByteBuffer
  ) -> Outcome {
    executeCarefully(batch.requests(of: buffer.span)[index], Int(prepared[index].row), keyHashes[index])
  }

  private func isTimed(_ request: PreparedRequest) -> Bool {
    request.row >= 0 && !shape(of: Int(request.row)).traits.isDisjoint(with: settings.timed)
  }
}
