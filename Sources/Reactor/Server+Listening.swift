import LinuxIO

// Opening the listening sockets, and the lines of the log that tell where and for how many.

extension Server where P: ~Copyable {
  mutating func startListening() throws(StartError) {
    do throws(SystemCallError) {
      try platform.watchSignals(token: EventSource.signal.token)
    } catch {
      throw StartError("cannot watch for signals: \(error)")
    }
    for point in configuration.listen {
      do throws(ListenError) {
        for listener in try platform.listen(on: point.address) {
          listeners.append(listener)
          listenerDialects.append(point.dialect)
        }
      } catch {
        closeListeners()
        throw StartError(error.description)
      }
    }
    for index in listeners.indices {
      do throws(SystemCallError) {
        let token = EventSource.listener(index).token
        try platform.watch(listeners[index].descriptor, token: token, interest: .readable)
      } catch {
        let address = listeners[index].address
        closeListeners()
        throw StartError("cannot watch \(address): \(error)")
      }
    }
  }

  mutating func closeListeners() {
    for listener in listeners { platform.stopListening(listener) }
    listeners = []
  }

  func announce(files: Int) {
    if let wanted = configuration.connectionsMax, wanted > connections.capacity {
      log.warning(
        "--max-connections cannot be met: the limit on open files is too low (raise it with ulimit -n)",
        metadata: [
          "wanted": "\(wanted)", "possible": "\(connections.capacity)", "missing": "\(wanted - connections.capacity)",
          "open-files": "\(files)",
        ])
    }
    for listener in listeners where !listener.address.isLocal && executor.settings.password.isEmpty {
      log.warning(
        "anyone who can reach this address can read and change all data: set --password-file",
        metadata: ["address": "\(listener.address)"])
    }
  }

  func announceReady() {
    var places = ""
    for (listener, dialect) in zip(listeners, listenerDialects) {
      let scheme = dialect.map { $0 == .line ? "line://" : "resp://" } ?? ""
      let place = "\(scheme)\(listener.address)"
      if !places.hasSuffix(place) { places += (places.isEmpty ? "" : ", ") + place }
    }
    let keeping =
      configuration.storage.map { "data is kept in \($0.directory)" }
      ?? "data is in memory only and is gone when the server stops"
    log.notice("ready on \(places) for up to \(connections.capacity) connections; \(keeping)")
  }
}
