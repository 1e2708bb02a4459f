import Bytes
import Commands
import Reactor
import Store

// After a crash: which turn the server has gone back to, and whether it may have.

extension SimulatedPlatform {
  /// Whether a key that was recovered is what the model has.
  ///
  /// A key that had expired by some clock before the crash may be there or not: nobody could see it.
  private func isSame(_ key: Int, _ keyspace: borrowing Keyspace) -> Bool {
    let name = model.names[key]
    let hash = keyspace.hash(name.span)
    let isThere = keyspace.contains(name.span, hash: hash, now: .min)
    var expiry = Int64.max
    if isThere, case .at(let moment) = keyspace.expiry(of: name.span, hash: hash, now: .min) { expiry = moment }
    guard model.isPresent[key] else { return !isThere || expiry <= latestWall }
    guard isThere else { return model.expiries[key] <= latestWall }
    guard expiry == model.expiries[key],
      let value = keyspace.value(of: name.span, hash: hash, now: .min)
    else { return false }
    let wanted = model.values[key]
    return value.hasSameBytes(as: wanted.span)
  }

  private var teller: String {
    lastTelling.map { "\($0.request.verb) \($0.request.options.rawValue) of key \($0.request.keys[0])" } ?? "nobody"
  }

  private func difference(_ key: Int, _ keyspace: borrowing Keyspace) -> String {
    let name = model.names[key]
    let hash = keyspace.hash(name.span)
    let isThere = keyspace.contains(name.span, hash: hash, now: .min)
    let expiry = keyspace.expiry(of: name.span, hash: hash, now: .min).map { "\($0)" } ?? "none"
    return """
      it is \(isThere ? "there" : "absent"), expiry \(expiry); it should be \
      \(model.isPresent[key] ? "there" : "absent"), expiry \(model.expiries[key]), at \(latestWall) at the latest
      """
  }

  /// Finds the turn that the keyspace stands at, and goes on from there.
  mutating func adopt(_ keyspace: borrowing Keyspace) {
    var differing = Set<Int>()
    for key in model.names.indices where !isSame(key, keyspace) { differing.insert(key) }
    let present = differing
    while !differing.isEmpty {
      guard let turn = model.history.lastTurn else {
        let key = differing.min() ?? 0
        return fail(
          """
          after a \(wasPowerCut ? "power cut" : "kill") the keys are those of no turn from \(toldTurn), of which \
          somebody was told by \(teller), to \(trace.turn): \(present.count) differ from the last, \
          \(differing.count) from the first, key \(key) is one: \(difference(key, keyspace))
          """)
      }
      while model.history.lastTurn == turn, let change = model.history.takeLast() {
        model.isPresent[change.key] = change.wasPresent
        model.expiries[change.key] = change.expiry
        if change.wasPresent { model.values[change.key] = change.value }
        if isSame(change.key, keyspace) { differing.remove(change.key) } else { differing.insert(change.key) }
      }
      counts.lostTurns += 1
      let mayLose = plan.sync == .everysec && wasPowerCut
      if turn <= toldTurn, !mayLose {
        return fail("turn \(turn) is lost, and somebody was told of turn \(toldTurn) by \(teller)")
      }
    }
    for key in model.names.indices { takeOver(key, keyspace) }
    model.history.forget()
    wasPowerCut = false
    toldTurn = trace.turn
    turnTimes.removeAll()
  }

  /// Takes over what nobody could see before the crash: whether a key that had expired is there.
  private mutating func takeOver(_ key: Int, _ keyspace: borrowing Keyspace) {
    let name = model.names[key]
    let hash = keyspace.hash(name.span)
    let value = keyspace.value(of: name.span, hash: hash, now: .min)?.copiedBytes
    if value == nil { model.isPresent[key] = false }
    guard let value, !model.isPresent[key] else { return }
    model.isPresent[key] = true
    model.values[key] = value
    model.expiries[key] = .max
    if case .at(let moment) = keyspace.expiry(of: name.span, hash: hash, now: .min) { model.expiries[key] = moment }
  }
}
